import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeManifest } from '../../lib/backup/manifest';
import { type BlobServer, startBlobServer } from '../support/blob-server';
import { recordOutput, SECRETS } from '../support/secrets';
import { ROW_COUNT, Workspace } from './workspace';

const workspace = Workspace.forFile();
const backup = (...words: string[]) => workspace.run('backup-turso', words);

/** The manifest at a path, valid, and its data beside it as it says. */
async function manifestAt(...names: string[]) {
	const bytes = await readFile(workspace.path(...names));
	recordOutput(names.join('/'), bytes.toString());
	const manifest = decodeManifest(bytes, names.join('/'));
	const data = await readFile(workspace.path(...names.slice(0, -1), manifest.object.name));
	expect(manifest.object.sha256).toBe(createHash('sha256').update(data).digest('hex'));
	return manifest;
}

describe('backup-turso', () => {
	it('counts, and writes nothing', async () => {
		const before = await workspace.files();
		const { exit, stdout, stderr } = await backup();
		expect([exit, stderr]).toEqual([0, '']);
		expect(stdout).toMatch(/users .* 3\b/);
		expect(stdout).toMatch(new RegExp(`total .* ${ROW_COUNT}\\b`));
		const asJson = await backup('--json');
		expect([asJson.exit, asJson.stderr]).toEqual([0, '']);
		expect(asJson.json()).toMatchObject({ status: 'dry-run', rows: ROW_COUNT });
		expect(asJson.json().tables).toContainEqual({ name: 'orders', rows: 2 });
		expect(await workspace.files()).toEqual(before);
	});

	it('writes a proven backup into backups/', async () => {
		const run = await backup('--write', '--json', '--label', 'before the move');
		expect([run.exit, run.stderr]).toEqual([0, '']);
		const { status, places, backup: summary } = run.json();
		expect(status).toBe('done');
		expect(summary).toMatchObject({ rows: ROW_COUNT, proof: 'restored', trigger: 'cli', day: null, omittedRows: 0 });
		expect(places).toEqual([workspace.path('backups/shop.db', `${summary.id}.ndjson.gz`)]);
		const manifest = await manifestAt('backups/shop.db', `${summary.id}.json`);
		expect(manifest).toMatchObject({ label: 'before the move', only: null, source: { location: 'file:shop.db' } });
		const again = await backup('--write');
		expect([again.exit, again.stderr]).toEqual([0, '']);
		expect(again.stdout).toContain('restored into a scratch database, and equal');
		expect((await workspace.files('backups/shop.db')).filter((name) => name.endsWith('.ndjson.gz'))).toHaveLength(2);
	});

	it('writes a file of its own, and never over another', async () => {
		const run = await backup('--out', 'out/../mine.ndjson.gz', '--proof', 'read', '--tables', 'users,audit', '--json');
		expect([run.exit, run.stderr]).toEqual([0, '']);
		expect(run.json().places).toEqual([workspace.path('mine.ndjson.gz')]);
		const manifest = await manifestAt('mine.json');
		expect(manifest).toMatchObject({ proof: { kind: 'read' }, only: ['users', 'audit'], rows: 6 });
		const before = await readFile(workspace.path('mine.ndjson.gz'));
		const again = await backup('--out', 'mine.ndjson.gz', '--json');
		expect([again.exit, again.json().error.code]).toEqual([6, 'STORE_EXISTS']);
		expect(await readFile(workspace.path('mine.ndjson.gz'))).toEqual(before);
	});

	it('does not take the name of a manifest that is there', async () => {
		await writeFile(workspace.path('other.json'), 'mine');
		const run = await backup('--out', 'other.ndjson.gz', '--json');
		expect([run.exit, run.json().error.code]).toEqual([6, 'STORE_EXISTS']);
		expect(await readFile(workspace.path('other.json'), 'utf8')).toBe('mine');
		expect(await workspace.files()).not.toContain('other.ndjson.gz');
	});

	it.concurrent.each([
		[['--upload'], 2, 'USAGE_INVALID'],
		[['--write', '--upload', '--out', 'x'], 2, 'USAGE_INVALID'],
		[['--proof', 'maybe'], 2, 'USAGE_INVALID'],
		[['--write', '--tables', 'nobody'], 2, 'USAGE_INVALID'],
		[['--write', '--upload'], 2, 'CONFIG_INVALID'],
		[['latest'], 2, 'USAGE_INVALID'],
	])('refuses %j', async (words, exit, code) => {
		const run = await backup(...words, '--json');
		expect([run.exit, run.json().error.code, run.stderr]).toEqual([exit, code, '']);
	});

	it('tells a mistyped file, a server that is down, and a lease that is held', async () => {
		const mistyped = { TURSO_DATABASE_URL: 'file:shpo.db' };
		for (const words of [['--json'], ['--json', '--write']]) {
			const run = await workspace.run('backup-turso', words, mistyped);
			expect([run.exit, run.json().error.code]).toEqual([5, 'DATABASE_NOT_FOUND']);
		}
		expect(await workspace.files()).not.toContain('shpo.db');
		const down = await workspace.run('backup-turso', ['--json'], { TURSO_DATABASE_URL: 'http://127.0.0.1:9' });
		expect([down.exit, down.json().error.code]).toEqual([6, 'DATABASE_UNREACHABLE']);
		const expiresAt = new Date(Date.now() + 60_000).toISOString();
		const lease = JSON.stringify({ holder: 'f', acquiredAt: expiresAt, expiresAt });
		await writeFile(workspace.path('backups/shop.db/lease.json'), lease);
		const held = await backup('--write', '--json');
		expect([held.exit, held.json().error.code]).toEqual([3, 'LEASE_HELD']);
		expect(await readFile(workspace.path('backups/shop.db/lease.json'), 'utf8')).toBe(lease);
	});
});

