import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { newKeyPair } from '../../lib/format/age-identity';
import { type BlobServer, startBlobServer } from '../support/blob-server';
import { runScript } from '../support/cli';
import { describeWithRadosgw, type Radosgw, startRadosgw } from '../support/radosgw';
import { type Sqld, startSqld } from '../support/sqld';

/** Many processes one after another, on a machine that is at work. */
const LONG = { timeout: 240_000 };
const TOKEN = (store: string) => `vercel_blob_rw_${store}_mediaTokenForTests`;
const MEDIA_TABLE = 'CREATE TABLE MediaAsset(id INTEGER PRIMARY KEY, url TEXT, blobPathname TEXT, alt TEXT)';
/** One of them has a name that no store of backups would take. */
const FILES = { 'img/a.png': 'the first', 'img/b c_ü#?.png': 'the second', 'c.bin': 'the third' };

interface Person {
	readonly cwd: string;
	readonly blob: BlobServer;
	readonly urls: Readonly<Record<string, string>>;
	run(name: string, words: readonly string[], env?: Record<string, string>): ReturnType<typeof runScript>;
	rows(sql?: string): Promise<unknown[][]>;
}

/** Variables for a store of media that is not that of the backups. */
function mediaEnv(blob: BlobServer, access: 'public' | 'private' = 'public'): Record<string, string> {
	const { BLOB_READ_WRITE_TOKEN: token, ...env } = blob.env;
	return { ...env, MEDIA_READ_WRITE_TOKEN: token as string, MEDIA_ACCESS: access };
}

async function startMedia(storeId: string, access: 'public' | 'private' = 'public'): Promise<BlobServer> {
	const blob = await startBlobServer({ storeId, token: TOKEN(storeId), access });
	onTestFinished(() => blob.close());
	return blob;
}

function urlOf(blob: BlobServer, pathname: string, access = 'public'): string {
	const path = pathname.split('/').map(encodeURIComponent).join('/');
	return `https://${blob.storeId}.${access}.blob.vercel-storage.com/${path}`;
}

/** A database with three media rows, their blobs, and a backup of it. */
async function givenPerson(database = 'file:shop.db'): Promise<Person> {
	const cwd = await mkdtemp(join(tmpdir(), 'lifeboat-media-'));
	onTestFinished(() => rm(cwd, { recursive: true, force: true }));
	const blob = await startMedia('oldstore');
	const urls = Object.fromEntries(Object.keys(FILES).map((name) => [name, urlOf(blob, name)]));
	const at = database.startsWith('file:') ? `file:${join(cwd, 'shop.db')}` : database;
	const withClient = async <T>(use: (client: ReturnType<typeof createClient>) => Promise<T>): Promise<T> => {
		const client = createClient({ url: at });
		return use(client).finally(() => client.close());
	};
	await withClient(async (client) => {
		await client.executeMultiple(`DROP TABLE IF EXISTS MediaAsset; ${MEDIA_TABLE}`);
		for (const [name, url] of Object.entries(urls))
			await client.execute({
				sql: 'INSERT INTO MediaAsset(url, blobPathname, alt) VALUES (?, ?, ?)',
				args: [url, name, 'an alt'],
			});
		// One without a file, and one whose file is somebody else's.
		await client.execute("INSERT INTO MediaAsset(url) VALUES (NULL), ('https://example.com/x.png')");
	});
	for (const [name, content] of Object.entries(FILES)) await blob.place(name, content);
	const common = { ...mediaEnv(blob), TURSO_DATABASE_URL: database, BACKUP_NAME: 'shop' };
	return {
		cwd,
		blob,
		urls,
		run: (name, words, env = {}) => runScript(name, words, { cwd, env: { ...common, ...env } }),
		rows: (sql = 'SELECT url, blobPathname FROM MediaAsset WHERE blobPathname IS NOT NULL ORDER BY id') =>
			withClient(async (client) => {
				const { rows, columns } = await client.execute(sql);
				return rows.map((row) => columns.map((_, nth) => row[nth]));
			}),
	};
}

/** What a store holds, by pathname. */
async function contentsOf(blob: BlobServer): Promise<Record<string, string>> {
	const all: Record<string, string> = {};
	for (const { pathname } of blob.objects) all[pathname] = (await blob.contentOf(pathname)).toString();
	return all;
}

