import { readFile, symlink } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { startSqld } from '../support/sqld';
import { ROW_COUNT, SCHEMA, Workspace } from './workspace';

const workspace = Workspace.forFile();
const restore = (...words: string[]) => workspace.run('restore-turso', words);
const CONTENT = 'SELECT name, total FROM users LEFT JOIN orders ON user = users.id ORDER BY users.id';

let id: string;
beforeAll(async () => {
	id = (await workspace.run('backup-turso', ['--write', '--json'])).json().backup.id;
});

/** The verdict of each guard, by its name. */
function guardsOf(json: { guards: { name: string; ok: boolean }[] }): Record<string, boolean> {
	return Object.fromEntries(json.guards.map(({ name, ok }) => [name, ok]));
}

describe('a dry run', () => {
	it('shows the plan, and makes no file', async () => {
		const before = await workspace.files();
		const run = await restore('latest', '--to', 'file:new.db', '--json');
		expect([run.exit, run.stderr]).toEqual([0, '']);
		expect(run.json()).toMatchObject({
			status: 'dry-run',
			backup: id,
			mode: 'create',
			objects: { table: 4, view: 1, trigger: 1 },
			restored: null,
		});
		expect(Object.values(guardsOf(run.json()))).toEqual(Array(8).fill(true));
		const { exit, stdout } = await restore(id, '--to', 'file:new.db');
		expect(exit).toBe(0);
		expect(stdout).toContain('--confirm');
		expect(await workspace.files()).toEqual(before);
	});

	it('ends as the restore would', async () => {
		const run = await restore('latest', '--to', 'file:shop.db', '--json');
		expect([run.exit, run.json().error.code]).toEqual([3, 'TARGET_IS_SOURCE']);
		expect(guardsOf(run.json())).toMatchObject({ 'target is not the source': false, 'target is empty': false });
	});
});

