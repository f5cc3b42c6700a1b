import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { backupFile, type WrittenFile } from '../support/backup-file';
import { Workspace } from './workspace';

const workspace = Workspace.forFile();
const restore = (backup: string, name: string, ...words: string[]) =>
	workspace.run('restore-turso', [backup, '--to', `file:${name}`, '--json', ...words]);

const UTF16 = "PRAGMA encoding = 'UTF-16le'; CREATE TABLE later(a)";

let whole: string;
beforeAll(async () => {
	const run = await workspace.run('backup-turso', ['--write', '--json']);
	whole = workspace.path('backups/shop.db', `${run.json().backup.id}.ndjson.gz`);
});

/** Restores, which has to be refused and to leave the target as it was. */
async function refusedBy(name: string, backup: string, ...words: string[]) {
	const before = existsSync(workspace.path(name)) ? await readFile(workspace.path(name)) : null;
	const files = await workspace.files();
	const dry = await restore(backup, name, ...words);
	const run = await restore(backup, name, '--confirm', ...words);
	expect([run.exit, run.json().error.code]).toEqual([dry.exit, dry.json().error.code]);
	expect([run.stderr, dry.stderr]).toEqual(['', '']);
	expect(await workspace.files()).toEqual(files);
	if (before) expect(await readFile(workspace.path(name))).toEqual(before);
	const failed = (run.json().guards ?? []) as { name: string; ok: boolean }[];
	return [run.exit, run.json().error.code, failed.filter(({ ok }) => !ok).map((guard) => guard.name)];
}

describe('the guard that', () => {
	it('target is empty: refuses one with rows', async () => {
		await workspace.execute(
			'rows.db',
			"CREATE TABLE users(id INTEGER PRIMARY KEY, name); INSERT INTO users VALUES (1, 'x')",
		);
		expect(await refusedBy('rows.db', whole)).toEqual([3, 'TARGET_NOT_EMPTY', ['target is empty']]);
	});

	it('target is empty: refuses one with other tables', async () => {
		await workspace.execute('tables.db', 'CREATE TABLE other(a)');
		expect(await refusedBy('tables.db', whole)).toEqual([3, 'TARGET_MISMATCH', ['target is empty']]);
	});

	it('target is not the source: refuses it', async () => {
		const [exit, code, failed] = await refusedBy('shop.db', whole);
		expect([exit, code]).toEqual([3, 'TARGET_IS_SOURCE']);
		expect(failed).toContain('target is not the source');
	});

	it("target is of the same application: refuses another's database", async () => {
		await workspace.execute('geo.db', 'PRAGMA application_id = 1196444487; CREATE TABLE gpkg_contents(a)');
		const [exit, code, failed] = await refusedBy('geo.db', whole);
		expect([exit, code]).toEqual([3, 'TARGET_MISMATCH']);
		expect(failed).toContain('target is of the same application');
	});

	it('target is of the same application: refuses it even when it is empty', async () => {
		await workspace.execute('fresh-geo.db', 'PRAGMA application_id = 1196444487');
		expect(await refusedBy('fresh-geo.db', whole)).toEqual([
			3,
			'TARGET_MISMATCH',
			['target is of the same application'],
		]);
	});

	it('target has no unfinished restore: refuses one that has', async () => {
		const mark = `{"key":"of another backup","title":"another backup"}`;
		await workspace.execute(
			'half.db',
			`CREATE TABLE _lifeboat_restore(mark, step, state); INSERT INTO _lifeboat_restore(mark) VALUES ('${mark}')`,
		);
		for (const words of [[], ['--resume']]) {
			const [exit, code, failed] = await refusedBy('half.db', whole, ...words);
			expect([exit, code]).toEqual([3, 'RESTORE_UNFINISHED']);
			expect(failed).toContain('target has no unfinished restore');
		}
	});

	it('target can take all of it: refuses a table of the name that marks an unfinished restore', async () => {
		await writeFile(workspace.path('mark.ndjson.gz'), backupFile({ tables: [{ name: '_Lifeboat_Restore' }] }));
		expect(await refusedBy('new.db', './mark.ndjson.gz')).toEqual([
			3,
			'RESTORE_UNSUPPORTED',
			['target can take all of it'],
		]);
	});

	it('target can take all of it: refuses to convert text', async () => {
		await workspace.execute('wide.db', UTF16);
		const [exit, code] = await refusedBy('wide.db', whole);
		expect([exit, code]).toEqual([3, 'TARGET_MISMATCH']);
	});

	it('file is whole: refuses a damaged one', async () => {
		await workspace.damage(whole, 'damaged.ndjson.gz');
		expect(await refusedBy('new.db', './damaged.ndjson.gz')).toEqual([4, 'BACKUP_DAMAGED', []]);
	});

	it('file is whole: refuses an unfinished backup', async () => {
		const bytes = await readFile(whole);
		for (const cut of [1, 9, bytes.length >> 1, bytes.length - 20]) {
			await writeFile(workspace.path('cut.ndjson.gz'), bytes.subarray(0, bytes.length - cut));
			expect(await refusedBy('new.db', './cut.ndjson.gz')).toEqual([4, 'BACKUP_DAMAGED', []]);
		}
		await writeFile(workspace.path('cut.ndjson.gz'), '');
		expect((await refusedBy('new.db', './cut.ndjson.gz'))[0]).toBe(4);
	});

	it('file is whole: refuses a file that is no backup, and one of another format', async () => {
		await writeFile(workspace.path('not.ndjson.gz'), 'hello');
		expect((await refusedBy('new.db', './not.ndjson.gz'))[0]).toBe(4);
		await writeFile(workspace.path('other.ndjson.gz'), backupFile({ header: { format: 2 }, tables: [] }));
		expect(await refusedBy('new.db', './other.ndjson.gz')).toEqual([4, 'FORMAT_UNKNOWN', []]);
	});

	it('finds the backup: refuses one without a manifest, which is unfinished', async () => {
		await writeFile(workspace.path('backups/shop.db/backup-20260101T000000Z-0000.ndjson.gz'), await readFile(whole));
		expect(await refusedBy('new.db', 'backup-20260101T000000Z-0000')).toEqual([5, 'BACKUP_NOT_FOUND', []]);
	});
});