/** The whole scenario, with a mirror somewhere: mirrored; one blob deleted, one unknown; relinked; then the store lost. */
async function loseAndRelink(person: Person, mirror: string, env: Record<string, string>): Promise<void> {
	const { blob, run, rows, urls } = person;
	const dry = await run('mirror-media', [mirror, '--json'], env);
	expect([dry.exit, dry.json()]).toMatchObject([0, { status: 'dry-run', blobs: 3, added: 3 }]);
	const mirrored = await run('mirror-media', [mirror, '--confirm', '--json'], env);
	expect([mirrored.exit, mirrored.json()]).toMatchObject([0, { status: 'done', added: 3, changed: 0, failed: 0 }]);
	const again = await run('mirror-media', [mirror, '--confirm', '--json'], env);
	expect(again.json()).toMatchObject({ blobs: 3, added: 0, changed: 0 });

	const before = await rows();
	blob.clear('img/a.png', 'c.bin');
	await blob.place('nobody/knows.png', 'unknown');
	const checked = await run('check-media', ['--database', '--json'], env);
	expect([checked.exit, checked.json()]).toMatchObject([4, { present: 2, missing: 1, unknown: 1, others: 2 }]);
	expect(checked.json().findings).toMatchObject([
		{ kind: 'missing', pathname: 'img/b c_ü#?.png', rows: [{ table: 'MediaAsset' }] },
		{ kind: 'unknown', pathname: 'nobody/knows.png' },
	]);
	const planned = await run('relink-media', [mirror, '--json'], env);
	expect([planned.exit, planned.json()]).toMatchObject([0, { status: 'dry-run', uploaded: 1, relinked: 0, lost: 0 }]);
	expect(Object.keys(await contentsOf(blob))).not.toContain('img/b c_ü#?.png');
	const relinked = await run('relink-media', [mirror, '--confirm', '--json'], env);
	expect([relinked.exit, relinked.json()]).toMatchObject([0, { status: 'done', uploaded: 1, relinked: 0, lost: 0 }]);
	expect(await contentsOf(blob)).toEqual({ ...FILES, 'nobody/knows.png': 'unknown' });
	// The same store gives the same name the same URL.
	expect(await rows()).toEqual(before);
	const nothing = await run('relink-media', [mirror, '--confirm'], env);
	expect([nothing.exit, nothing.stdout]).toEqual([0, expect.stringContaining('nothing to do')]);

	// The store is lost, and there is a new one.
	const fresh = await startMedia('newstore');
	await fresh.place('c.bin', FILES['c.bin']);
	const moved = { ...env, ...mediaEnv(fresh) };
	const lost = await run('check-media', ['latest', '--json'], moved);
	expect([lost.exit, lost.json()]).toMatchObject([4, { missing: 2, elsewhere: 1, unknown: 0 }]);
	const back = await run('relink-media', [mirror, '--confirm', '--json'], moved);
	expect([back.exit, back.json()]).toMatchObject([0, { uploaded: 2, relinked: 1, lost: 0, updated: 3 }]);
	expect(await contentsOf(fresh)).toEqual(FILES);
	expect(await rows()).toEqual(Object.keys(urls).map((name) => [urlOf(fresh, name), name]));
	const others = await rows('SELECT url FROM MediaAsset WHERE blobPathname IS NULL ORDER BY id');
	expect(others).toEqual([[null], ['https://example.com/x.png']]);
	const done = await run('relink-media', [mirror, '--json'], moved);
	expect([done.exit, done.json()]).toMatchObject([0, { uploaded: 0, relinked: 0, lost: 0 }]);
	expect((await run('check-media', ['--database', '--json'], moved)).exit).toBe(0);
}

