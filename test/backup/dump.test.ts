import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dump } from '../../lib/backup/dump';
import { proveByRestore } from '../../lib/backup/prove';
import { verifyBackup } from '../../lib/backup/verify-backup';
import { LifeboatError } from '../../lib/core/errors';
import { dumpOf, execute, Fixtures, type HeldDump, quick, stream } from '../support/fixtures';

const count = (n: number) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})`;

describe('a dump', () => {
	const fixtures = new Fixtures();
	let url: string;
	let held: HeldDump;
	beforeAll(async () => {
		url = await fixtures.fileUrl();
		await execute(
			url,
			'CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB, r REAL)',
			`INSERT INTO t ${count(3_000)} SELECT i, randomblob(100), i / 7.0 FROM n`,
			'CREATE TABLE u(a UNIQUE, b)',
			"INSERT INTO u VALUES ('x', -0.0), (NULL, 9e999)",
			'CREATE VIEW w AS SELECT * FROM u',
			'PRAGMA user_version = 7',
		);
		held = await dumpOf(await fixtures.open(url));
	});
	afterAll(() => fixtures.close());

	const options = { ...quick, id: 'backup-20261120T020000Z-7f3a', createdAt: quick.clock.now() };
	const stored = () => ({ bytes: held.dumped.storedBytes, sha256: held.dumped.storedSha256 });

	it('tells what it has written', async () => {
		const all = Buffer.concat(held.chunks);
		expect(held.dumped.storedBytes).toBe(all.length);
		expect(held.dumped.storedSha256).toBe(createHash('sha256').update(all).digest('hex'));
		const { counted, trailer, contents } = await verifyBackup(stream(held.chunks), null);
		expect(counted.plainBytes).toBe(held.dumped.plainBytes);
		expect(trailer).toEqual(held.dumped.encoded.trailer);
		expect(contents.header).toMatchObject({ id: options.id, userVersion: 7, createdAt: '2026-11-20T02:00:00.000Z' });
		expect(contents.tables.map(({ name, rows }) => [name, rows])).toEqual([
			['t', 3_000],
			['u', 2],
		]);
	});

	it('is the same bytes each time', async () => {
		const again = await dumpOf(await fixtures.open(url));
		expect(again.dumped.storedSha256).toBe(held.dumped.storedSha256);
	});

	it('passes the failure of its sink on, and tries nothing again for it', async () => {
		const failure = new LifeboatError('STORE_FULL', 'full');
		let calls = 0;
		const sink = async (body: AsyncIterable<Uint8Array>) => {
			calls++;
			for await (const _ of body) throw failure;
		};
		await expect(dump(await fixtures.open(url), sink, options)).rejects.toBe(failure);
		expect(calls).toBe(1);
		// What was open is closed: the next one finds the database free.
		await dumpOf(await fixtures.open(url));
	});

	it('does not take a sink that stops early for one that has stored it', async () => {
		const sink = async (body: AsyncIterable<Uint8Array>) => {
			for await (const _ of body) return;
		};
		await expect(dump(await fixtures.open(url), sink, options)).rejects.toThrow(TypeError);
	});

	it('stops with the reason of its signal', async () => {
		const controller = new AbortController();
		const reason = new LifeboatError('DEADLINE_NEAR', 'the time is over');
		const database = await fixtures.open(url, { signal: controller.signal });
		const dumping = dumpOf(database, { signal: controller.signal, onProgress: () => controller.abort(reason) });
		await expect(dumping).rejects.toBe(reason);
	});

	it('is proven by restoring it', async () => {
		const scratch = await fixtures.open(await fixtures.fileUrl(), { scratch: true });
		expect(await proveByRestore(stream(held.chunks), stored(), scratch, quick)).toEqual([]);
	});

	it('is not proven by other bytes than were stored', async () => {
		const scratch = await fixtures.open(await fixtures.fileUrl(), { scratch: true });
		const other = await dumpOf(await fixtures.open(url), { createdAt: new Date(0) });
		const proving = proveByRestore(stream(other.chunks), stored(), scratch, quick);
		await expect(proving).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
	});

	it('is not proven where its rows are not those of its digests, though it is what was stored', async () => {
		const plain = gunzipSync(Buffer.concat(held.chunks)).toString('latin1');
		const file = gzipSync(Buffer.from(plain.replace('"x",-0.0]', '"y",-0.0]'), 'latin1'));
		const sha256 = createHash('sha256').update(file).digest('hex');
		const scratch = await fixtures.open(await fixtures.fileUrl(), { scratch: true });
		const proving = proveByRestore(stream([file]), { bytes: file.length, sha256 }, scratch, quick);
		await expect(proving).rejects.toMatchObject({ code: 'PROOF_FAILED', data: { objects: ['u'] } });
	});

	it('is not proven by a database in which a single bit differs', async () => {
		const scratchUrl = await fixtures.fileUrl();
		const scratch = await fixtures.open(scratchUrl, { scratch: true });
		let snapshots = 0;
		const meddled = {
			...scratch,
			snapshot: async () => {
				if (snapshots++ === 0) await execute(scratchUrl, 'UPDATE u SET b = 0.0 WHERE a IS NOT NULL');
				return scratch.snapshot();
			},
		};
		const proving = proveByRestore(stream(held.chunks), stored(), meddled, quick);
		await expect(proving).rejects.toMatchObject({ code: 'PROOF_FAILED', data: { objects: ['u'] } });
	});

	it('is not whole if any part of it is gone or changed', async () => {
		const all = Buffer.concat(held.chunks);
		const damaged: Buffer[] = [all.subarray(0, 0), all.subarray(0, 10), all.subarray(0, all.length - 1)];
		for (let at = 10; at < all.length; at += Math.floor(all.length / 12)) {
			damaged.push(all.subarray(0, at));
			const flipped = Buffer.from(all);
			flipped[at] = (flipped[at] as number) ^ 1;
			damaged.push(flipped);
		}
		for (const bytes of damaged)
			await expect(verifyBackup(stream([bytes]), null)).rejects.toMatchObject({
				code: expect.stringMatching(/^(BACKUP_DAMAGED|FORMAT_UNKNOWN)$/),
			});
	});
});
