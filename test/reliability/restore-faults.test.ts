import { afterAll, beforeAll, expect, it } from 'vitest';
import { LifeboatError } from '../../lib/core/errors';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { dumpOf, execute, Fixtures, migrate } from '../support/fixtures';
import { describeWithShared } from '../support/fixtures-fidelity';
import { startSqld } from '../support/sqld';
import { casesOf, type Outcome, Tally } from '../support/tally';
import { type Content, contentOf, type FaultCase, runCases } from './database-cases';
import { givenBackup, MIGRATED, MORE, type RestoreFolder, ROWS, tryRestore } from './restore-cases';
import { CUTS, MISFITS, type NamedFault, PAGES, SLOWNESS, STALLS, STATUSES } from './wire-faults';

const LIMIT_MS = casesOf(240_000, 1_500_000);
const EVER = Number.POSITIVE_INFINITY;
const isSoak = casesOf(0, 1) === 1;

/** Into an empty database, or into tables that an app has migrated. */
type Way = 'create' | 'adopt';
interface Given {
	readonly sourceUrl: string;
	readonly content: Content;
	readonly folder: RestoreFolder;
	/** How many requests a restore takes that nothing is done to. */
	requests: number;
}

const fixtures = new Fixtures();
const given = {} as Record<Way, Given>;

beforeAll(async () => {
	for (const way of ['create', 'adopt'] as const) {
		const sourceUrl = (await fixtures.sqld()).url;
		await execute(sourceUrl, ...MIGRATED, ...ROWS, ...(way === 'create' ? MORE : []));
		const folder = await givenBackup(await dumpOf(await fixtures.open(sourceUrl)));
		fixtures.closeAfter(() => folder.close());
		given[way] = { sourceUrl, content: await contentOf(sourceUrl), folder, requests: 0 };
		let proxy: FaultProxy | undefined;
		const { run } = intoTarget(way, 'nothing', ['exact'], (it) => {
			proxy = it;
		});
		const tried = await run();
		expect([tried.outcome, tried.story]).toEqual(['exact', 'done']);
		await tried.close();
		given[way].requests = proxy?.requests as number;
	}
}, 120_000);
afterAll(() => fixtures.close());

/** A restore into a server of its own, through a proxy that has been told what to do. */
function intoTarget(
	way: Way,
	name: string,
	may: readonly Outcome[],
	prepare: (proxy: FaultProxy, stop: AbortController, server: Awaited<ReturnType<typeof startSqld>>) => void,
): FaultCase {
	return {
		name: `${way}: ${name}`,
		may,
		run: async () => {
			const { folder, content } = given[way];
			const server = await startSqld();
			const proxy = await startFaultProxy(server.url);
			try {
				if (way === 'adopt') await migrate(server.url, [...MIGRATED]);
				const stop = new AbortController();
				prepare(proxy, stop, server);
				const tried = await tryRestore(folder, { faulty: proxy.url, sound: server.url, content, signal: stop.signal });
				return { ...tried, close: () => server.close() };
			} catch (error) {
				await server.close();
				throw error;
			} finally {
				await proxy.close();
			}
		},
	};
}

/**
 * The faults, in turn, at one of `step` requests of both ways from `first` on; in the soak, `soak` of them at every
 * request.
 */
function atEach(
	faults: readonly NamedFault[],
	{ soak, first, step }: { soak: number; first: number; step: number },
	howOften: 'once' | 'from there on',
	may: readonly Outcome[] = ['exact', 'resumed'],
	more: (proxy: FaultProxy, nth: number, stop: AbortController) => void = () => {},
): FaultCase[] {
	const cases: FaultCase[] = [];
	let turn = 0;
	for (const way of ['create', 'adopt'] as const)
		for (let nth = isSoak ? 1 : first; nth <= given[way].requests; nth += isSoak ? 1 : step)
			for (let each = 0; each < (isSoak ? soak : 1); each++) {
				const [name, fault] = faults[turn++ % faults.length] as NamedFault;
				cases.push(
					intoTarget(way, `${name}, ${howOften}, at request ${nth} of ${given[way].requests}`, may, (proxy, stop) => {
						if (howOften === 'once') proxy.strike(nth, fault);
						else proxy.strike((seen) => seen.nth >= nth, fault, EVER);
						more(proxy, nth, stop);
					}),
				);
			}
	return cases;
}

