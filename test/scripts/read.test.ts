import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROW_COUNT, Workspace } from './workspace';

const workspace = Workspace.forFile();
const FOLDER = 'backups/shop.db';
const list = (...words: string[]) => workspace.run('list-backups', words);
const verify = (...words: string[]) => workspace.run('verify-backup', words);

let id: string;
let file: string;
beforeAll(async () => {
	await workspace.run('backup-turso', ['--write', '--proof', 'none', '--label', 'the first']);
	const made = await workspace.run('backup-turso', ['--write', '--json']);
	id = made.json().backup.id;
	file = workspace.path(FOLDER, `${id}.ndjson.gz`);
});

describe('list-backups', () => {
	it('shows the newest first', async () => {
		const run = await list('--json');
		expect([run.exit, run.stderr]).toEqual([0, '']);
		const { where, backups } = run.json();
		expect(where).toBe(workspace.path('backups'));
		expect(backups).toMatchObject([
			{ id, label: null },
			{ label: 'the first', proof: 'none', rows: ROW_COUNT },
		]);
		expect((await list('--limit', '1', '--json')).json().backups).toMatchObject([{ id }]);
		const { exit, stdout } = await list('--local');
		expect(exit).toBe(0);
		expect(stdout.indexOf(id)).toBeGreaterThan(0);
		expect(stdout.indexOf('the first')).toBeGreaterThan(stdout.indexOf(id));
	});

	it('shows nothing where nothing is, and makes nothing', async () => {
		const run = await workspace.run('list-backups', ['--json'], { BACKUP_LOCAL_DIR: 'elsewhere' });
		expect([run.exit, run.json().backups]).toEqual([0, []]);
		expect(await workspace.files()).not.toContain('elsewhere');
	});

	it('shows a manifest that cannot be read, and the others all the same', async () => {
		const broken = 'backup-20200101T000000Z-0000';
		await writeFile(workspace.path(FOLDER, `${broken}.json`), '{');
		try {
			const run = await list('--json');
			expect(run.exit).toBe(0);
			expect(run.json().backups).toMatchObject([{ id }, {}, { id: broken, error: { code: 'MANIFEST_INVALID' } }]);
			expect((await list()).exit).toBe(0);
			const verified = await verify(broken, '--json');
			expect([verified.exit, verified.json().error.code]).toEqual([4, 'MANIFEST_INVALID']);
		} finally {
			await rm(workspace.path(FOLDER, `${broken}.json`));
		}
	});
});

describe('verify-backup', () => {
	it('finds a whole one whole, by its id, its path and as the latest', async () => {
		for (const run of await Promise.all([id, file, 'latest'].map((wanted) => verify(wanted, '--json')))) {
			expect([run.exit, run.stderr]).toEqual([0, '']);
			expect(run.json()).toMatchObject({ status: 'whole', hasManifest: true, rows: ROW_COUNT, drill: null });
		}
		const drilled = await verify('latest', '--drill', '--json');
		expect([drilled.exit, drilled.json().drill]).toEqual([0, { notes: [] }]);
		const { exit, stdout, stderr } = await verify(id, '--drill');
		expect([exit, stderr]).toEqual([0, '']);
		expect(stdout).toContain('equal');
	});

	it('holds a file that has no manifest against itself', async () => {
		await copyFile(file, workspace.path('alone.ndjson.gz'));
		const run = await verify('alone.ndjson.gz', '--json');
		expect([run.exit, run.json().hasManifest]).toEqual([0, false]);
	});

	it.each(['with', 'without'])('finds a wrong bit, %s a manifest beside it', async (manifest) => {
		const name = `damaged-${manifest}.ndjson.gz`;
		await workspace.damage(file, name);
		if (manifest === 'with') await copyFile(workspace.path(FOLDER, `${id}.json`), workspace.path('damaged-with.json'));
		for (const run of await Promise.all([verify(name, '--json'), verify(name, '--drill', '--json')]))
			expect([run.exit, run.json().error.code, run.stderr]).toEqual([4, 'BACKUP_DAMAGED', '']);
	});

	it('finds a file cut short, another backup under its name, and what is no backup', async () => {
		const bytes = await readFile(file);
		await writeFile(workspace.path('cut.ndjson.gz'), bytes.subarray(0, bytes.length - 9));
		const cut = await verify('cut.ndjson.gz', '--json');
		expect([cut.exit, cut.json().error.code]).toEqual([4, 'BACKUP_DAMAGED']);
		const [other] = (await workspace.files(FOLDER)).filter((name) => name.endsWith('.json') && !name.startsWith(id));
		await copyFile(file, workspace.path('swapped.ndjson.gz'));
		await copyFile(workspace.path(FOLDER, other as string), workspace.path('swapped.json'));
		const swapped = await verify('swapped.ndjson.gz', '--json');
		expect([swapped.exit, swapped.json().error.code]).toEqual([4, 'BACKUP_DAMAGED']);
		const none = await verify('./shop.db', '--json');
		expect(none.exit).toBe(4);
	});

	it.concurrent.each(['backup-20200101T000000Z-0000', 'nothing', './nothing.ndjson.gz'])(
		'does not find %s',
		async (wanted) => {
			const run = await verify(wanted, '--json');
			expect([run.exit, run.json().error.code]).toEqual([5, 'BACKUP_NOT_FOUND']);
		},
	);
});
