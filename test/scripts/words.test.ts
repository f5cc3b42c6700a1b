import { describe, expect, it } from 'vitest';
import { Workspace } from './workspace';

const workspace = Workspace.forFile();

const SCRIPTS = [
	'backup-turso',
	'list-backups',
	'verify-backup',
	'restore-turso',
	'export-backup',
	'migrate-turso',
	'prune-backups',
	'hold',
	'sweep',
	'drill',
	'turso-pitr',
	'check-media',
	'mirror-media',
	'relink-media',
];

describe.concurrent.each(SCRIPTS)('%s', (name) => {
	it('helps, and does nothing', async () => {
		const { exit, stdout, stderr } = await workspace.run(name, ['--help'], { BACKUP_PROOF: 'nonsense' });
		expect([exit, stderr]).toEqual([0, '']);
		expect(stdout).toContain(`Usage: npx tsx scripts/${name}.ts`);
		expect(stdout).toContain('--json');
	});

	it('refuses what it does not know', async () => {
		const { exit, stdout, stderr } = await workspace.run(name, ['latest', '--nonsense=SECRETISH']);
		expect([exit, stdout]).toEqual([2, '']);
		expect(stderr).toContain('--nonsense');
		expect(stderr).not.toContain('SECRETISH');
		expect(await workspace.files()).toEqual(['.env.local', 'shop.db']);
	});

	it('names every variable that is wrong, as JSON', async () => {
		const takesBackup = ['verify-backup', 'restore-turso', 'export-backup', 'hold'].includes(name);
		const needed: Record<string, string[]> = {
			'export-backup': ['--format', 'json', '--out', 'all.json'],
			hold: ['--reason', 'a case'],
			'turso-pitr': ['--branch'],
		};
		const takesMirror = ['mirror-media', 'relink-media'].includes(name);
		const words = [
			...(takesBackup ? ['latest'] : []),
			...(takesMirror ? ['./mirror'] : []),
			...(needed[name] ?? []),
			'--json',
		];
		const run = await workspace.run(name, words, { BACKUP_PROOF: 'nonsense', BACKUP_PREFIX: '../x' });
		expect([run.exit, run.stderr]).toEqual([2, '']);
		expect(run.json().error).toMatchObject({
			code: 'CONFIG_INVALID',
			data: { variables: ['BACKUP_PREFIX', 'BACKUP_PROOF'] },
		});
		expect(run.stdout).not.toContain('nonsense');
	});
});
