import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MigrateOptions, MigrateResult } from '../../lib/jobs/migrate';
import { runScriptSync } from '../support/cli';
import { givenProject, type Project, TRANSPORTS } from '../support/project';

const USERS = 'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n';
const ORDERS = `-- orders
CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, note TEXT);
INSERT INTO users VALUES (1, 'Ada; "the first"'), (2, 'Zoë');
INSERT INTO orders VALUES (10, 1, 'x'), (20, 2, '--> statement-breakpoint');
CREATE TRIGGER added AFTER INSERT ON users BEGIN
	INSERT INTO orders(user) VALUES (new.id);
	UPDATE orders SET note = ';' WHERE user = new.id;
END;
`;
/** As Prisma redefines a table. */
const REDEFINED = `PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_users" ("id" INTEGER NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "age" INTEGER NOT NULL DEFAULT 7);
INSERT INTO "new_users" ("id", "name") SELECT "id", "name" FROM "users";
DROP TABLE "users";
ALTER TABLE "new_users" RENAME TO "users";
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
`;

async function givenPrisma(transport: (typeof TRANSPORTS)[number]): Promise<Project> {
	const project = await givenProject(transport);
	await project.write('prisma/migrations/migration_lock.toml', 'provider = "sqlite"\n');
	await project.writePrisma('20260101000000_users', USERS);
	await project.writePrisma('20260102000000_orders', ORDERS);
	return project;
}

const statesOf = ({ plan }: MigrateResult) =>
	Object.fromEntries(plan.migrations.map(({ name, state }) => [name, state]));
const appliedBy = ({ applied }: MigrateResult) => applied.map(({ name }) => name);
const SCHEMA = 'SELECT type, name, sql FROM sqlite_schema ORDER BY rowid';
const BOOKS = 'SELECT migration_name FROM _prisma_migrations ORDER BY started_at';

