import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { givenProject, type Project, TRANSPORTS } from '../support/project';

/** No query engine is asked for, so that Prisma needs none of the programs that it would fetch from the internet. */
const HEAD = `
generator client {
	provider   = "prisma-client"
	engineType = "client"
	output     = "../generated"
}
datasource db {
	provider = "sqlite"
	url      = "file:./unused.db"
}
`;
const FIRST = `
model User {
	id    Int    @id @default(autoincrement())
	name  String
	posts Post[]
}
model Post {
	id     Int  @id
	user   User @relation(fields: [userId], references: [id], onDelete: Cascade)
	userId Int
}
`;
/** Prisma makes the table anew for it. */
const SECOND = FIRST.replace('name  String', 'name  String @unique\n\tage   Int @default(7)');
const THIRD = `${SECOND}\nmodel Tag {\n\tid Int @id\n}\n`;

const CONFIG = `
import { PrismaLibSQL } from '@prisma/adapter-libsql';
import { defineConfig } from 'prisma/config';
export default defineConfig({
	schema: 'prisma/schema.prisma',
	engine: 'js',
	experimental: { adapter: true },
	adapter: async () => new PrismaLibSQL({ url: process.env.TURSO_DATABASE_URL }),
});
`;

interface PrismaProject extends Project {
	/** Runs Prisma's own command; `out` is all that it prints. */
	prisma(...words: string[]): Promise<{ exit: number; out: string }>;
	/** Has Prisma write the migration from one schema to another. */
	generate(name: string, from: string | null, to: string): Promise<void>;
}

async function givenPrisma(transport: (typeof TRANSPORTS)[number]): Promise<PrismaProject> {
	const project = await givenProject(transport);
	await project.write('prisma.config.mjs', CONFIG);
	await project.write('prisma/schema.prisma', HEAD + FIRST);
	await project.write('prisma/migrations/migration_lock.toml', 'provider = "sqlite"\n');
	const prisma = (...words: string[]) =>
		new Promise<{ exit: number; out: string }>((done) => {
			const { PATH } = process.env;
			// Its home is here, where no program of an earlier download lies; CHECKPOINT_DISABLE: it would ask the internet
			// for a newer version of itself.
			const env = { PATH, HOME: project.folder, CHECKPOINT_DISABLE: '1', NO_COLOR: '1', ...project.env };
			const file = join(project.folder, 'node_modules/prisma/build/index.js');
			execFile(
				process.execPath,
				[file, ...words],
				{ cwd: project.folder, env: env as unknown as NodeJS.ProcessEnv },
				(error, stdout, stderr) => done({ exit: error === null ? 0 : Number(error.code ?? 1), out: stdout + stderr }),
			);
		});
	return {
		...project,
		prisma,
		async generate(name, from, to) {
			await project.write('from.prisma', HEAD + (from ?? ''));
			await project.write('prisma/schema.prisma', HEAD + to);
			await project.writePrisma(name, '');
			const start = from === null ? ['--from-empty'] : ['--from-schema-datamodel', 'from.prisma'];
			const end = ['--to-schema-datamodel', 'prisma/schema.prisma', '--script'];
			const { exit, out } = await prisma(
				'migrate',
				'diff',
				...start,
				...end,
				'-o',
				`prisma/migrations/${name}/migration.sql`,
			);
			expect([exit, out]).toEqual([0, expect.not.stringContaining('Error')]);
		},
	};
}

async function expectUpToDate(project: PrismaProject): Promise<void> {
	const status = await project.prisma('migrate', 'status');
	expect(status).toMatchObject({ exit: 0, out: expect.stringContaining('Database schema is up to date!') });
	const deploy = await project.prisma('migrate', 'deploy');
	expect(deploy).toMatchObject({ exit: 0, out: expect.stringContaining('No pending migrations to apply.') });
}

const BOOKS_SQL = "SELECT sql FROM sqlite_schema WHERE name = '_prisma_migrations'";
const BOOKS = `SELECT migration_name, checksum, logs, rolled_back_at, applied_steps_count, typeof(applied_steps_count),
	length(id), finished_at >= started_at FROM _prisma_migrations ORDER BY started_at`;
