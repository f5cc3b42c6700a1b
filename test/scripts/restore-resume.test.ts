import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ScriptRun } from '../support/cli';
import { execute, Fixtures, rowsOf, TRANSPORTS } from '../support/fixtures';
import { describeWithShared, differences } from '../support/fixtures-fidelity';
import { type Sqld, startSqld } from '../support/sqld';
import { Workspace } from './workspace';

/** How many restores are killed on each transport. */
const KILLS = Number(process.env.LIFEBOAT_KILLS ?? 20);
const LIMIT_MS = 60_000;

const N = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)';
const SOURCE = `
	CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
	INSERT INTO users VALUES (1, 'Ada'), (700, 'Zoë');
	DELETE FROM users WHERE id = 700;
	CREATE TABLE log(at REAL, what TEXT, user REFERENCES users(id));
	INSERT INTO log ${N} SELECT i / 7.0, hex(zeroblob(60)) || i, 1 FROM n;
	CREATE INDEX log_what ON log(what);
	CREATE TABLE broken(id INTEGER PRIMARY KEY, v);
	INSERT INTO broken SELECT rowid, CASE rowid % 3 WHEN 0 THEN '12' WHEN 1 THEN 'text' END FROM log WHERE rowid <= 15000;
	ALTER TABLE broken ALTER COLUMN v TO v INTEGER NOT NULL;
	CREATE VIRTUAL TABLE words USING fts5(t);
	INSERT INTO words ${N} SELECT 'word' || (i % 977) || ' and ' || i FROM n WHERE i <= 5000;
	CREATE VIEW busy AS SELECT user, count(*) AS n FROM log GROUP BY user;
	CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES (0, new.name, new.id); END;
	PRAGMA user_version = 7;
`;

