import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { execute, Fixtures } from '../support/fixtures';
import { describeWithShared } from '../support/fixtures-fidelity';
import { casesOf, type Outcome, Tally } from '../support/tally';
import {
	type Content,
	contentOf,
	type FaultCase,
	HeldTime,
	runCases,
	SOURCE,
	type Tried,
	tryBackup,
} from './database-cases';
import { CUTS, MISFITS, type NamedFault, PAGES, SLOWNESS, STALLS, STATUSES } from './wire-faults';

const LIMIT_MS = casesOf(180_000, 1_200_000);
const EVER = Number.POSITIVE_INFINITY;
const isSoak = casesOf(0, 1) === 1;

const fixtures = new Fixtures();
let sourceUrl: string;
let content: Content;
/** How many requests a backup takes that nothing is done to. */
let requests: number;

beforeAll(async () => {
	sourceUrl = (await fixtures.sqld()).url;
	await execute(sourceUrl, ...SOURCE);
	content = await contentOf(sourceUrl);
	let proxy: FaultProxy | undefined;
	const tried = await throughProxy((it) => {
		proxy = it;
	});
	expect([tried.outcome, tried.story]).toEqual(['exact', 'done']);
	await tried.close();
	requests = proxy?.requests as number;
	// Connecting, asking how it writes values, the schema, the first pages together, further pages, and the end.
	expect(requests).toBeGreaterThanOrEqual(9);
});
afterAll(() => fixtures.close());

/** A backup through a proxy that has been told what to do. */
async function throughProxy(prepare: (proxy: FaultProxy, context: HeldTime) => void): Promise<Tried> {
	const proxy = await startFaultProxy(sourceUrl);
	const context = new HeldTime();
	try {
		prepare(proxy, context);
		return await tryBackup(proxy.url, [content], { context });
	} finally {
		await proxy.close();
	}
}

const EVERY = () => Array.from({ length: requests }, (_, at) => at + 1);
/** Connecting, a page, the last. */
const KINDS = () => [1, requests - 2, requests];

/** Each fault at the request of each number. */
function at(
	numbers: readonly number[],
	faults: readonly NamedFault[],
	howOften: 'once' | 'from there on',
	may: readonly Outcome[],
	more: (proxy: FaultProxy, nth: number, context: HeldTime) => void = () => {},
): FaultCase[] {
	return faults.flatMap(([name, fault]) =>
		numbers.map((nth) => ({
			name: `${name}, ${howOften}, at request ${nth} of ${requests}`,
			may,
			run: () =>
				throughProxy((proxy, context) => {
					if (howOften === 'once') proxy.strike(nth, fault);
					else proxy.strike((seen) => seen.nth >= nth, fault, EVER);
					more(proxy, nth, context);
				}),
		})),
	);
}

