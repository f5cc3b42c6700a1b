import { readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { createClient } from '@libsql/client';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../lib/core/database-url';
import { LifeboatError } from '../../lib/core/errors';
import { libsqlEngine } from '../../lib/engine/libsql/index';
import { contentsOf, dumpOf, execute, Fixtures, rowsOf, TRANSPORTS } from '../support/fixtures';

/** What a failure says, with all that could be printed of it. */
async function failureOf(promise: Promise<unknown>): Promise<{ error: LifeboatError; printed: string }> {
	const error = await promise.then(
		() => null,
		(caught: unknown) => caught,
	);
	if (!(error instanceof LifeboatError)) throw new Error(`no error of ours: ${inspect(error)}`);
	return { error, printed: `${inspect(error, { depth: 10 })} ${JSON.stringify(error)} ${error.stack}` };
}

describe('opening a database', () => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());
	const open = (url: string) => libsqlEngine.open(parseDatabaseUrl(url), {});

	it('makes nothing at a mistyped path', async () => {
		const folder = await fixtures.folder();
		for (const name of ['missing.db', 'no folder/missing.db'])
			expect((await failureOf(open(pathToFileURL(join(folder, name)).href))).error.code).toBe('DATABASE_NOT_FOUND');
		expect((await failureOf(open(pathToFileURL(folder).href))).error.code).toBe('DATABASE_NOT_FOUND');
		expect(await readdir(folder)).toEqual([]);
	});

	it('makes a database where that was asked for, and not its folder', async () => {
		const folder = await fixtures.folder();
		const create = (name: string) =>
			libsqlEngine.open(parseDatabaseUrl(pathToFileURL(join(folder, name)).href), { create: true });
		await (await create('new ?#%.db')).close();
		expect(await readdir(folder)).toEqual(['new ?#%.db']);
		expect((await failureOf(create('none/new.db'))).error.code).toBe('DATABASE_NOT_FOUND');
	});

	it('refuses a file that is no database', async () => {
		const path = join(await fixtures.folder(), 'text.db');
		await writeFile(path, 'this is no database '.repeat(100));
		expect((await failureOf(open(pathToFileURL(path).href))).error.code).toBe('DATABASE_FAILED');
	});

	it('tells a port where nothing listens from a server', async () => {
		const port = await new Promise<number>((done) => {
			const server = createServer().listen(0, '127.0.0.1', () => {
				const address = server.address();
				server.close(() => done(typeof address === 'object' && address ? address.port : 0));
			});
		});
		expect((await failureOf(open(`http://127.0.0.1:${port}`))).error.code).toBe('DATABASE_UNREACHABLE');
	});

	it('says that a token was refused, and never which', async () => {
		const key = 'zBNLHTLpCwZNnRmfyDDrYzQMlRoTHgGQHI8LI3RpNqE';
		const { url } = await fixtures.sqld({
			prepare: (folder) => writeFile(join(folder, 'key'), key),
			args: ['--http-auth', `basic:${Buffer.from('user:pass').toString('base64')}`],
		});
		const token = 'eyJ0eXAiOiJKV1QifQ.c2VjcmV0LW9mLXRoZS10ZXN0.c2lnbmF0dXJl';
		for (const location of [`${url}?authToken=${token}`, url]) {
			const { error, printed } = await failureOf(open(location));
			expect(error.code).toBe('DATABASE_REFUSED');
			expect(printed).not.toContain(token);
			expect(printed).not.toContain('c2VjcmV0');
		}
	});

	it('stops when its signal aborts', async () => {
		const { url } = await fixtures.sqld();
		const controller = new AbortController();
		const database = await fixtures.open(url, { signal: controller.signal });
		const reason = new Error('stopped by the test');
		controller.abort(reason);
		await expect(database.snapshot()).rejects.toBe(reason);
		await expect(fixtures.open(url, { signal: controller.signal })).rejects.toBe(reason);
	});

	it('waits for a locked file, then says so', async () => {
		const url = await fixtures.fileUrl();
		await execute(url, 'PRAGMA journal_mode = DELETE', 'CREATE TABLE t(a)', 'INSERT INTO t VALUES (1)');
		const database = await fixtures.open(url);
		const writer = createClient({ url });
		const transaction = await writer.transaction('write');
		try {
			await transaction.execute('PRAGMA cache_size = 1');
			// An exclusive lock, as a writer takes to commit.
			await transaction.executeMultiple('COMMIT; BEGIN EXCLUSIVE');
			expect((await failureOf(dumpOf(database))).error.code).toBe('DATABASE_BUSY');
		} finally {
			transaction.close();
			writer.close();
		}
		expect((await contentsOf(await dumpOf(database))).tables.get('t')?.rows.length).toBe(1);
	});

	it.each(TRANSPORTS)('tells a database from others by its fingerprint, by %s', async (transport) => {
		const url = await fixtures.empty(transport);
		const [one, again] = [await fixtures.open(url), await fixtures.open(url)];
		const other = await fixtures.open(await fixtures.empty(transport));
		expect(one.info.fingerprint).toBe(again.info.fingerprint);
		expect(one.info.fingerprint).not.toBe(other.info.fingerprint);
		expect(one.info.location).toBe(
			transport === 'file' ? `file:${fileURLToPath(url).split('/').pop()}` : new URL(url).host,
		);
	});

	it('leaves a source file as it is', async () => {
		const url = await fixtures.fileUrl();
		await execute(url, 'PRAGMA journal_mode = DELETE', 'CREATE TABLE t(a)', 'INSERT INTO t VALUES (1)');
		const before = await stat(fileURLToPath(url), { bigint: true });
		await dumpOf(await fixtures.open(url));
		expect((await stat(fileURLToPath(url), { bigint: true })).mtimeNs).toBe(before.mtimeNs);
		expect(await rowsOf(url, 'PRAGMA journal_mode')).toEqual([['delete']]);
	});
});