describeWithShared('a restore that stopped', () => {
	const workspace = Workspace.forFile();
	const fixtures = new Fixtures();
	let server: Sqld | undefined;
	let source: string;
	let fullMs: number;
	const restore = (to: string, ...words: string[]) =>
		workspace.run('restore-turso', ['./source.ndjson.gz', '--to', to, '--confirm', '--json', ...words]);
	const start = (to: string, ...words: string[]) =>
		workspace.start('restore-turso', ['./source.ndjson.gz', '--to', to, '--confirm', ...words]);
	const fresh = async (transport: (typeof TRANSPORTS)[number], name: string) => {
		if (transport === 'file') return pathToFileURL(workspace.path(name)).href;
		server = await startSqld();
		return server.url;
	};
	const marks = (url: string) => rowsOf(url, "SELECT 1 FROM sqlite_schema WHERE name = '_lifeboat_restore'");

	beforeAll(async () => {
		await workspace.execute('source.db', SOURCE);
		source = pathToFileURL(workspace.path('source.db')).href;
		const env = { TURSO_DATABASE_URL: 'file:source.db' };
		await workspace.run('backup-turso', ['--out', 'source.ndjson.gz', '--proof', 'none'], env);
		await workspace.execute('other.db', 'CREATE TABLE t(a); INSERT INTO t VALUES (1)');
		await workspace.run('backup-turso', ['--out', 'other.ndjson.gz'], { TURSO_DATABASE_URL: 'file:other.db' });
		const startedMs = performance.now();
		expect((await restore('file:full.db')).exit).toBe(0);
		fullMs = performance.now() - startedMs;
	}, LIMIT_MS);
	afterEach(async () => {
		await server?.close();
		server = undefined;
	});
	afterAll(() => fixtures.close());

	const partial = (to: string) => (to.startsWith('file:') ? `${to}.restoring` : to);
	/** Starts a restore and calls `act` once some rows are in at `target`. */
	const midway = async (
		to: string,
		target: string,
		words: readonly string[],
		act: (child: ChildProcess) => unknown,
	): Promise<ScriptRun> => {
		const { child, ended } = start(to, ...words);
		for (;;) {
			if (child.exitCode !== null) throw new Error(`ended too early: ${(await ended).stderr}`);
			const isThere = !target.startsWith('file:') || existsSync(new URL(target));
			const steps = isThere ? await rowsOf(target, 'SELECT step FROM _lifeboat_restore').catch(() => []) : [];
			if (Number(steps[0]?.[0] ?? 0) >= 2) break;
			await sleep(5);
		}
		await act(child);
		return ended;
	};
	const kill = (child: ChildProcess) => child.kill('SIGKILL');

	for (const transport of TRANSPORTS) {
		it.each(Array.from({ length: KILLS }, (_, nth) => nth + 1))(
			`by kill -9 at a random moment goes on and ends exact, by ${transport}, %i of ${KILLS}`,
			async (nth) => {
				const to = await fresh(transport, `killed-${nth}.db`);
				const { child, ended } = start(to);
				await sleep(fullMs * (0.3 + 0.7 * Math.random()));
				child.kill('SIGKILL');
				const { exit } = await ended;
				if (exit === null) {
					const run = await restore(to, '--resume');
					// Killed after its last step, there is nothing to go on with.
					if (run.exit === 3) expect([run.json().error.code, await marks(to)]).toEqual(['TARGET_NOT_EMPTY', []]);
					else expect([run.exit, run.json()]).toMatchObject([0, { status: 'restored' }]);
				}
				expect(await differences(source, to)).toEqual([]);
				expect(await marks(to)).toEqual([]);
				if (transport === 'file')
					expect((await workspace.files()).filter((name) => name.startsWith(`killed-${nth}.db.`))).toEqual([]);
			},
			LIMIT_MS,
		);

		it(
			`is known, refused without --resume and to any other restore, and not backed up, by ${transport}`,
			async () => {
				const to = await fresh(transport, 'known.db');
				const target = partial(to);
				await midway(to, target, [], kill);
				const before = await rowsOf(target, 'SELECT count(*) FROM log');
				const refused = [
					await restore(to),
					await restore(to, '--resume', '--tables', 'users'),
					await workspace.run('restore-turso', ['./other.ndjson.gz', '--to', to, '--confirm', '--json']),
					await workspace.run('restore-turso', ['./other.ndjson.gz', '--to', to, '--confirm', '--json', '--resume']),
					await workspace.run('restore-turso', ['./source.ndjson.gz', '--to', to, '--json']),
				];
				for (const run of refused) expect([run.exit, run.json().error.code]).toEqual([3, 'RESTORE_UNFINISHED']);
				const env = { TURSO_DATABASE_URL: target };
				const backup = await workspace.run('backup-turso', ['--out', `half-${transport}.ndjson.gz`, '--json'], env);
				expect([backup.exit, backup.json().error.code]).toEqual([3, 'RESTORE_UNFINISHED']);
				expect(await rowsOf(target, 'SELECT count(*) FROM log')).toEqual(before);
				const dry = await workspace.run('restore-turso', ['./source.ndjson.gz', '--to', to, '--json', '--resume']);
				expect([dry.exit, dry.json().resumes]).toEqual([0, true]);
				expect((await restore(to, '--resume')).exit).toBe(0);
				expect(await differences(source, to)).toEqual([]);
			},
			LIMIT_MS,
		);

		it(
			`into a migrated database keeps its triggers safe, and goes on, by ${transport}`,
			async () => {
				const to = await fresh(transport, 'adopted.db');
				const ddl = (await rowsOf(
					source,
					'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid',
				)) as string[][];
				for (const [sql] of ddl)
					if (!/sqlite_sequence|'words_/.test(sql as string) && !/ words_/.test(sql as string))
						await execute(to, sql as string);
				// Its rows could not have got into that table.
				const parts = ['--skip-tables', 'broken'];
				await midway(to, to, parts, kill);
				expect(await rowsOf(to, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")).toEqual([]);
				const run = await restore(to, '--resume', ...parts);
				expect([run.exit, run.stderr]).toEqual([0, '']);
				expect(await rowsOf(to, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")).toEqual([['users_ai']]);
				expect(await differences(source, to, '--ignore', 'user_version', '--skip-table', 'broken')).toEqual([]);
			},
			LIMIT_MS,
		);
	}

	it.each(['SIGTERM', 'SIGINT'] as const)(
		'by %s says how to go on, and does',
		async (signal) => {
			const to = await fresh('file', `by-${signal}.db`);
			const run = await midway(to, partial(to), [], (child) => child.kill(signal));
			expect(run.exit).toBe(1);
			expect(run.stderr).toContain(signal);
			expect(run.stderr).toContain('--resume');
			expect(existsSync(new URL(to))).toBe(false);
			expect((await restore(to, '--resume')).exit).toBe(0);
			expect(await differences(source, to)).toEqual([]);
		},
		LIMIT_MS,
	);

	it(
		'by a server that goes away says how to go on, and does when it is back',
		async () => {
			const to = await fresh('sqld', '');
			const run = await midway(to, to, [], async () => {
				await server?.kill();
				await server?.restart();
			});
			if (run.exit !== 0) {
				expect([run.exit, run.stderr]).toEqual([6, expect.stringContaining('--resume')]);
				expect((await restore(to, '--resume')).exit).toBe(0);
			}
			expect(await differences(source, to)).toEqual([]);
		},
		LIMIT_MS,
	);

	it(
		'that is gone on with twice at once is done once',
		async () => {
			const to = await fresh('sqld', '');
			await midway(to, to, [], kill);
			const runs = await Promise.all([restore(to, '--resume'), restore(to, '--resume')]);
			expect(runs.some(({ exit }) => exit === 0)).toBe(true);
			expect(await differences(source, to)).toEqual([]);
		},
		LIMIT_MS,
	);
});