describe('backup-turso --upload', () => {
	let blob: BlobServer;
	beforeAll(async () => {
		blob = await startBlobServer({ token: SECRETS.BLOB_READ_WRITE_TOKEN });
	});
	afterAll(() => blob.close());

	it('puts it into the Blob store too, where it is listed and verified', async () => {
		const env = { ...blob.env, BACKUP_NAME: 'cloud' };
		const run = await workspace.run('backup-turso', ['--write', '--upload', '--json'], env);
		expect([run.exit, run.stderr]).toEqual([0, '']);
		const { id } = run.json().backup;
		expect(blob.objects.map(({ pathname }) => pathname)).toEqual([
			`backups/cloud/${id}.json`,
			`backups/cloud/${id}.ndjson.gz`,
			'backups/cloud/lease.json',
		]);
		const local = await readFile(workspace.path('backups/cloud', `${id}.ndjson.gz`));
		expect(await blob.contentOf(`backups/cloud/${id}.ndjson.gz`)).toEqual(local);
		expect(await workspace.files('backups/cloud')).toEqual([`${id}.json`, `${id}.ndjson.gz`]);
		const listed = await workspace.run('list-backups', ['--json'], env);
		expect(listed.json()).toMatchObject({
			where: expect.stringMatching(/^vercel-blob, /),
			backups: [{ id, rows: ROW_COUNT, stores: ['primary', 'local'] }],
		});
		const verified = await workspace.run('verify-backup', ['latest', '--json'], env);
		expect(verified.json()).toMatchObject({ status: 'whole', backup: id, where: 'vercel-blob', hasManifest: true });
	});

	it('keeps the local backup, and uploads no manifest, when what is read back is damaged', async () => {
		const env = { ...blob.env, BACKUP_NAME: 'damaged' };
		blob.fault({ on: 'get', name: /ndjson/, kind: 'corrupt' });
		const run = await workspace.run('backup-turso', ['--write', '--upload', '--json'], env);
		expect([run.exit, run.json().error.code]).toEqual([4, 'BACKUP_DAMAGED']);
		const uploaded = blob.objects.filter(({ pathname }) => pathname.startsWith('backups/damaged/backup-'));
		expect(uploaded.filter(({ pathname }) => pathname.endsWith('.json'))).toEqual([]);
		expect(await workspace.files('backups/damaged')).toHaveLength(2);
	});

	it('says that the store refuses', async () => {
		const wrong = `vercel_blob_rw_teststore0000000_${'x'.repeat(20)}`;
		const env = { ...blob.env, BACKUP_NAME: 'refused', BLOB_READ_WRITE_TOKEN: wrong };
		const run = await workspace.run('backup-turso', ['--write', '--upload', '--json'], env);
		expect([run.exit, run.json().error.code]).toEqual([6, 'STORE_REFUSED']);
		expect(run.stdout).not.toContain(wrong);
	});
});
