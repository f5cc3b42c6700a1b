import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runScript } from '../support/cli';
import { CHINOOK, describeWithShared } from '../support/fixtures-fidelity';
import { givenListener } from '../support/listener';
import { startSqld } from '../support/sqld';
import { ROW_COUNT, Workspace } from './workspace';

const workspace = Workspace.forFile();
const FOLDER = 'backups/shop.db';
let id: string;

beforeAll(async () => {
	id = (await workspace.run('backup-turso', ['--write', '--json'])).json().backup.id;
});

const reports = async () => (await workspace.files(FOLDER)).filter((name) => name.startsWith('drill-'));

/** Up to ten processes one after another, on a machine that is at work. */
const LONG = { timeout: 180_000 };

describe('drill', LONG, () => {
	it('prints what it measured, and keeps it', async () => {
		const run = await workspace.run('drill', []);
		expect([run.exit, run.stderr]).toEqual([0, '']);
		expect(run.stdout).toMatch(/^drill {4}drill-\S+, passed$/m);
		expect(run.stdout).toMatch(new RegExp(`^backup {3}${id} `, 'm'));
		expect(run.stdout).toMatch(/^recovery \S+ \S+; 1 h 00 min allowed$/m);
		for (const step of ['find the backup', 'read it whole', 'read it again, and restore', 'compare every digest'])
			expect(run.stdout).toContain(step);
		const [name] = await reports();
		expect(run.stdout).toContain(`shop.db/${name}`);
		const shown = await workspace.run('drill', ['--history']);
		expect([shown.exit, shown.stdout.includes(`${name?.slice(0, -5)}  passed`)]).toEqual([0, true]);
	});

	it('is JSON, and a page for the records that is not written over', async () => {
		const page = workspace.path('page.md');
		const run = await workspace.run('drill', [id, '--json', '--report', 'page.md']);
		expect([run.exit, run.json().status]).toEqual([0, 'passed']);
		const { drill, kept } = run.json();
		expect(drill).toMatchObject({ trigger: 'cli', backup: { id, rows: ROW_COUNT }, point: { limitMs: null } });
		expect(JSON.parse(await readFile(workspace.path('backups', kept.name), 'utf8'))).toEqual(drill);
		const text = await readFile(page, 'utf8');
		for (const part of [
			`# Recovery drill of ${drill.at.slice(0, 10)}`,
			'**Passed.**',
			id,
			'| restore',
			'carried out by',
		])
			expect(text).toContain(part.replace('| restore', '| read it again, and restore |'));
		const before = await reports();
		const again = await workspace.run('drill', ['--report', 'page.md', '--json']);
		expect([again.exit, again.json().error.code, await reports()]).toEqual([3, 'OUTPUT_EXISTS', before]);
		expect(await readFile(page, 'utf8')).toBe(text);
	});

	it('ends with the exit code of what failed, and still tells and keeps what it found', async () => {
		const late = await workspace.run('drill', ['--json', '--report', 'failed.md'], {
			BACKUP_NAME: 'none-of-ours',
		});
		expect([late.exit, late.json().status, late.json().error.code]).toEqual([5, 'failed', 'BACKUP_NOT_FOUND']);
		expect(await readFile(workspace.path('failed.md'), 'utf8')).toContain('**Failed** (`BACKUP_NOT_FOUND`)');
		await rm(workspace.path('backups/none-of-ours'), { recursive: true });
		await workspace.damage(workspace.path(FOLDER, `${id}.ndjson.gz`), 'damaged.ndjson.gz');
		const damaged = await workspace.run('drill', ['./damaged.ndjson.gz']);
		expect([damaged.exit, damaged.stderr.includes('error: ')]).toEqual([4, true]);
		expect(damaged.stdout).toMatch(/FAILED: BACKUP_DAMAGED/);
	});

	it('by hand tells the channels that it failed, and that the next one passed; each once', async () => {
		const listener = await givenListener();
		const env = { BACKUP_ALERT_SLACK_URL: `${listener.url}/slack` };
		const failed = await workspace.run('drill', ['--json'], { ...env, BACKUP_NAME: 'nobodys' });
		expect(failed.json().alerts).toEqual([{ channel: 'slack', kind: 'drill-failed', status: 'sent', error: null }]);
		const again = await workspace.run('drill', ['--json'], { ...env, BACKUP_NAME: 'nobodys' });
		expect([again.exit, again.json().alerts]).toEqual([5, []]);
		expect(listener.heard.map(({ path }) => path)).toEqual(['/slack']);
		listener.manner = () => 404;
		const id = (await workspace.run('backup-turso', ['--write', '--json'], { BACKUP_NAME: 'nobodys' })).json().backup
			.id;
		const passed = await workspace.run('drill', [id], { ...env, BACKUP_NAME: 'nobodys' });
		expect([passed.exit, passed.stderr.includes('slack could not be told: ')]).toEqual([0, true]);
		await rm(workspace.path('backups/nobodys'), { recursive: true });
	});

	it('says nothing of a history that is asked for with more', async () => {
		for (const words of [
			['latest', '--history'],
			['--history', '--to', 'file:x.db'],
		]) {
			const run = await workspace.run('drill', [...words, '--json']);
			expect([run.exit, run.json().error.code]).toEqual([2, 'USAGE_INVALID']);
		}
	});

	it('into a server leaves there what it has restored, and does not go into it again', async () => {
		const sqld = await startSqld();
		onTestFinished(() => sqld.close());
		const done = await workspace.run('drill', ['--to', sqld.url, '--json']);
		expect([done.exit, done.json().drill.target]).toEqual([0, 'server']);
		const again = await workspace.run('drill', ['--to', sqld.url, '--json']);
		expect([again.exit, again.json().error.code]).toEqual([3, 'TARGET_NOT_EMPTY']);
		const dry = await workspace.run('restore-turso', ['latest', '--to', 'file:new.db', '--json']);
		expect(dry.json().estimate).toMatchObject({ drills: expect.any(Number), unlike: [] });
		const shown = await workspace.run('restore-turso', ['latest', '--to', 'file:new.db']);
		expect(shown.stdout).toMatch(/^takes {4}about .*, by .*drill/m);
	});
});

describeWithShared('the drill of Chinook', () => {
	it('passes, and tells the time of each step', async () => {
		const cwd = await mkdtemp(join(tmpdir(), 'lifeboat-chinook-'));
		onTestFinished(() => rm(cwd, { recursive: true, force: true }));
		await copyFile(CHINOOK, join(cwd, 'chinook.db'));
		const options = { cwd, env: { TURSO_DATABASE_URL: 'file:chinook.db', BACKUP_SCRATCH_DIR: cwd } };
		expect((await runScript('backup-turso', ['--write'], options)).exit).toBe(0);
		const run = await runScript('drill', ['--json', '--report', 'chinook.md'], options);
		const { status, drill } = run.json();
		expect([run.exit, status, drill.backup.rows, drill.failure]).toEqual([0, 'passed', 15_617, null]);
		expect(drill.steps.map(({ name }: { name: string }) => name)).toEqual([
			'find',
			'prepare',
			'read',
			'restore',
			'compare',
			'delete',
		]);
		expect((await readdir(cwd)).sort()).toEqual(['backups', 'chinook.db', 'chinook.md']);
	});
});