const PROMISED = 'exact, or stopped with a target in which --resume ends exact';

describeWithShared('a restore into a database that fails on the way', () => {
	it.each([
		['HTTP status 429, 500, 502 and 503', 'in place of the answer, the work done or not', STATUSES, 3, 1],
		['the connection or the answer is cut', 'before the request, before the answer, and in its middle', CUTS, 4, 2],
		['a page of HTML instead of an answer', 'with status 200 and 502, and after a redirection', PAGES, 1, 3],
		['an answer that is not of the protocol', 'whole JSON in which something is missing or odd', MISFITS, 3, 4],
	] as const)(
		'%s',
		async (fault, provoked, faults, soak, first) => {
			const tally = new Tally({
				area: 'Restore',
				fault,
				provoked: `by a proxy, at every request, once and from there on: ${provoked}`,
				promised: PROMISED,
			});
			// These four together strike every request.
			const cases = [
				...atEach(faults, { soak, first, step: 4 }, 'once'),
				...atEach(faults, { soak: 1, first: first * 4, step: 16 }, 'from there on'),
			];
			await runCases(tally, cases);
		},
		LIMIT_MS,
	);

	it(
		'the connection stalls',
		async () => {
			const tally = new Tally({
				area: 'Restore',
				fault: 'the connection stalls, and the restore is interrupted',
				provoked: 'by a proxy, at every request: nothing comes of the answer, or only half; then the signal of Ctrl-C',
				promised: 'stopped with a target in which --resume ends exact',
			});
			const stopThere = (proxy: FaultProxy, stalled: number, stop: AbortController) => {
				proxy.onRequest = ({ nth }) => {
					if (nth !== stalled) return;
					setTimeout(() => stop.abort(new LifeboatError('ABORTED', 'interrupted', { hint: 'say it again' })), 50);
				};
			};
			const cases = atEach(STALLS, { soak: 2, first: 2, step: 9 }, 'once', ['resumed'], stopThere);
			await runCases(
				tally,
				cases.map((each) => ({ ...each, code: 'ABORTED' as const })),
			);
		},
		LIMIT_MS,
	);

	it(
		'answers are slow',
		async () => {
			const tally = new Tally({
				area: 'Restore',
				fault: 'answers are slow',
				provoked: 'by a proxy, at every request: late, and by little and little',
				promised: 'exact',
			});
			const few = { soak: 2, first: 3, step: 19 };
			await runCases(tally, [
				...atEach(SLOWNESS, few, 'once', ['exact']),
				...atEach(SLOWNESS, { ...few, soak: 1, step: 40 }, 'from there on', ['exact']).slice(0, 4),
			]);
		},
		LIMIT_MS,
	);

	it(
		'the server is killed and started again',
		async () => {
			const tally = new Tally({
				area: 'Restore',
				fault: 'the server is restarted in the middle of the restore',
				provoked: 'SIGKILL and a new start of sqld, before each request',
				promised: PROMISED,
			});
			const cases = (['create', 'adopt'] as const).flatMap((way) =>
				Array.from({ length: given[way].requests }, (_, at) => at + 1)
					.filter((nth) => isSoak || nth % 14 === 5)
					.map((killed) =>
						intoTarget(way, `restarted before request ${killed}`, ['exact', 'resumed'], (proxy, _, server) => {
							proxy.onRequest = async ({ nth }) => {
								if (nth !== killed) return;
								await server.kill();
								await server.restart();
							};
						}),
					),
			);
			await runCases(tally, cases);
		},
		LIMIT_MS,
	);

	it(
		'we are not let in any more',
		async () => {
			const tally = new Tally({
				area: 'Restore',
				fault: 'the token expires, the plan is used up',
				provoked: 'by a proxy, from each request on: status 401, and 403 with the code BLOCKED',
				promised: 'stopped with a target in which --resume ends exact',
			});
			const refusals: NamedFault[] = [
				['401', { kind: 'status', status: 401, body: '{"error":"Unauthorized: `The JWT has expired`"}' }],
				['403', { kind: 'status', status: 403, body: '{"message":"Operation was blocked","code":"BLOCKED"}' }],
			];
			const cases = atEach(refusals, { soak: 2, first: 1, step: 8 }, 'from there on', ['resumed']);
			await runCases(
				tally,
				cases.map((each) => ({ ...each, code: 'DATABASE_REFUSED' as const })),
			);
		},
		LIMIT_MS,
	);
});