describeWithShared('a backup of a database that fails on the way', () => {
	it.each([
		['HTTP status 429, 500, 502 and 503', 'in place of the answer, with nothing, a text, or an error code', STATUSES],
		['the connection or the answer is cut', 'before the request, before the answer, and in its middle', CUTS],
		['a page of HTML instead of an answer', 'with status 200 and 502, and after a redirection', PAGES],
		['an answer that is not of the protocol', 'whole JSON in which something is missing or odd', MISFITS],
	])(
		'%s',
		async (fault, provoked, faults) => {
			const tally = new Tally({
				area: 'Database',
				fault,
				provoked: `by a proxy, at the first request, a page, the last, and those between: ${provoked}`,
				promised: 'once: a correct backup; from there on: a failure that names step, cause and remedy',
			});
			// A COMMIT has no rows that could be missing.
			const may: readonly Outcome[] = faults === MISFITS ? ['refused', 'exact'] : ['refused'];
			const once = at(isSoak || faults === CUTS ? EVERY() : KINDS(), faults, 'once', ['exact']);
			const inTurn = (nth: number) => (isSoak ? EVERY() : [KINDS()[nth % 3] as number]);
			const forEver = faults.flatMap((each, nth) => at(inTurn(nth), [each], 'from there on', may));
			await runCases(tally, [...once, ...forEver], sourceUrl);
		},
		LIMIT_MS,
	);

	it(
		'nothing comes any more',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'the connection stalls',
				provoked: 'by a proxy, at every request: nothing comes of the answer, or only half',
				promised: 'at the deadline: a failure that names the step, and nothing left',
			});
			const endTime = (proxy: FaultProxy, stalled: number, context: HeldTime) => {
				proxy.onRequest = ({ nth }) => {
					if (nth === stalled) setTimeout(() => context.endTime(), 50);
				};
			};
			const cases = at(EVERY(), STALLS, 'once', ['refused'], endTime);
			await runCases(
				tally,
				cases.map((each) => ({ ...each, code: 'DEADLINE_NEAR' as const })),
				sourceUrl,
			);
		},
		LIMIT_MS,
	);

	it.runIf(isSoak)(
		'nothing comes for longer than an answer may take',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'the connection stalls, with time left',
				provoked: 'by a proxy, at each kind of request: nothing comes of the answer, or only half, for two minutes',
				promised: 'a correct backup, by another try',
			});
			await runCases(tally, at(KINDS(), STALLS, 'once', ['exact']), sourceUrl, 6);
		},
		LIMIT_MS,
	);

	it(
		'answers are slow',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'answers are slow',
				provoked: 'by a proxy, at every request: late, and by little and little',
				promised: 'a correct backup',
			});
			const cases = [...at(EVERY(), SLOWNESS, 'once', ['exact']), ...at([1], SLOWNESS, 'from there on', ['exact'])];
			await runCases(tally, cases, sourceUrl);
		},
		LIMIT_MS,
	);

	it(
		'an answer is one to another request',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'an answer to another request',
				provoked: 'by a proxy: each request is answered as each one before it was, with the cursor that was expected',
				promised: 'it is noticed, and the backup is correct',
			});
			const pairs = EVERY().flatMap((nth) => EVERY().map((other) => [nth, other] as const));
			const earlier = pairs.filter(([nth, other]) => other < nth && (isSoak || (nth + other) % 3 === 0));
			const cases = earlier.map(([nth, other]): FaultCase => {
				let answer: Buffer;
				return {
					name: `request ${nth} is answered as ${other} was`,
					may: ['exact'],
					run: () =>
						throughProxy((proxy) => {
							proxy.strike(other, { kind: 'rewrite', body: (own) => (answer = own) });
							proxy.strike(nth, {
								kind: 'rewrite',
								body: (own) => {
									const { baton } = JSON.parse(own.toString());
									return Buffer.from(JSON.stringify({ ...JSON.parse(answer.toString()), baton }));
								},
							});
						}),
				};
			});
			await runCases(tally, cases, sourceUrl);
		},
		LIMIT_MS,
	);

	it('a wait that was asked for is kept', async () => {
		for (const [header, lowest, highest] of [
			['7', 7_000, 7_000],
			[new Date(Date.now() + 30_000).toUTCString(), 0, 30_000],
		] as const) {
			let waits: readonly number[] = [];
			const tried = await throughProxy((proxy, context) => {
				proxy.strike(3, { kind: 'status', status: 429, headers: { 'retry-after': header } });
				waits = context.waits;
			});
			await tried.close();
			expect([tried.outcome, tried.story, waits.length]).toEqual(['exact', 'done', 1]);
			expect(waits[0]).toBeGreaterThanOrEqual(lowest);
			expect(waits[0]).toBeLessThanOrEqual(highest);
		}
	});

	it('a wait of an hour is not', async () => {
		const tried = await throughProxy((proxy) =>
			proxy.strike(3, { kind: 'status', status: 429, headers: { 'retry-after': '3600' } }),
		);
		await tried.close();
		expect(tried.error).toMatchObject({ code: 'DATABASE_UNREACHABLE', data: { status: 429, retryAfterMs: 3_600_000 } });
	});
});
