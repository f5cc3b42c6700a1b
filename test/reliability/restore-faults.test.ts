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
				const tried = await tryRestore(folder, proxy.url, server.url, content, stop.signal);
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

/** The faults at every request of both ways, in turn: in the soak, `soak` of them at each request. */
function atEach(
	faults: readonly NamedFault[],
	soak: number,
	howOften: 'once' | 'from there on',
	step: number,
	more: (proxy: FaultProxy, nth: number, stop: AbortController) => void = () => {},
): FaultCase[] {
	const cases: FaultCase[] = [];
	let turn = 0;
	for (const way of ['create', 'adopt'] as const)
		for (let nth = 1; nth <= given[way].requests; nth += isSoak ? 1 : step)
			for (let each = 0; each < (isSoak ? soak : 1); each++) {
				const [name, fault] = faults[turn++ % faults.length] as NamedFault;
				cases.push(
					intoTarget(
						way,
						`${name}, ${howOften}, at request ${nth} of ${given[way].requests}`,
						['exact', 'resumed'],
						(proxy, stop) => {
							if (howOften === 'once') proxy.strike(nth, fault);
							else proxy.strike((seen) => seen.nth >= nth, fault, EVER);
							more(proxy, nth, stop);
						},
					),
				);
			}
	return cases;
}

const PROMISED = 'exact, or stopped with a target in which --resume ends exact';

describeWithShared('a restore into a database that fails on the way', () => {
	it.each([
		['HTTP status 429, 500, 502 and 503', 'in place of the answer, the work done or not', STATUSES, 6],
		['the connection or the answer is cut', 'before the request, before the answer, and in its middle', CUTS, 4],
		['a page of HTML instead of an answer', 'with status 200 and 502, and after a redirection', PAGES, 2],
		['an answer that is not of the protocol', 'whole JSON in which something is missing or odd', MISFITS, 6],
	] as const)(
		'%s',
		async (fault, provoked, faults, soak) => {
			const tally = new Tally({
				area: 'Restore',
				fault,
				provoked: `by a proxy, at every request, once and from there on: ${provoked}`,
				promised: PROMISED,
			});
			const cases = [...atEach(faults, soak, 'once', 2), ...atEach(faults, Math.ceil(soak / 2), 'from there on', 7)];
			await runCases(tally, cases);
		},
		LIMIT_MS,
	);
});