/** SQL that would act when a row goes in, or when somebody looks. */
const ACTING: readonly [what: string, name: string, file: WrittenFile][] = [
	['a CHECK', 'writefile', { tables: [{ name: 't', sql: "CREATE TABLE t(a, b CHECK(writefile('x', a) IS NULL))" }] }],
	[
		'a DEFAULT',
		'load_extension',
		{ tables: [{ name: 't', sql: "CREATE TABLE t(a, b DEFAULT (load_extension('x')))" }] },
	],
	['a generated column', 'edit', { tables: [{ name: 't', columns: ['a'], sql: 'CREATE TABLE t(a, b AS (edit(a)))' }] }],
	...(
		[
			['an index', 'readfile', 'index', 'CREATE INDEX o ON t(readfile(a))'],
			['a partial index', 'eval', 'index', "CREATE INDEX o ON t(a) WHERE eval('x')"],
			['a trigger', 'writefile', 'trigger', "CREATE TRIGGER o AFTER INSERT ON t BEGIN SELECT writefile('x', 1); END"],
			['a view', 'load_extension', 'view', "CREATE VIEW o AS SELECT load_extension('x')"],
			['a quoted call in a view', 'load_extension', 'view', `CREATE VIEW o AS SELECT "load_extension"/**/('x')`],
			['a table-valued function in a view', 'fsdir', 'view', "CREATE VIEW o AS SELECT * FROM fsdir('.')"],
		] as const
	).map(([what, name, type, sql]): [string, string, WrittenFile] => [
		what,
		name,
		{ tables: [{ name: 't' }], objects: [{ type, name: 'o', table: type === 'view' ? 'o' : 't', sql }] },
	]),
];

describe('functions are harmless', () => {
	it.each(ACTING)('refuses %s that calls %s(), and shows the object', async (_what, name, file) => {
		await writeFile(workspace.path('acting.ndjson.gz'), backupFile(file));
		const run = await restore('./acting.ndjson.gz', 'acting.db', '--confirm', '--allow-functions', 'other');
		const { error, guards } = run.json();
		expect([run.exit, error.code]).toEqual([3, 'FUNCTIONS_REFUSED']);
		expect(error.data).toEqual({ objects: [file.objects ? 'o' : 't'], functions: [name] });
		expect(guards).toContainEqual({ name: 'functions are harmless', ok: false, detail: error.message });
		expect((await workspace.files()).filter((made) => made.startsWith('acting.db'))).toEqual([]);
		const allowed = await restore(
			'./acting.ndjson.gz',
			'acting.db',
			'--allow-functions',
			`other,${name.toUpperCase()}`,
		);
		expect([allowed.exit, allowed.stderr]).toEqual([0, '']);
	});

	it('lets what is allowed through, and makes it', async () => {
		await workspace.execute(
			'own.db',
			"CREATE TABLE t(a); INSERT INTO t VALUES (1); CREATE VIEW loads AS SELECT load_extension('x'), a FROM t",
		);
		const env = { TURSO_DATABASE_URL: 'file:own.db' };
		const backup = await workspace.run('backup-turso', ['--out', 'own.ndjson.gz', '--json'], env);
		expect([backup.exit, backup.json().backup]).toMatchObject([0, { proof: 'read', notes: [expect.anything()] }]);
		expect((await restore('./own.ndjson.gz', 'refused.db', '--confirm')).exit).toBe(3);
		const run = await restore('./own.ndjson.gz', 'allowed.db', '--confirm', '--allow-functions', 'load_extension');
		expect([run.exit, run.json().status]).toEqual([0, 'restored']);
		const sql = 'SELECT sql FROM sqlite_schema';
		expect(await workspace.rows('allowed.db', sql)).toEqual(await workspace.rows('own.db', sql));
	});
});
