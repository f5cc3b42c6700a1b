import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { startBlobServer } from '../support/blob-server';
import { runScript, startScript } from '../support/cli';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { describeWithRadosgw, type Radosgw, startRadosgw } from '../support/radosgw';
import { SECRETS } from '../support/secrets';
import { ROW_COUNT, SCHEMA, Workspace } from './workspace';

const workspace = Workspace.forFile();
const ALL =
	'SELECT id, name FROM users UNION ALL SELECT id, quote(total) FROM orders UNION ALL SELECT id, what FROM audit';

it('a copy that is set up wrongly is told of where it is named, and hinders nothing else', async () => {
	const env = {
		BACKUP_NAME: 'wrong',
		BACKUP_COPIES: 'offsite',
		BACKUP_S3_OFFSITE_BUCKET: 'my-backups',
		BACKUP_S3_OFFSITE_LOCKMODE: 'GOVERNANCE',
	};
	const run = (name: string, ...words: string[]) => workspace.run(name, [...words, '--json'], env);
	const made = await run('backup-turso', '--write');
	expect(made.exit).toBe(0);
	const listed = await run('list-backups');
	expect([listed.exit, listed.json().unreachable]).toEqual([0, ['offsite']]);
	expect(listed.stderr).toContain('BACKUP_S3_OFFSITE_LOCKMODE');
	for (const [name, ...words] of [
		['copy-backups'],
		['copy-backups', '--to', 'offsite', '--confirm'],
		['prune-backups', '--from', 'offsite'],
		['verify-backup', 'latest', '--from', 'offsite'],
	] as const) {
		const refused = await run(name, ...words);
		expect([refused.exit, refused.json().error.code]).toEqual([2, 'CONFIG_INVALID']);
	}
	expect((await run('verify-backup', 'latest')).json().status).toBe('whole');
});

