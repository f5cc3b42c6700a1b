import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate as migrateByDrizzle } from 'drizzle-orm/libsql/migrator';
import { describe, expect, it } from 'vitest';
import { givenProject, type Project, type TRANSPORTS } from '../support/project';

const FIRST = `
import { index, int, sqliteTable, text } from 'drizzle-orm/sqlite-core';
export const users = sqliteTable('users', { id: int().primaryKey(), name: text().notNull() }, (t) => [index('by_name').on(t.name)]);
export const posts = sqliteTable('posts', { id: int().primaryKey(), user: int().references(() => users.id, { onDelete: 'cascade' }) });
`;
/** For SQLite it makes `users` anew, by which drizzle-kit cannot add a column too; for Turso it alters the column. */
const SECOND = FIRST.replace('text().notNull()', 'text()');
const THIRD = `${SECOND.replace('text() }', 'text(), age: int().notNull().default(7) }')}
export const tags = sqliteTable('tags', { id: int() });
`;

type Dialect = 'sqlite' | 'turso';

async function runKit({ folder }: Project, ...words: string[]): Promise<string> {
	const { PATH } = process.env;
	const { stdout } = await promisify(execFile)(
		process.execPath,
		[join(folder, 'node_modules/drizzle-kit/bin.cjs'), ...words],
		{ cwd: folder, env: { PATH, HOME: folder } as unknown as NodeJS.ProcessEnv },
	);
	return stdout;
}

/** Has drizzle-kit write the next migration. */
async function generate(project: Project, dialect: Dialect, name: string, schema: string): Promise<void> {
	await project.write('schema.ts', schema);
	await project.write(
		'drizzle.config.json',
		JSON.stringify({ dialect, schema: './schema.ts', out: './drizzle', dbCredentials: { url: project.url } }),
	);
	await runKit(project, 'generate', `--name=${name}`);
}

/** Runs drizzle-orm's own migrator. */
async function byDrizzle(project: Project): Promise<void> {
	const db = drizzle(project.url);
	await migrateByDrizzle(db, { migrationsFolder: join(project.folder, 'drizzle') }).finally(() => db.$client.close());
}

const EVERYTHING = 'SELECT type, name, sql FROM sqlite_schema ORDER BY rowid';
const BOOKS = 'SELECT id, hash, created_at, typeof(created_at) FROM __drizzle_migrations ORDER BY created_at';

describe.each<[(typeof TRANSPORTS)[number], Dialect]>([
	['file', 'sqlite'],
	['sqld', 'sqlite'],
	['file', 'turso'],
	['sqld', 'turso'],
])('Drizzle and a database on %s, by the dialect %s', (transport, dialect) => {
	it('finds nothing to do after us, and we after it', async () => {
		const project = await givenProject(transport);
		await generate(project, dialect, 'first', FIRST);
		const first = await project.migrate();
		expect(first).toMatchObject({ tool: 'drizzle', error: null, applied: [{ name: '0000_first' }] });
		const books = await project.rows(BOOKS);
		expect(books).toHaveLength(1);
		await byDrizzle(project);
		expect(await project.rows(BOOKS)).toEqual(books);

		await project.execute("INSERT INTO users VALUES (1, 'Ada'); INSERT INTO posts VALUES (10, 1)");
		await generate(project, dialect, 'second', SECOND);
		const script = await readFile(join(project.folder, 'drizzle/0001_second.sql'), 'utf8');
		expect(script).toContain(dialect === 'turso' ? 'ALTER COLUMN' : 'PRAGMA foreign_keys=OFF');
		const second = await project.migrate();
		expect(second).toMatchObject({ error: null, applied: [{ name: '0001_second', foreignKeysChecked: true }] });
		expect(await project.rows('SELECT name, posts.id FROM posts JOIN users ON users.id = user')).toEqual([['Ada', 10]]);
		const both = await project.rows(BOOKS);
		expect(both).toHaveLength(2);
		await byDrizzle(project);
		expect(await runKit(project, 'migrate')).toContain('migrations applied successfully');
		expect(await project.rows(BOOKS)).toEqual(both);

		await generate(project, dialect, 'third', THIRD);
		await byDrizzle(project);
		const third = await project.migrate();
		expect([third.error, third.plan.migrations.map(({ state }) => state)]).toEqual([
			null,
			['applied', 'applied', 'applied'],
		]);

		// The same by Drizzle alone, in another database.
		const other = await givenProject(transport);
		await byDrizzle({ ...other, folder: project.folder });
		for (const sql of [EVERYTHING, BOOKS]) expect(await project.rows(sql)).toEqual(await other.rows(sql));
	});
});

const createTable = (name: string) =>
	`CREATE TABLE ${name}(a);--> statement-breakpoint\nINSERT INTO ${name} VALUES (';');`;

describe('scripts beside a journal', () => {
	const given = async (...entries: [tag: string, when: number][]) => {
		const project = await givenProject('file');
		const journal = async (now: [tag: string, when: number][]) => {
			for (const [tag] of now) await project.write(`drizzle/${tag}.sql`, createTable(tag));
			const listed = now.map(([tag, when], idx) => ({ idx, version: '6', when, tag, breakpoints: true }));
			await project.write(
				'drizzle/meta/_journal.json',
				JSON.stringify({ version: '7', dialect: 'turso', entries: listed }),
			);
		};
		await journal(entries);
		await project.migrate();
		return { project, journal };
	};

	it('are run each statement, in the order of the journal', async () => {
		const { project } = await given(['b', 1], ['a', 2]);
		expect(await project.rows("SELECT name FROM sqlite_schema WHERE name IN ('a', 'b') ORDER BY rowid")).toEqual([
			['b'],
			['a'],
		]);
		expect(await project.rows('SELECT a FROM b')).toEqual([[';']]);
	});

	it('that were changed since, or are older than the last, are refused by name', async () => {
		const { project, journal } = await given(['a', 10], ['b', 20]);
		await journal([
			['a', 10],
			['late', 15],
			['b', 20],
			['c', 30],
		]);
		const late = await project.migrate();
		expect(late.error).toMatchObject({ code: 'MIGRATION_CHANGED', data: { migrations: ['late'] } });
		expect(late.plan.migrations.map(({ state }) => state)).toEqual(['applied', 'skipped', 'applied', 'pending']);
		const allowed = await project.migrate({ allowChanged: true });
		expect([allowed.error, allowed.applied]).toMatchObject([null, [{ name: 'c' }]]);
		await byDrizzle(project);
		expect(await project.rows("SELECT 1 FROM sqlite_schema WHERE name = 'late'")).toEqual([]);

		await journal([['a', 10]]);
		await project.write('drizzle/a.sql', 'CREATE TABLE other(a)');
		const changed = await project.migrate();
		expect(changed.error).toMatchObject({ code: 'MIGRATION_CHANGED', data: { migrations: ['a'] } });
		expect(changed.plan.migrations.map(({ state }) => state)).toEqual(['changed', 'missing', 'missing']);
	});
});