describe.each(TRANSPORTS)('migrations on %s', (transport) => {
	it('are shown without --confirm, and nothing is written', async () => {
		const project = await givenPrisma(transport);
		const result = await project.migrate({ confirm: false });
		expect(result).toMatchObject({ tool: 'prisma', backup: null, applied: [], error: null });
		expect(statesOf(result)).toEqual({ '20260101000000_users': 'pending', '20260102000000_orders': 'pending' });
		expect(await project.rows(SCHEMA)).toEqual([]);
		expect(existsSync(join(project.folder, 'backups'))).toBe(false);
	});

	it('are applied after a backup, and recorded; then there is nothing to do', async () => {
		const project = await givenPrisma(transport);
		const { error, backup, ...result } = await project.migrate({ backUp: true });
		expect([error, result.applied.map(({ name }) => name)]).toEqual([
			null,
			['20260101000000_users', '20260102000000_orders'],
		]);
		expect(backup).toMatchObject({ label: 'pre-migration', proof: 'restored', tables: 0 });
		expect(await readdir(join(project.folder, 'backups/app'))).toContain(`${backup?.id}.json`);
		expect(await project.rows('SELECT name FROM users ORDER BY id')).toEqual([['Ada; "the first"'], ['Zoë']]);
		expect(await project.rows(BOOKS)).toEqual([['20260101000000_users'], ['20260102000000_orders']]);

		const again = await project.migrate({ backUp: true });
		expect(again).toMatchObject({ error: null, backup: null, applied: [] });
		expect(Object.values(statesOf(again))).toEqual(['applied', 'applied']);
	});

	it('that redefine a table which others refer to run with foreign keys off, and lose no row', async () => {
		const project = await givenPrisma(transport);
		await project.migrate();
		await project.writePrisma('20260103000000_age', REDEFINED);
		const { plan, applied } = await project.migrate();
		expect(plan.pending).toMatchObject([{ foreignKeysOff: true }]);
		expect(applied).toEqual([{ name: '20260103000000_age', statements: 6, foreignKeysChecked: true }]);
		expect(await project.rows('SELECT id, age FROM users ORDER BY id')).toEqual([
			[1, 7],
			[2, 7],
		]);
		expect(await project.rows('SELECT id FROM orders ORDER BY id')).toEqual([[10], [20]]);
	});

	it('that do not switch foreign keys off run with them on', async () => {
		const project = await givenPrisma(transport);
		await project.migrate();
		await project.writePrisma('20260103000000_gone', 'DELETE FROM users WHERE id = 1;');
		expect((await project.migrate()).error).toBeNull();
		expect(await project.rows('SELECT id FROM orders')).toEqual([[20]]);
		await project.writePrisma('20260104000000_bad', "INSERT INTO orders VALUES (30, 99, 'of nobody')");
		expect((await project.migrate()).error).toMatchObject({ code: 'MIGRATION_FAILED', data: { statement: 1 } });
		// Deferred, it comes out when the transaction ends.
		await project.writePrisma(
			'20260104000000_bad',
			'PRAGMA defer_foreign_keys=ON; INSERT INTO orders VALUES (30, 99, 1)',
		);
		expect((await project.migrate()).error).toMatchObject({ code: 'MIGRATION_FAILED' });
		expect(await project.rows('SELECT id FROM orders')).toEqual([[20]]);
	});

	it('that leave rows without what they refer to are taken back, unless those were there before', async () => {
		const project = await givenPrisma(transport);
		await project.migrate();
		const before = await project.rows(SCHEMA);
		await project.writePrisma('20260103000000_torn', 'PRAGMA foreign_keys = 0; DELETE FROM users WHERE id = 2;');
		expect((await project.migrate()).error).toMatchObject({
			code: 'MIGRATION_FAILED',
			data: { migration: '20260103000000_torn' },
		});
		expect(await project.rows('SELECT id FROM users ORDER BY id')).toEqual([[1], [2]]);
		expect(await project.rows(SCHEMA)).toEqual(before);
		expect(await project.rows(BOOKS)).toHaveLength(2);

		await project.execute('PRAGMA foreign_keys = OFF; DELETE FROM users WHERE id = 2;');
		expect(await project.rows('SELECT count(*) FROM pragma_foreign_key_check')).toEqual([[1]]);
		await project.writePrisma('20260103000000_torn', REDEFINED);
		expect((await project.migrate()).error).toBeNull();
	});

	it('are run where foreign keys cannot be checked, and that is told', async () => {
		const project = await givenPrisma(transport);
		await project.migrate();
		await project.execute(
			'CREATE TABLE p(a); CREATE TABLE c(a REFERENCES p(a)); PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (1)',
		);
		await project.writePrisma('20260103000000_age', REDEFINED);
		expect(await project.migrate()).toMatchObject({ error: null, applied: [{ foreignKeysChecked: false }] });
	});

	it.each([
		['the database refuses', "INSERT INTO users VALUES (1, 'again');", { databaseCode: 'SQLITE_CONSTRAINT' }],
		['is no SQL', 'CREATE TABLE )(;', {}],
		['is about nothing', 'DROP TABLE absent;', {}],
	])('with a statement that %s leave nothing of themselves, and the next run goes on', async (_, bad, data) => {
		const project = await givenPrisma(transport);
		const start = 'CREATE TABLE half(a);\n\n-- here\nINSERT INTO half VALUES (1);\n';
		await project.writePrisma('20260103000000_broken', `${start}/* now\nit comes */ ${bad}\nSELECT 1;`);
		await project.writePrisma('20260104000000_last', 'CREATE TABLE last(a);');
		const { error, backup, ...result } = await project.migrate({ backUp: true });
		expect(error).toMatchObject({
			code: 'MIGRATION_FAILED',
			data: { migration: '20260103000000_broken', statement: 3, line: 6, ...data },
		});
		expect(backup?.label).toBe('pre-migration');
		expect(result.applied.map(({ name }) => name)).toEqual(['20260101000000_users', '20260102000000_orders']);
		expect(await project.rows("SELECT 1 FROM sqlite_schema WHERE name IN ('half', 'last')")).toEqual([]);
		expect(await project.rows(BOOKS)).toHaveLength(2);

		await project.writePrisma('20260103000000_broken', start);
		const again = await project.migrate();
		expect([again.error, appliedBy(again)]).toEqual([null, ['20260103000000_broken', '20260104000000_last']]);
		expect(await project.rows('SELECT a FROM half')).toEqual([[1]]);
	});

	it('that fail as the first of all leave not even the books', async () => {
		const project = await givenPrisma(transport);
		await project.writePrisma('20260101000000_users', `${USERS}INSERT INTO absent VALUES (1);`);
		expect((await project.migrate({ backUp: true })).error).toMatchObject({ code: 'MIGRATION_FAILED' });
		expect(await project.rows(SCHEMA)).toEqual([]);
	});

	it('that were changed since are refused by name, whatever is pending', async () => {
		const project = await givenPrisma(transport);
		await project.migrate();
		await project.writePrisma('20260102000000_orders', ORDERS.replaceAll('\n', '\r\n'));
		expect((await project.migrate()).error).toBeNull();
		await project.writePrisma('20260102000000_orders', `${ORDERS} -- more`);
		const changed = { code: 'MIGRATION_CHANGED', data: { migrations: ['20260102000000_orders'] } };
		for (const confirm of [false, true]) {
			const result = await project.migrate({ confirm, backUp: true });
			expect(result.error).toMatchObject(changed);
			expect(statesOf(result)).toMatchObject({ '20260102000000_orders': 'changed' });
		}
		await project.writePrisma('20260103000000_more', 'CREATE TABLE more(a)');
		const refused = await project.migrate({ backUp: true });
		expect([refused.error, refused.applied]).toMatchObject([changed, []]);
		expect(await readdir(join(project.folder, 'backups/app'))).toEqual(['lease.json']);
		const allowed = await project.migrate({ allowChanged: true });
		expect([allowed.error, appliedBy(allowed)]).toEqual([null, ['20260103000000_more']]);
	});

	it('are not begun on half a restored database', async () => {
		const project = await givenPrisma(transport);
		await project.execute(
			'CREATE TABLE _lifeboat_restore(mark TEXT NOT NULL, step INTEGER NOT NULL, state TEXT NOT NULL)',
		);
		const before = await project.rows(SCHEMA);
		for (const confirm of [false, true])
			await expect(project.migrate({ confirm })).rejects.toMatchObject({ code: 'RESTORE_UNFINISHED' });
		expect(await project.rows(SCHEMA)).toEqual(before);
	});

	it('that another run has come to first, under another lease, are not run twice', async () => {
		const project = await givenPrisma(transport);
		const other = { cwd: project.folder, env: { ...project.env, BACKUP_NAME: 'other' } };
		const result = await project.migrate({
			onPart: () => runScriptSync('migrate-turso', ['--confirm', '--no-backup'], other),
		});
		expect([result.error, result.applied]).toMatchObject([
			{ code: 'LEASE_HELD', data: { migration: '20260101000000_users' } },
			[],
		]);
		expect(await project.rows(BOOKS)).toHaveLength(2);
		expect(await project.rows('SELECT count(*) FROM orders')).toEqual([[2]]);
	});

	it('that are applied and not in the folder are told', async () => {
		const project = await givenPrisma(transport);
		await project.migrate();
		await rm(join(project.folder, 'prisma/migrations/20260101000000_users'), { recursive: true });
		const result = await project.migrate();
		expect(result.error).toBeNull();
		expect(statesOf(result)).toEqual({ '20260102000000_orders': 'applied', '20260101000000_users': 'missing' });
	});
});

