import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startNext } from '../support/next-server';
import { SECRETS } from '../support/secrets';
import { FOLDER, gist, givenApp, givenDatabase, SHOP_ROWS } from './deployment';

describe('who may call', () => {
	it('is told by name what is not set, or wrong', async () => {
		const next = await startNext({ CRON_SECRET: SECRETS.CRON_SECRET, BACKUP_PROOF: 'wrong-value', VERCEL: '1' });
		onTestFinished(() => next.close());
		const answer = await next.ask();
		expect(gist(answer)).toEqual([503, 'CONFIG_INVALID']);
		for (const variable of ['TURSO_DATABASE_URL', 'BACKUP_PROOF', 'BLOB_READ_WRITE_TOKEN'])
			expect(answer.body.error.message).toContain(variable);
		expect(answer.text).not.toContain('wrong-value');
	});
});

describe('a nightly backup', () => {
	it('is counted dry, made once a day, and then skipped', async () => {
		const sqld = await givenDatabase();
		const { next, blob, names, manifests, leaseIsFree } = await givenApp(sqld.url);

		const dry = await next.ask({ query: '?dryRun=1' });
		expect(gist(dry)).toEqual([200, 'dry-run']);
		expect(dry.body.rows).toBe(SHOP_ROWS);
		expect(dry.body.tables).toContainEqual({ name: 'users', rows: 3 });
		expect(names()).toEqual([]);
		expect(blob.requests.put).toBe(0);

		const done = await next.ask({ headers: { 'x-vercel-cron-schedule': '0 2 * * *' } });
		expect(gist(done)).toEqual([200, 'done']);
		const [manifest, ...others] = await manifests();
		expect(others).toEqual([]);
		expect(done.body.backup).toMatchObject({
			id: manifest?.id,
			rows: SHOP_ROWS,
			sha256: manifest?.object.sha256,
			proof: 'restored',
			notes: [],
			omittedRows: 0,
			sweptObjects: 0,
		});
		const day = manifest?.createdAt.slice(0, 10);
		expect(manifest).toMatchObject({
			trigger: { kind: 'cron', day },
			proof: { kind: 'restored', notes: [] },
			only: null,
		});
		expect(names()).toEqual([`${manifest?.id}.json`, `${manifest?.id}.ndjson.gz`, 'lease.json']);
		expect(blob.objects.every(({ pathname }) => pathname.startsWith(FOLDER))).toBe(true);
		expect(await leaseIsFree()).toBe(true);

		const before = blob.objects.map(({ etag }) => etag);
		const again = await next.ask();
		expect(gist(again)).toEqual([200, 'skipped']);
		expect(again.body.backup.id).toBe(manifest?.id);
		expect(blob.objects.map(({ etag }) => etag)).toEqual(before);
		expect(blob.cachedReads).toBe(0);
	});

	it('sweeps what failed runs have left, a day after', async () => {
		const sqld = await givenDatabase();
		const { next, blob, names } = await givenApp(sqld.url);
		const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000);
		await blob.place(`${FOLDER}backup-20260101T020000Z-aaaa.ndjson.gz`, 'old litter', ago(25));
		await blob.place(`${FOLDER}backup-20260101T020000Z-bbbb.ndjson.gz`, 'young litter', ago(23));
		await blob.place(`${FOLDER}backup-20260101T020000Z-cccc.json`, '{}', ago(25));
		await blob.place(`${FOLDER}backup-20260101T020000Z-cccc.ndjson.gz`, 'a backup', ago(25));
		await blob.place(`${FOLDER}backup-notes.ndjson.gz`, 'not ours', ago(25));
		await blob.place('backups/shop2/backup-20260101T020000Z-dddd.ndjson.gz', "another database's", ago(25));
		const answer = await next.ask();
		expect(gist(answer)).toEqual([200, 'done']);
		expect(answer.body.backup.sweptObjects).toBe(1);
		const left = names().filter((name) => !name.startsWith(answer.body.backup.id) && name !== 'lease.json');
		expect(left).toEqual([
			'backup-20260101T020000Z-bbbb.ndjson.gz',
			'backup-20260101T020000Z-cccc.json',
			'backup-20260101T020000Z-cccc.ndjson.gz',
			'backup-notes.ndjson.gz',
			'backup-20260101T020000Z-dddd.ndjson.gz',
		]);
	});

	it('goes into a local folder just so', async () => {
		const sqld = await givenDatabase();
		const folder = await mkdtemp(join(tmpdir(), 'lifeboat-e2e-'));
		onTestFinished(() => rm(folder, { recursive: true, force: true }));
		const next = await startNext({
			CRON_SECRET: SECRETS.CRON_SECRET,
			TURSO_DATABASE_URL: sqld.url,
			TURSO_AUTH_TOKEN: SECRETS.TURSO_AUTH_TOKEN,
			BACKUP_NAME: 'shop',
			BACKUP_LOCAL_DIR: join(folder, 'store'),
		});
		onTestFinished(() => next.close());
		expect(gist(await next.ask({ query: '?dryRun=true' }))).toEqual([200, 'dry-run']);
		expect(await readdir(folder)).toEqual([]);
		const done = await next.ask();
		expect(gist(done)).toEqual([200, 'done']);
		const { id } = done.body.backup;
		expect(done.body.backup).toMatchObject({ rows: SHOP_ROWS, proof: 'restored' });
		const files = (await readdir(join(folder, 'store/shop'))).sort();
		expect(files).toEqual([`${id}.json`, `${id}.ndjson.gz`, 'history.json', 'lease.json']);
		expect(gist(await next.ask())).toEqual([200, 'skipped']);
		expect((await readdir(join(folder, 'store/shop'))).sort()).toEqual(files);
	});
});