describe('media', LONG, () => {
	it('are inventoried, checked, mirrored in a folder and relinked from it', async () => {
		const person = await givenPerson();
		const { run, cwd } = person;
		const made = await run('backup-turso', ['--write', '--json']);
		expect([made.exit, made.json().backup]).toMatchObject([0, { mediaRows: 5 }]);
		const { id } = made.json().backup;
		expect(await readdir(join(cwd, 'backups/shop'))).toContain(`${id}.media.ndjson.gz`);
		const clean = await run('check-media', ['--json']);
		expect([clean.exit, clean.json()]).toMatchObject([0, { what: id, rows: 5, present: 3, missing: 0, others: 2 }]);
		await loseAndRelink(person, './mirror', {});
		expect(await readFile(join(cwd, 'mirror/img/a.png'), 'utf8')).toBe('the first');
	});

	it('are relinked on a server', async () => {
		const sqld: Sqld = await startSqld();
		onTestFinished(() => sqld.close());
		const person = await givenPerson(sqld.url);
		await person.run('backup-turso', ['--write']);
		await loseAndRelink(person, './mirror', {});
	});

	it('that have changed are kept beside what was there, and the newest is brought back', async () => {
		const { blob, run, cwd } = await givenPerson();
		await run('mirror-media', ['./mirror', '--confirm']);
		await blob.place('c.bin', 'another', new Date(Date.now() + 5_000));
		const changed = await run('mirror-media', ['./mirror', '--confirm', '--json']);
		expect(changed.json()).toMatchObject({ added: 0, changed: 1 });
		expect((await run('mirror-media', ['./mirror', '--json'])).json()).toMatchObject({ added: 0, changed: 0 });
		const names = (await readdir(join(cwd, 'mirror'))).filter((name) => name.startsWith('c.bin'));
		expect(names).toHaveLength(2);
		blob.clear('img/a.png', 'img/b c_ü#?.png');
		await run('mirror-media', ['./mirror', '--confirm']);
		expect(await readFile(join(cwd, 'mirror/c.bin'), 'utf8')).toBe('the third');
		expect((await run('relink-media', ['./mirror', '--confirm', '--json'])).json()).toMatchObject({ uploaded: 1 });
		expect((await blob.contentOf('c.bin')).toString()).toBe('another');
	});

	it('that no mirror has are told, and the others brought back', async () => {
		const { blob, run, cwd, rows } = await givenPerson();
		await mkdir(join(cwd, 'given/img'), { recursive: true });
		// A folder that was filled by other means.
		await writeFile(join(cwd, 'given/img/a.png'), 'the first');
		blob.clear();
		const before = await rows();
		const half = await run('relink-media', ['given', '--confirm', '--json']);
		expect([half.exit, half.json()]).toMatchObject([4, { uploaded: 1, lost: 2, error: { code: 'MEDIA_MISSING' } }]);
		expect(await contentsOf(blob)).toEqual({ 'img/a.png': 'the first' });
		expect(await rows()).toEqual(before);
		for (const name of ['relink-media', 'mirror-media']) {
			const slip = await run(name, ['givne', '--confirm', '--json']);
			expect([slip.exit, slip.json().error.code]).toEqual([2, 'USAGE_INVALID']);
		}
		expect(existsSync(join(cwd, 'givne'))).toBe(false);
	});

	it('in the store of the backups are told from them, and a private store is one, too', async () => {
		const { run, cwd } = await givenPerson();
		const blob = await startMedia('onestore', 'private');
		for (const [name, content] of Object.entries(FILES)) await blob.place(name, content);
		const { MEDIA_READ_WRITE_TOKEN: token = '', ...env } = mediaEnv(blob, 'private');
		const one = { ...env, MEDIA_READ_WRITE_TOKEN: '', BLOB_READ_WRITE_TOKEN: token };
		await run('backup-turso', ['--write', '--upload'], one);
		expect(
			blob.objects.map(({ pathname }) => pathname).filter((name) => name.endsWith('.media.ndjson.gz')),
		).toHaveLength(1);
		const checked = await run('check-media', ['latest', '--from', 'primary', '--json'], one);
		// Of a store that was lost, by its URLs.
		expect([checked.exit, checked.json()]).toMatchObject([0, { elsewhere: 3, missing: 0, unknown: 0 }]);
		const mirrored = await run('mirror-media', ['./mirror', '--confirm', '--json'], one);
		expect(mirrored.json()).toMatchObject({ blobs: 3, added: 3 });
		expect((await readdir(join(cwd, 'mirror'))).sort()).toEqual(['c.bin', 'img']);
		blob.clear('img/a.png');
		const back = await run('relink-media', ['./mirror', '--confirm', '--json'], one);
		expect([back.exit, back.json()]).toMatchObject([0, { uploaded: 2, relinked: 1, updated: 3 }]);
		expect(await contentsOf(blob)).toEqual(FILES);
	});

	it('of a sealed backup are in a sealed inventory', async () => {
		const { run, cwd } = await givenPerson();
		const { recipient, identity } = await newKeyPair(false);
		const sealed = { BACKUP_AGE_RECIPIENTS: recipient };
		const { id } = (await run('backup-turso', ['--write', '--json'], sealed)).json().backup;
		const stored = await readFile(join(cwd, `backups/shop/${id}.media.ndjson.gz.age`));
		expect(stored.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
		const closed = await run('check-media', ['--json'], sealed);
		expect([closed.exit, closed.json().error.code]).toEqual([2, 'KEY_NEEDED']);
		const opened = await run('check-media', ['--json'], { ...sealed, BACKUP_AGE_IDENTITY: identity });
		expect([opened.exit, opened.json()]).toMatchObject([0, { rows: 5, present: 3, missing: 0 }]);
	});

	it('of a backup without an inventory are read from its rows; another inventory than was written is refused', async () => {
		const { run, cwd } = await givenPerson();
		const { id } = (await run('backup-turso', ['--write', '--json'], { BACKUP_MEDIA: 'none' })).json().backup;
		expect(await readdir(join(cwd, 'backups/shop'))).not.toContain(`${id}.media.ndjson.gz`);
		expect((await run('check-media', ['--json'])).json()).toMatchObject({ what: id, rows: 5, present: 3 });
		const out = await run('backup-turso', ['--out', 'one.ndjson.gz', '--json']);
		expect(out.exit).toBe(0);
		expect((await run('check-media', ['./one.ndjson.gz', '--json'])).json()).toMatchObject({ rows: 5, present: 3 });
		const inventory = await readFile(join(cwd, 'one.media.ndjson.gz'));
		inventory[20] = (inventory[20] as number) ^ 1;
		await writeFile(join(cwd, 'one.media.ndjson.gz'), inventory);
		const damaged = await run('check-media', ['./one.ndjson.gz', '--json']);
		expect([damaged.exit, damaged.json().error.code]).toEqual([4, 'BACKUP_DAMAGED']);
	});

	it('are looked for in the tables that are named, and what those lack is told', async () => {
		const { run } = await givenPerson();
		const named = { BACKUP_MEDIA: 'mediaasset(,BLOBPATHNAME,alt);Photo(url)' };
		const made = await run('backup-turso', ['--write', '--json'], named);
		expect(made.json().backup.mediaRows).toBe(5);
		const told = made.json().backup.coverage.notInBackup.map(({ what }: { what: string }) => what);
		expect(told).toContain('an inventory of Photo(url)');
		expect((await run('check-media', ['--json'], named)).json()).toMatchObject({ present: 3, others: 2 });
		const wrong = await run('check-media', ['--json'], { BACKUP_MEDIA: 'Photo' });
		expect([wrong.exit, wrong.json().error.data.variables]).toEqual([2, ['BACKUP_MEDIA']]);
	});
});

describeWithRadosgw('media in a bucket', () => {
	let server: Radosgw;
	let env: Record<string, string>;
	beforeAll(async () => {
		server = await startRadosgw();
	}, 180_000);
	afterAll(() => server?.close());
	beforeEach(async () => {
		env = {
			BACKUP_COPIES: 'offsite',
			BACKUP_S3_OFFSITE_ENDPOINT: server.url,
			BACKUP_S3_OFFSITE_BUCKET: await server.makeBucket(),
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: server.accessKeyId,
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: server.secretAccessKey,
		};
	});

	it('are mirrored there and relinked from there; their inventory is copied, too', async () => {
		const person = await givenPerson();
		const { run } = person;
		await run('backup-turso', ['--write'], env);
		const copied = await run('copy-backups', ['--confirm', '--json'], env);
		expect([copied.exit, copied.json()]).toMatchObject([0, { copies: [{ missing: 0 }] }]);
		expect((await run('copy-backups', ['--json'], env)).json()).toMatchObject({ copies: [{ missing: 0 }] });
		const there = await run('check-media', ['latest', '--from', 'offsite', '--json'], env);
		expect([there.exit, there.json()]).toMatchObject([0, { rows: 5, present: 3 }]);
		await loseAndRelink(person, 'offsite', env);
		// The mirror beside the backups is none of theirs.
		expect((await run('sweep', ['--from', 'offsite', '--json'], env)).json().found).toEqual([]);
		expect((await run('list-backups', ['--from', 'offsite', '--json'], env)).json().backups).toHaveLength(1);
	}, 240_000);
});