describe('a folder of migrations', () => {
	const journal = (dialect: string, entries: unknown[] = []) => JSON.stringify({ version: '7', dialect, entries });
	const JOURNAL = 'drizzle/meta/_journal.json';

	it.each<[string, string, Partial<MigrateOptions>, Record<string, string>]>([
		['is not there', 'MIGRATIONS_NOT_FOUND', {}, {}],
		['is elsewhere', 'MIGRATIONS_NOT_FOUND', { folder: 'x' }, { 'prisma/migrations/1/migration.sql': '' }],
		['is of Drizzle 1.0', 'MIGRATIONS_NOT_FOUND', {}, { 'drizzle/1/migration.sql': '', 'drizzle/1/snapshot.json': '' }],
		[
			'is there for each tool',
			'USAGE_INVALID',
			{},
			{ 'prisma/migrations/1/migration.sql': '', [JOURNAL]: journal('sqlite') },
		],
		[
			'ends its transaction',
			'MIGRATIONS_INVALID',
			{},
			{ 'prisma/migrations/1/migration.sql': 'CREATE TABLE t(a); END' },
		],
		[
			'lacks a script of Prisma',
			'MIGRATIONS_INVALID',
			{},
			{ 'prisma/migrations/1/migration.sql': 'CREATE TABLE t(a)', 'prisma/migrations/2/notes.md': '' },
		],
		['lacks a script of Drizzle', 'MIGRATIONS_INVALID', {}, { [JOURNAL]: journal('turso', [{ tag: 'a', when: 1 }]) }],
		['leads out of itself', 'MIGRATIONS_INVALID', {}, { [JOURNAL]: journal('turso', [{ tag: '../a', when: 1 }]) }],
		['is for another database', 'MIGRATIONS_INVALID', {}, { [JOURNAL]: journal('postgresql') }],
		['has a journal that is no JSON', 'MIGRATIONS_INVALID', {}, { [JOURNAL]: '{' }],
	])('that %s is refused before anything is written', async (_, code, options, files) => {
		const project = await givenProject('file');
		for (const [path, text] of Object.entries(files)) await project.write(path, text);
		for (const confirm of [false, true])
			await expect(project.migrate({ ...options, confirm, backUp: true })).rejects.toMatchObject({ code });
		expect(await project.rows(SCHEMA)).toEqual([]);
		const backups = await readdir(join(project.folder, 'backups/app')).catch(() => []);
		expect(backups.filter((name) => name !== 'lease.json')).toEqual([]);
	});

	it('may be named, and so may the tool', async () => {
		const project = await givenProject('file');
		await project.writePrisma('1', '');
		await project.write(JOURNAL, journal('sqlite'));
		await project.write('db/own/2/migration.sql', '');
		const of = async (options: Partial<MigrateOptions>) =>
			statesOf(await project.migrate({ confirm: false, ...options }));
		expect(await of({ tool: 'prisma' })).toEqual({ 1: 'pending' });
		expect(await of({ tool: 'drizzle' })).toEqual({});
		expect(await of({ folder: 'db/own' })).toEqual({ 2: 'pending' });
	});

	it('may have been applied to a database whose books are not those of the tool', async () => {
		const project = await givenPrisma('file');
		await project.execute('CREATE TABLE _prisma_migrations(id, migration_name)');
		await expect(project.migrate()).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
	});
});