describe('--confirm', () => {
	it('restores into a new file, equal to the source', async () => {
		const run = await restore(id, '--to', 'file:restored.db', '--confirm', '--json');
		expect([run.exit, run.stderr]).toEqual([0, '']);
		expect(run.json()).toMatchObject({ status: 'restored', restored: { tables: 4, rows: ROW_COUNT, refusals: [] } });
		for (const sql of [CONTENT, 'SELECT type, name, sql FROM sqlite_schema ORDER BY name', 'SELECT * FROM audit'])
			expect(await workspace.rows('restored.db', sql)).toEqual(await workspace.rows('shop.db', sql));
		expect((await workspace.files()).filter((name) => name.includes('restoring'))).toEqual([]);
		const again = await restore(id, '--to', 'file:restored.db', '--confirm', '--json');
		expect([again.exit, again.json().error.code]).toEqual([3, 'TARGET_NOT_EMPTY']);
	});

	it('restores a backup file into a server, by RESTORE_DATABASE_URL', async () => {
		const sqld = await startSqld();
		try {
			const env = { RESTORE_DATABASE_URL: sqld.url };
			const run = await workspace.run('restore-turso', ['latest', '--confirm', '--json'], env);
			expect([run.exit, run.stderr]).toEqual([0, '']);
			expect(run.json()).toMatchObject({ status: 'restored', target: sqld.url, restored: { rows: ROW_COUNT } });
		} finally {
			await sqld.close();
		}
	});

	it('puts rows only into a database that has been migrated, whose triggers stay silent and are kept', async () => {
		await workspace.execute('migrated.db', `${SCHEMA} INSERT INTO _prisma_migrations VALUES ('b', '20260301_own')`);
		const schema = await workspace.rows('migrated.db', 'SELECT type, name, sql FROM sqlite_schema ORDER BY name');
		const dry = await restore('latest', '--to', 'file:migrated.db', '--json');
		expect([dry.exit, dry.json().mode]).toEqual([0, 'adopt']);
		const run = await restore('latest', '--to', 'file:migrated.db', '--confirm', '--json');
		expect([run.exit, run.json().status]).toEqual([0, 'restored']);
		expect(await workspace.rows('migrated.db', CONTENT)).toEqual(await workspace.rows('shop.db', CONTENT));
		expect(await workspace.rows('migrated.db', 'SELECT count(*) FROM audit')).toEqual([[3]]);
		expect(await workspace.rows('migrated.db', 'SELECT * FROM _prisma_migrations')).toEqual([['b', '20260301_own']]);
		const after = await workspace.rows('migrated.db', 'SELECT type, name, sql FROM sqlite_schema ORDER BY name');
		expect(after).toEqual(schema);
		await workspace.execute('migrated.db', "INSERT INTO users VALUES (9, 'Mary')");
		expect(await workspace.rows('migrated.db', 'SELECT count(*) FROM audit')).toEqual([[4]]);
	});

	it.each([
		['has rows', `${SCHEMA} INSERT INTO users VALUES (5, 'Eve')`, 'TARGET_NOT_EMPTY'],
		['has other columns', SCHEMA.replace('total REAL', 'total REAL, note TEXT'), 'TARGET_MISMATCH'],
		['lacks a table', 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL)', 'TARGET_MISMATCH'],
	])('leaves a target alone that %s', async (what, sql, code) => {
		const name = `${what.replaceAll(' ', '-')}.db`;
		await workspace.execute(name, sql);
		const before = await readFile(workspace.path(name));
		const run = await restore('latest', '--to', `file:${name}`, '--confirm', '--json');
		expect([run.exit, run.json().error.code]).toEqual([3, code]);
		expect(await readFile(workspace.path(name))).toEqual(before);
	});

	it('never writes into the database that the backup came from, however it is spelled', async () => {
		const before = await readFile(workspace.path('shop.db'));
		await symlink(workspace.path('shop.db'), workspace.path('link.db'));
		const spelled = ['file:shop.db', 'file:./backups/../shop.db', `file:${workspace.path('shop.db')}`, 'file:link.db'];
		// Without --to, the target is the database of .env.local.
		const runs = [...spelled.map((to) => ['--to', to]), []].map((to) =>
			restore('latest', ...to, '--confirm', '--json'),
		);
		for (const run of await Promise.all(runs))
			expect([run.exit, run.json().error.code]).toEqual([3, 'TARGET_IS_SOURCE']);
		expect(await readFile(workspace.path('shop.db'))).toEqual(before);
	});

	it('leaves nothing of a damaged backup', async () => {
		await workspace.damage(workspace.path('backups/shop.db', `${id}.ndjson.gz`), 'damaged.ndjson.gz');
		const before = await workspace.files();
		const run = await restore('./damaged.ndjson.gz', '--to', 'file:from-damaged.db', '--confirm', '--json');
		expect([run.exit, run.json().error.code, run.stderr]).toEqual([4, 'BACKUP_DAMAGED', '']);
		expect(await workspace.files()).toEqual(before);
	});

	it.concurrent.each<[string[], number, string]>([
		[['backup-20200101T000000Z-0000', '--to', 'file:n.db'], 5, 'BACKUP_NOT_FOUND'],
		[['latest', '--to', 'http://127.0.0.1:9'], 6, 'DATABASE_UNREACHABLE'],
		[['latest', '--to', 'nonsense://x'], 2, 'USAGE_INVALID'],
		[['latest', '--to', 'shop.db'], 2, 'USAGE_INVALID'],
		[['latest', '--to', 'file:no/such/folder/n.db'], 5, 'DATABASE_NOT_FOUND'],
	])('fails at %j by the table of exit codes', async (words, exit, code) => {
		const before = await workspace.files();
		for (const run of await Promise.all([restore(...words, '--json'), restore(...words, '--json', '--confirm')]))
			expect([run.exit, run.json().error.code, run.stderr]).toEqual([exit, code, '']);
		expect(await workspace.files()).toEqual(before);
	});
});
