import { afterEach, beforeAll, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { execute, Fixtures } from '../support/fixtures';
import { describeWithShared } from '../support/fixtures-fidelity';
import type { Sqld } from '../support/sqld';
import { casesOf, Tally } from '../support/tally';
import { type Content, contentOf, type FaultCase, runCases, SOURCE, tryBackup } from './database-cases';

const isSoak = casesOf(0, 1) === 1;
const LIMIT_MS = casesOf(180_000, 1_200_000);
/** sqld ends a stream that is not used for 10 s. */
const EXPIRED_MS = 11_500;
/** Rows of a table of more than a page. */
const WIDE = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)';

const fixtures = new Fixtures();
/** How many requests a backup takes; the snapshot begins with the third. */
let requests: number;
const BEGIN = 3;

beforeAll(async () => {
	const { server, contents } = await givenSource();
	requests = await withProxy(server, async (proxy) => {
		const tried = await tryBackup(proxy.url, contents);
		expect([tried.outcome, tried.story]).toEqual(['exact', 'done']);
		await tried.close();
		return proxy.requests;
	});
	await fixtures.close();
});
afterEach(() => fixtures.close());

/** A server of one's own, and what is in it. */
async function givenSource(): Promise<{ server: Sqld; contents: Content[] }> {
	const server = await fixtures.sqld();
	await execute(server.url, ...SOURCE);
	return { server, contents: [await contentOf(server.url)] };
}

async function withProxy<T>(server: Sqld, use: (proxy: FaultProxy) => Promise<T>): Promise<T> {
	const proxy = await startFaultProxy(server.url);
	try {
		return await use(proxy);
	} finally {
		await proxy.close();
	}
}

/** Connecting, the beginning of the snapshot, the schema, the first pages, a page, the last; in the soak, every one. */
const MOMENTS = () =>
	isSoak
		? Array.from({ length: requests }, (_, at) => at + 1)
		: [1, BEGIN, BEGIN + 2, requests - 4, requests - 2, requests];

