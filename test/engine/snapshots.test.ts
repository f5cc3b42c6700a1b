import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dump } from '../../lib/backup/dump';
import type { Cell } from '../../lib/format/values';
import { type SeenRequest, startFaultProxy } from '../support/fault-proxy';
import { contentsOf, dumpOf, execute, Fixtures, quick, restoreInto } from '../support/fixtures';
import type { Sqld } from '../support/sqld';

const count = (n: number) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})`;
const numbers = (rows: readonly (readonly Cell[])[] | undefined, column: number) =>
	(rows ?? []).map((row) => {
		const cell = row[column];
		return cell?.type === 'integer' ? Number(cell.value) : Number.NaN;
	});
const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);

/** A dump's options, and what a store would hold of it. `atFirstPart` may do something while the dump is under way. */
function recorder(afterBytes: number, meanwhile: () => Promise<void>) {
	const tries: Uint8Array[][] = [];
	const sink = async (body: AsyncIterable<Uint8Array>) => {
		const chunks: Uint8Array[] = [];
		tries.push(chunks);
		let bytes = 0;
		for await (const chunk of body) {
			chunks.push(chunk);
			bytes += chunk.byteLength;
			if (bytes >= afterBytes) {
				afterBytes = Number.POSITIVE_INFINITY;
				await meanwhile();
			}
		}
	};
	return { tries, sink };
}

describe('a snapshot of a server', () => {
	const fixtures = new Fixtures();
	let server: Sqld;
	/** About 40 MB of row text that hardly compresses: the dump is still under way when its first part is stored. */
	beforeAll(async () => {
		server = await fixtures.sqld();
		await execute(
			server.url,
			'CREATE TABLE a(id INTEGER PRIMARY KEY, amount INT)',
			`INSERT INTO a ${count(5_000)} SELECT i, 1000 FROM n`,
			'CREATE TABLE filler(id INTEGER PRIMARY KEY, v BLOB)',
			`INSERT INTO filler ${count(20_000)} SELECT i, randomblob(1000) FROM n`,
			'CREATE TABLE z(id INTEGER PRIMARY KEY, amount INT)',
			`INSERT INTO z ${count(5_000)} SELECT i, 1000 FROM n`,
		);
	});
	afterAll(() => fixtures.close());

	const options = { ...quick, id: 'backup-20261120T020000Z-7f3a', createdAt: quick.clock.now() };

	it('is one moment, whatever a writer moves between two tables meanwhile', async () => {
		const client = createClient({ url: server.url });
		let moving = true;
		let moved = 0;
		const writer = (async () => {
			while (moving) {
				await client.batch(
					[
						`UPDATE a SET amount = amount - 1 WHERE id = ${(moved % 5_000) + 1}`,
						`UPDATE z SET amount = amount + 1 WHERE id = ${(moved % 5_000) + 1}`,
					],
					'write',
				);
				moved++;
			}
		})();
		try {
			while (moved < 10) await sleep(5);
			const before = moved;
			let during = 0;
			const dumped = await dumpOf(await fixtures.open(server.url), {
				onProgress: () => {
					during = moved;
				},
			});
			expect(during).toBeGreaterThan(before);
			const { tables } = await contentsOf(dumped);
			const [a, z] = [tables.get('a')?.rows, tables.get('z')?.rows].map((rows) => sum(numbers(rows, 1)));
			expect(a).toBeLessThanOrEqual(5_000_000 - before);
			expect((a ?? 0) + (z ?? 0)).toBe(10_000_000);
		} finally {
			moving = false;
			await writer;
			client.close();
		}
	});

	it('outlives a store that stalls for longer than the server keeps an idle stream', async () => {
		const { tries, sink } = recorder(1, () => sleep(13_000));
		const dumped = await dump(await fixtures.open(server.url), sink, options);
		expect(tries.length).toBe(1);
		expect(dumped.encoded.trailer.rows).toBe(30_000);
	}, 90_000);

	it('outlives a wire that takes longer over two answers than the server keeps an idle stream', async () => {
		const proxy = await startFaultProxy(server.url);
		fixtures.closeAfter(() => proxy.close());
		const isOfPages = ({ body }: SeenRequest) => body.includes('sqlite_dbpage') && body.length > 2_000;
		proxy.strike(isOfPages, { kind: 'throttle', bytesPerSecond: 160_000 }, 2);
		const lost: unknown[] = [];
		const dumped = await dump(await fixtures.open(proxy.url), recorder(1, async () => {}).sink, {
			...options,
			onLost: (error) => lost.push(error),
		});
		expect(lost).toEqual([]);
		expect(dumped.encoded.trailer.rows).toBe(30_000);
	}, 90_000);

	it('starts over when the server was killed on the way, and the dump is right', async () => {
		const { tries, sink } = recorder(1, async () => {
			await server.kill();
			await server.restart();
		});
		const lost: unknown[] = [];
		const dumped = await dump(await fixtures.open(server.url), sink, {
			...options,
			onLost: (error) => lost.push(error),
		});
		expect(lost.length).toBe(1);
		expect(tries.length).toBe(2);
		await restoreInto(await fixtures.open(await fixtures.fileUrl()), { chunks: tries[1] ?? [] });
		const again = await dumpOf(await fixtures.open(server.url));
		expect(dumped.encoded.tables).toEqual(again.dumped.encoded.tables);
	});

	it('gives up after three tries', async () => {
		const { tries, sink } = recorder(1, () => server.kill());
		const lost: unknown[] = [];
		const database = await fixtures.open(server.url);
		const failed = dump(database, sink, { ...options, onLost: (error) => lost.push(error) });
		await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^DATABASE_(LOST|UNREACHABLE)$/) });
		expect(lost.length).toBe(3);
		// The server was gone before the second try could begin to store anything.
		expect(tries.length).toBe(1);
		await server.restart();
	});

	it('is lost with the server that is started again, which does not know it', async () => {
		const snapshot = await (await fixtures.open(server.url)).snapshot();
		await server.kill();
		await server.restart();
		const read = async () => {
			for await (const _ of snapshot.read());
		};
		await expect(read()).rejects.toMatchObject({ code: 'DATABASE_LOST' });
		await snapshot.close();
	});

	it('cannot be confirmed once it was lost', async () => {
		const database = await fixtures.open(server.url);
		const snapshot = await database.snapshot();
		await server.kill();
		await server.restart();
		await expect(snapshot.confirm()).rejects.toMatchObject({ code: 'DATABASE_LOST' });
		await snapshot.close();
		const again = await database.snapshot();
		await again.confirm();
		await again.close();
	});
});

describe('a snapshot of a file', () => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	it('does not see what is written after it was taken, nor a schema that changes', async () => {
		const url = await fixtures.fileUrl();
		await execute(
			url,
			'PRAGMA journal_mode = WAL',
			'CREATE TABLE t(v)',
			`INSERT INTO t ${count(3_000)} SELECT i FROM n`,
		);
		let written = false;
		const write = () => execute(url, 'DELETE FROM t', 'ALTER TABLE t ADD COLUMN w', 'CREATE TABLE later(a)');
		const chunks: Uint8Array[] = [];
		const database = await fixtures.open(url);
		const snapshot = await database.snapshot();
		for await (const event of snapshot.read()) {
			if (event.kind === 'rows') chunks.push(event.bytes);
			if (!written) await write();
			written = true;
		}
		await snapshot.confirm();
		await snapshot.close();
		expect(Buffer.concat(chunks).toString().split('\n').length).toBe(3_001);
		const { tables } = await contentsOf(await dumpOf(database));
		expect([...tables.keys()]).toEqual(['t', 'later']);
	});

	it('counts what it reads', async () => {
		const url = await fixtures.fileUrl();
		await execute(url, 'CREATE TABLE t(v)', 'INSERT INTO t VALUES (1), (2)', 'CREATE TABLE none(v)');
		const snapshot = await (await fixtures.open(url)).snapshot();
		const counted: unknown[] = [];
		for await (const one of snapshot.count()) counted.push(one);
		await snapshot.close();
		expect(counted).toEqual([
			{ name: 't', rows: 2 },
			{ name: 'none', rows: 0 },
		]);
	});
});