describe('the proof', () => {
	it('is whole for virtual tables', async () => {
		const sqld = await givenDatabase(
			"CREATE VIRTUAL TABLE notes USING fts5(body); INSERT INTO notes VALUES ('a word')",
		);
		const { next } = await givenApp(sqld.url);
		expect((await next.ask()).body.backup).toMatchObject({ proof: 'restored', notes: [] });
	});

	it('is read only, and says why, for a schema that is not run unasked', async () => {
		const sqld = await givenDatabase("CREATE VIEW notes AS SELECT load_extension('x')");
		const { next, manifests } = await givenApp(sqld.url);
		const answer = await next.ask();
		expect(gist(answer)).toEqual([200, 'done']);
		expect(answer.body.backup.proof).toBe('read');
		expect(answer.body.backup.notes).toEqual([expect.stringContaining('notes')]);
		expect((await manifests())[0]?.proof).toMatchObject({ kind: 'read', notes: answer.body.backup.notes });
	});

	it('is read only, and says why, where there is no room for a scratch database', async () => {
		const sqld = await givenDatabase();
		const { next, manifests } = await givenApp(sqld.url, { BACKUP_SCRATCH_DIR: '/nonexistent/scratch' });
		const answer = await next.ask();
		expect(gist(answer)).toEqual([200, 'done']);
		expect(answer.body.backup.proof).toBe('read');
		expect(answer.body.backup.notes).toEqual([expect.stringContaining('/nonexistent/scratch')]);
		expect((await manifests())[0]?.proof.kind).toBe('read');
	});

	it('is as light as the environment says', async () => {
		const sqld = await givenDatabase();
		const { next, manifests, blob } = await givenApp(sqld.url, { BACKUP_PROOF: 'none' });
		expect((await next.ask()).body.backup).toMatchObject({ proof: 'none', notes: [] });
		expect((await manifests())[0]?.proof.kind).toBe('none');
		// No data; its manifest, to see what is to be pruned, and the summary.
		expect(blob.requests.get).toBe(2);
	});
});