describeWithRadosgw('scripts with a copy in a bucket', () => {
	let server: Radosgw;
	let proxy: FaultProxy;
	let env: Record<string, string>;
	let copyEnv: Record<string, string>;
	beforeAll(async () => {
		server = await startRadosgw();
		proxy = await startFaultProxy(server.url);
	}, 180_000);
	afterAll(async () => {
		await proxy?.close();
		await server?.close();
	});
	beforeEach(async () => {
		proxy.reset();
		copyEnv = {
			BACKUP_COPIES: 'offsite',
			BACKUP_S3_OFFSITE_ENDPOINT: proxy.url,
			BACKUP_S3_OFFSITE_BUCKET: await server.makeBucket(),
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: server.accessKeyId,
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: server.secretAccessKey,
		};
	});

	const run = async (name: string, words: readonly string[], given = env) => {
		const ran = await runScript(name, words, { cwd: workspace.folder, env: given });
		for (const secret of [server.secretAccessKey, server.accessKeyId])
			expect(ran.stdout + ran.stderr).not.toContain(secret);
		return ran;
	};

	it('restore from the copy when the region of the first store is down', async () => {
		const blob = await startBlobServer({ token: SECRETS.BLOB_READ_WRITE_TOKEN });
		onTestFinished(() => blob.close());
		env = { ...blob.env, ...copyEnv, BACKUP_NAME: 'cloud' };
		const made = await run('backup-turso', ['--write', '--upload', '--json']);
		const { id } = made.json().backup;
		const dry = await run('copy-backups', ['--json']);
		expect([dry.exit, dry.json()]).toMatchObject([0, { status: 'dry-run', copies: [{ missing: 1, copied: [] }] }]);
		const copied = await run('copy-backups', ['--confirm', '--json']);
		expect([copied.exit, copied.json()]).toMatchObject([0, { copies: [{ missing: 0, copied: [id] }] }]);
		const listed = await run('list-backups', ['--json']);
		expect(listed.json()).toMatchObject({
			unreachable: [],
			backups: [{ id, rows: ROW_COUNT, stores: ['primary', 'offsite', 'local'] }],
		});
		expect((await run('list-backups', [])).stdout).toMatch(/primary, offsite, local/);
		expect((await run('verify-backup', ['backup-20200101T000000Z-0000'])).exit).toBe(5);

		await blob.close();
		const restored = await run('restore-turso', ['latest', '--to', 'file:back.db', '--confirm', '--json']);
		expect([restored.exit, restored.json()]).toMatchObject([
			0,
			{ backup: id, where: expect.stringMatching(/^offsite: /) },
		]);
		expect(restored.stderr).toMatch(/could not look in primary/);
		expect(await workspace.rows('back.db', ALL)).toEqual(await workspace.rows('shop.db', ALL));
		const schema = 'SELECT sql FROM sqlite_schema ORDER BY type, name';
		expect(await workspace.rows('back.db', schema)).toEqual(await workspace.rows('shop.db', schema));

		const left = await run('list-backups', ['--json']);
		expect([left.exit, left.json()]).toMatchObject([0, { unreachable: ['primary'], backups: [{ id }] }]);
		const exported = await run('export-backup', [id, '--from', 'offsite', '--format', 'sql']);
		expect([exported.exit, exported.stderr]).toEqual([0, '']);
		expect(exported.stdout).toContain('CREATE TABLE users');
		const verified = await run('verify-backup', ['latest', '--from', 'offsite', '--json']);
		expect(verified.json()).toMatchObject({ status: 'whole', backup: id, hasManifest: true });

		const only = await run('verify-backup', [id, '--from', 'primary', '--json']);
		expect([only.exit, only.json().error.code]).toEqual([6, 'STORE_UNREACHABLE']);
		// It may lie where nobody can look.
		expect((await run('verify-backup', ['backup-20200101T000000Z-0000'])).exit).toBe(6);
		const nowhere = await run('verify-backup', [id, '--from', 'nowhere', '--json']);
		expect([nowhere.exit, nowhere.json().error.code]).toEqual([2, 'USAGE_INVALID']);
		expect((await run('verify-backup', ['./back.db', '--from', 'offsite'])).exit).toBe(2);
		// Eighteen scripts, four of which wait for a server that is gone.
	}, 240_000);

	it('tell of a copy that fails by the exit code', async () => {
		const local = { ...copyEnv, BACKUP_NAME: 'told' };
		await run('backup-turso', ['--write'], local);
		const wrong = { ...local, BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: 'notTheSecretAtAll0123456789' };
		const failed = await run('copy-backups', ['--confirm'], wrong);
		expect([failed.exit, failed.stdout]).toEqual([6, expect.stringContaining('STORE_REFUSED')]);
		expect(failed.stdout + failed.stderr).not.toContain('notTheSecretAtAll');
		expect((await run('copy-backups', ['--to', 'other'], local)).exit).toBe(2);
		expect((await run('copy-backups', [], { BACKUP_NAME: 'told' })).exit).toBe(2);
	});

	it('finish a copy in whose midst they were killed', async () => {
		await workspace.execute(
			'big.db',
			`${SCHEMA} CREATE TABLE bytes(b); INSERT INTO bytes VALUES (randomblob(3000000))`,
		);
		const local = { ...copyEnv, BACKUP_NAME: 'killed', TURSO_DATABASE_URL: 'file:big.db' };
		const made = await run('backup-turso', ['--write', '--json'], local);
		const { id } = made.json().backup;
		const started = startScript('copy-backups', ['--confirm'], { cwd: workspace.folder, env: local });
		proxy.onHalf = () => void started.child.kill('SIGKILL');
		expect((await started.ended).exit).toBeNull();
		proxy.onHalf = null;
		const nothing = await run('verify-backup', [id, '--from', 'offsite'], local);
		expect(nothing.exit).toBe(5);
		// Its lease would expire in half an hour.
		await rm(workspace.path('backups/killed/lease.json'));
		const again = await run('copy-backups', ['--confirm', '--json'], local);
		expect([again.exit, again.json()]).toMatchObject([0, { copies: [{ copied: [id], checked: 'read-back' }] }]);
		const whole = await run('verify-backup', [id, '--from', 'offsite', '--drill', '--json'], local);
		expect([whole.exit, whole.json().status]).toEqual([0, 'whole']);
		// Six scripts.
	}, 180_000);
});