describeWithShared('a backup of a database that changes on the way', () => {
	it(
		'the server is killed and started again',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'the server is restarted in the middle of the dump',
				provoked: 'SIGKILL and a new start of sqld, before each request',
				promised: 'a correct backup, by another try',
			});
			const { server, contents } = await givenSource();
			const cases = MOMENTS().map(
				(nth): FaultCase => ({
					name: `restarted before request ${nth}`,
					may: ['exact'],
					run: () =>
						withProxy(server, (proxy) => {
							proxy.onRequest = async (seen) => {
								if (seen.nth !== nth) return;
								await server.kill();
								await server.restart();
							};
							return tryBackup(proxy.url, contents);
						}),
				}),
			);
			await runCases(tally, cases, server.url, 1);
		},
		LIMIT_MS,
	);

	it(
		'the server is killed for good',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'the server goes away in the middle of the dump',
				provoked: 'SIGKILL of sqld, before each request',
				promised: 'a failure that names step, cause and remedy',
			});
			const { server, contents } = await givenSource();
			const cases = MOMENTS().map(
				(nth): FaultCase => ({
					name: `killed before request ${nth}`,
					may: ['refused'],
					code: 'DATABASE_UNREACHABLE',
					run: () =>
						withProxy(server, async (proxy) => {
							proxy.onRequest = async (seen) => {
								if (seen.nth === nth) await server.kill();
							};
							try {
								return await tryBackup(proxy.url, contents);
							} finally {
								await server.restart();
							}
						}),
				}),
			);
			await runCases(tally, cases, server.url, 1);
		},
		LIMIT_MS,
	);

	it(
		'the stream expires',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'stream expiry',
				provoked: 'a proxy holds a request of the snapshot back until sqld has ended its stream',
				promised: 'a correct backup, by another try',
			});
			const { server, contents } = await givenSource();
			const cases = MOMENTS()
				.filter((nth) => nth > BEGIN)
				.map(
					(nth): FaultCase => ({
						name: `held back: request ${nth}`,
						may: ['exact'],
						run: () =>
							withProxy(server, async (proxy) => {
								proxy.strike(nth, { kind: 'delay', ms: EXPIRED_MS });
								const tried = await tryBackup(proxy.url, contents);
								expect(tried.events).toContainEqual({ event: 'backup.again', error: 'DATABASE_LOST' });
								return tried;
							}),
					}),
				);
			await runCases(tally, cases, server.url);
		},
		LIMIT_MS,
	);

	it(
		'the wire is slow',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'a page takes longer than a stream may idle',
				provoked: 'a proxy lets 80 kB of a second pass of every answer, and a page has 1 MB',
				promised: 'a correct backup, by another try with smaller pages',
			});
			const { url } = await fixtures.sqld();
			await execute(url, 'CREATE TABLE wide(v)', `INSERT INTO wide ${WIDE} SELECT hex(randomblob(1000)) FROM n`);
			const contents = [await contentOf(url)];
			const run = async () => {
				const proxy = await startFaultProxy(url);
				proxy.strike(() => true, { kind: 'throttle', bytesPerSecond: 80_000 }, Number.POSITIVE_INFINITY);
				return tryBackup(proxy.url, contents).finally(() => proxy.close());
			};
			await runCases(tally, [{ name: 'at 80 kB a second', may: ['exact'], run }], url);
		},
		LIMIT_MS,
	);

	const CHANGES = [
		['a table dropped', 'DROP TABLE log'],
		['a table made', 'CREATE TABLE more(a)', "INSERT INTO more VALUES ('new')"],
		['a column added', "ALTER TABLE users ADD COLUMN born TEXT DEFAULT 'once'"],
		['a column dropped', 'DROP INDEX log_at', 'ALTER TABLE log DROP COLUMN at'],
		[
			'a table made anew by its name',
			'DROP TABLE keyed',
			'CREATE TABLE keyed(a, b, c)',
			'INSERT INTO keyed VALUES (1, 2, 3)',
		],
		['rows deleted and written', 'DELETE FROM users WHERE id % 2', "UPDATE log SET what = 'changed'"],
	] as const;

	it(
		'the schema changes between two tries',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'schema changed between two tries',
				provoked: 'another connection changes tables, and then a proxy cuts a request',
				promised: 'a correct backup of after the change',
			});
			const cases = CHANGES.flatMap(([name, ...statements]) =>
				MOMENTS()
					.filter((nth) => nth > BEGIN)
					.map(
						(nth): FaultCase => ({
							name: `${name}, after request ${nth} was cut`,
							may: ['exact'],
							run: async () => {
								const { server } = await givenSource();
								const contents: Content[] = [];
								return withProxy(server, (proxy) => {
									proxy.strike(nth, { kind: 'cut', at: 'request' });
									proxy.onRequest = async (seen) => {
										if (seen.nth !== nth) return;
										await execute(server.url, ...statements);
										contents.push(await contentOf(server.url));
									};
									return tryBackup(proxy.url, contents);
								});
							},
						}),
					),
			);
			await runCases(tally, cases);
		},
		LIMIT_MS,
	);

	it(
		'tables are dropped and altered in the middle of the dump',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'a table dropped, made or altered in the middle of the dump',
				provoked: 'another connection does it before each request',
				promised: 'a correct backup of the moment at which the snapshot began',
			});
			const cases = CHANGES.flatMap(([name, ...statements]) =>
				MOMENTS().map(
					(nth): FaultCase => ({
						name: `${name}, before request ${nth}`,
						may: ['exact'],
						run: async () => {
							const { server, contents } = await givenSource();
							return withProxy(server, (proxy) => {
								proxy.onRequest = async (seen) => {
									if (seen.nth !== nth) return;
									await execute(server.url, ...statements);
									if (nth <= BEGIN) contents.splice(0, 1, await contentOf(server.url));
								};
								return tryBackup(proxy.url, contents);
							});
						},
					}),
				),
			);
			await runCases(tally, cases);
		},
		LIMIT_MS,
	);
});