const TYPES = 'SELECT DISTINCT typeof(started_at), typeof(finished_at) FROM _prisma_migrations';

// Each command of Prisma's takes a second or more.
describe.each(TRANSPORTS)('Prisma and a database on %s', { timeout: 180_000 }, (transport) => {
	it('finds nothing to do after us', async () => {
		const project = await givenPrisma(transport);
		await project.generate('20260101000000_first', null, FIRST);
		await project.generate('20260102000000_second', FIRST, SECOND);
		const { applied } = await project.migrate();
		expect(applied.map(({ name }) => name)).toEqual(['20260101000000_first', '20260102000000_second']);
		await expectUpToDate(project);
		expect(await project.rows(TYPES)).toEqual([['integer', 'integer']]);

		// The same by Prisma alone, in another database: equal books, and an equal schema.
		const other = await givenPrisma(transport);
		await cp(join(project.folder, 'prisma'), join(other.folder, 'prisma'), { recursive: true });
		expect((await other.prisma('migrate', 'deploy')).exit).toBe(0);
		for (const sql of [
			BOOKS_SQL,
			BOOKS,
			'SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name',
		])
			expect(await project.rows(sql)).toEqual(await other.rows(sql));
	});

	it('is gone on from, rows kept', async () => {
		const project = await givenPrisma(transport);
		await project.generate('20260101000000_first', null, FIRST);
		expect((await project.prisma('migrate', 'deploy')).exit).toBe(0);
		await project.execute("INSERT INTO User VALUES (1, 'Ada'), (2, 'Zoë'); INSERT INTO Post VALUES (10, 1), (20, 2)");
		await project.generate('20260102000000_second', FIRST, SECOND);
		const { plan, applied } = await project.migrate();
		expect(plan.migrations).toEqual([
			{ name: '20260101000000_first', state: 'applied' },
			{ name: '20260102000000_second', state: 'pending' },
		]);
		expect(applied).toMatchObject([{ name: '20260102000000_second', foreignKeysChecked: true }]);
		expect(await project.rows('SELECT name, age FROM User ORDER BY id')).toEqual([
			['Ada', 7],
			['Zoë', 7],
		]);
		expect(await project.rows('SELECT id FROM Post ORDER BY id')).toEqual([[10], [20]]);
		// As the books were begun.
		expect(await project.rows(TYPES)).toEqual([['text', 'text']]);
		await expectUpToDate(project);

		await project.generate('20260103000000_third', SECOND, THIRD);
		expect((await project.prisma('migrate', 'status')).out).toContain('have not yet been applied');
		expect((await project.prisma('migrate', 'deploy')).exit).toBe(0);
		expect((await project.migrate()).plan.pending).toEqual([]);
	});

	it('has failed: refused until somebody has said what is to become of it', async () => {
		const project = await givenPrisma(transport);
		await project.generate('20260101000000_first', null, FIRST);
		await project.writePrisma('20260102000000_bad', 'CREATE TABLE made(a); INSERT INTO absent VALUES (1);');
		expect((await project.prisma('migrate', 'deploy')).exit).toBe(1);
		const refused = await project.migrate({ allowChanged: true });
		expect(refused.error).toMatchObject({ code: 'MIGRATION_UNFINISHED', data: { migrations: ['20260102000000_bad'] } });
		// As `prisma migrate resolve --rolled-back` does, which alone asks for a program from the internet.
		await project.execute(
			'DROP TABLE IF EXISTS made; UPDATE _prisma_migrations SET rolled_back_at = 1 WHERE finished_at IS NULL',
		);
		await project.writePrisma('20260102000000_bad', 'CREATE TABLE made(a);');
		const { error, applied } = await project.migrate();
		expect([error, applied.map(({ name }) => name)]).toEqual([null, ['20260102000000_bad']]);
		await expectUpToDate(project);
		expect((await project.migrate()).plan.migrations.map(({ state }) => state)).toEqual(['applied', 'applied']);
	});
});
