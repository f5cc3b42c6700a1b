import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createClient } from '@libsql/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { splitStatements } from '../../lib/engine/libsql/sql-statements';
import { backupFile } from '../support/backup-file';
import { startScript } from '../support/cli';
import { buildTorture, CHINOOK, describeWithShared, differences, FIDELITY_MS } from '../support/fixtures-fidelity';
import { type Sqld, startSqld } from '../support/sqld';
import { describeWithSqlite3, runSqlite3 } from '../support/sqlite3';
import { Workspace } from './workspace';

const workspace = Workspace.forFile();
const url = (name: string) => `file:${workspace.path(name)}`;
const exportTo = (backup: string, format: string, out: string) =>
	workspace.run('export-backup', [`./${backup}`, '--format', format, '--out', out, '--json']);

/** Backs a database of the workspace up, as `NAME.ndjson.gz`. */
async function backUp(name: string, ...words: string[]): Promise<string> {
	const out = `${name}.ndjson.gz`;
	const env = { TURSO_DATABASE_URL: `file:${name}` };
	const run = await workspace.run('backup-turso', ['--out', out, '--proof', 'none', '--json', ...words], env);
	if (run.exit !== 0) throw new Error(run.stdout);
	return out;
}

/** What stands in `notes`, by name, in the way that the comparison quotes it. */
function namesOf(notes: readonly { object: string }[]): string[] {
	return notes.map(({ object }) => JSON.stringify(object.replace('PRAGMA ', '')).slice(1, -1));
}

/** The objects by which a database differs from its source are these, and all are among the notes. */
async function expectListed(
	notes: readonly { object: string }[],
	objects: readonly string[],
	target: string,
	from = 'torture.db',
): Promise<void> {
	const found = await differences(url(from), target, '--max', '100');
	const isAbout = (line: string, name: string) => new RegExp(`[ "](sqlite_autoindex_)?${name}\\b`).test(line);
	expect(found.filter((line) => !objects.some((name) => isAbout(line, name)))).toEqual([]);
	expect(objects.filter((name) => !found.some((line) => isAbout(line, name)))).toEqual([]);
	expect(objects.filter((name) => !namesOf(notes).some((noted) => noted.startsWith(name)))).toEqual([]);
}

/**
 * Replays a script as `turso db shell` does, which sends its statements one after another: those after COMMIT may be
 * refused. Returns the refused.
 */
async function replayInto(server: Sqld, script: string): Promise<string[]> {
	const end = script.indexOf('\nCOMMIT;\n') + '\nCOMMIT;\n'.length;
	const client = createClient({ url: server.url });
	const refused: string[] = [];
	try {
		await client.executeMultiple(script.slice(0, end));
		for (const { sql } of splitStatements(script.slice(end))) await client.execute(sql).catch(() => refused.push(sql));
	} finally {
		client.close();
	}
	return refused;
}

describeWithShared('an export of Chinook, by an independent comparison', () => {
	let backup: string;
	beforeAll(async () => {
		await copyFile(CHINOOK, workspace.path('chinook.db'));
		backup = await backUp('chinook.db');
	});

	it('is an equal database file', async () => {
		const run = await exportTo(backup, 'sqlite', 'chinook.out.db');
		expect([run.exit, run.stderr, run.json().notes, run.json().rows]).toEqual([0, '', [], 15_617]);
		expect(await differences(url('chinook.db'), url('chinook.out.db'))).toEqual([]);
	});

	it('is a script that a server replays', async () => {
		expect((await exportTo(backup, 'sql', 'chinook.sql')).exit).toBe(0);
		const server = await startSqld();
		try {
			expect(await replayInto(server, await readFile(workspace.path('chinook.sql'), 'utf8'))).toEqual([]);
			expect(await differences(url('chinook.db'), server.url)).toEqual([]);
		} finally {
			await server.close();
		}
	});

	describeWithSqlite3('through a pipe', () => {
		it('export --format sql | sqlite3 is equal', async () => {
			const words = [`./${backup}`, '--format', 'sql'];
			const { child, ended } = startScript('export-backup', words, { cwd: workspace.folder });
			const shell = await runSqlite3(['-bail', workspace.path('piped.db')], child.stdout ?? undefined);
			const run = await ended;
			expect([run.exit, run.stderr, shell]).toEqual([0, '', { exit: 0, stdout: '', stderr: '' }]);
			expect(await differences(url('chinook.db'), url('piped.db'))).toEqual([]);
		});
	});
});

describeWithShared('an export of the torture database, by an independent comparison', () => {
	let backup: string;
	beforeAll(async () => {
		await buildTorture(url('torture.db'));
		backup = await backUp('torture.db');
	}, FIDELITY_MS);

	it(
		'is an equal database file',
		async () => {
			const run = await exportTo(backup, 'sqlite', 'torture.out.db');
			expect([run.exit, run.json().notes]).toEqual([0, []]);
			expect(await differences(url('torture.db'), url('torture.out.db'))).toEqual([]);
		},
		FIDELITY_MS,
	);

	it(
		'is a script that a server replays, but for what is listed',
		async () => {
			const run = await exportTo(backup, 'sql', 'torture.sql');
			expect(run.exit).toBe(0);
			const server = await startSqld();
			try {
				const refused = await replayInto(server, await readFile(workspace.path('torture.sql'), 'utf8'));
				expect(refused.map((sql) => sql.slice(0, 23))).toEqual(['CREATE VIEW v_aggorder ']);
				const differing = ['application_id', 'rnd', 'sqlite_stat1', 'tempcols', 'v_aggorder', 'vio', 'viock'];
				await expectListed(run.json().notes, differing, server.url);
			} finally {
				await server.close();
			}
		},
		FIDELITY_MS,
	);

	it(
		'is a script that comes back into a file, but for what is listed',
		async () => {
			const { notes } = (await exportTo(backup, 'sql', 'torture-again.sql')).json();
			const run = await workspace.run('restore-turso', ['torture-again.sql', '--to', 'file:again.db', '--confirm']);
			expect([run.exit, run.stderr]).toEqual([0, '']);
			await expectListed(notes, ['application_id', 'rnd', 'sqlite_stat1', 'tempcols', 'vio', 'viock'], url('again.db'));
		},
		FIDELITY_MS,
	);

	describeWithSqlite3('by the shell of SQLite', () => {
		it(
			'is a script that sqlite3 replays, but for what is listed',
			async () => {
				await copyFile(workspace.path('torture.db'), workspace.path('shell.db'));
				const virtual = await workspace.rows(
					'shell.db',
					"SELECT name, sql FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'",
				);
				const unknown: string[] = [];
				for (const [name, sql] of virtual) {
					const { exit, stderr } = await runSqlite3([':memory:', String(sql)]);
					if (exit !== 0 && /no such module|unrecognized option/.test(stderr)) unknown.push(String(name));
				}
				// What this very build of the program has not: said beforehand, as the script would fail as a whole.
				const { notes: all } = (await exportTo(backup, 'sql', 'all.sql')).json();
				expect(unknown.filter((name) => !namesOf(all).includes(name))).toEqual([]);
				for (const name of unknown) await workspace.execute('shell.db', `DROP TABLE "${name}"`);

				const run = await exportTo(await backUp('shell.db'), 'sql', 'shell.sql');
				const shell = await runSqlite3([workspace.path('from-shell.db')], workspace.path('shell.sql'));
				const late = shell.stderr.split('\n').filter((line) => /error near/i.test(line));
				expect(late.filter((line) => !/near "ORDER"|no such function: libsql_vector_idx/.test(line))).toEqual([]);
				const isOld = late.some((line) => line.includes('"ORDER"'));
				const vectors = ['vec_e', 'vec_txt_e', 'vec_part_e'];
				const differing = [...vectors, 'application_id', 'rnd', 'sqlite_stat1', 'tempcols', 'vio', 'viock'];
				const withReturns = ['commented', 't8 cr', 'i8 cr'];
				await expectListed(
					run.json().notes,
					[...differing, ...withReturns, ...(isOld ? ['v_aggorder'] : [])],
					url('from-shell.db'),
					'shell.db',
				);
			},
			FIDELITY_MS,
		);
	});
});

describe('an export', () => {
	let backup: string;
	beforeAll(async () => {
		await workspace.execute(
			'media.db',
			`CREATE TABLE "MediaAsset"(id INTEGER PRIMARY KEY, url TEXT, size INTEGER, ratio REAL, thumb BLOB);
			INSERT INTO "MediaAsset" VALUES (1, 'https://x/a.png', 9007199254740993, 1.0, x'00ff'), (2, NULL, -1, -9e999, NULL);
			CREATE TABLE "a/b ../c"(v);
			INSERT INTO "a/b ../c" VALUES ('say "hi",' || char(13, 10) || 'Zoë'), (''), (NULL), (CAST(x'ff' AS TEXT)), (-0.0);
			CREATE TABLE empty(a, b)`,
		);
		backup = await backUp('media.db');
	});

	it('as json is one document, with the inventory of media', async () => {
		const run = await workspace.run('export-backup', [`./${backup}`, '--format', 'json']);
		expect([run.exit, run.stderr]).toEqual([0, '']);
		const assets = [
			{ id: 1, url: 'https://x/a.png', size: '9007199254740993', ratio: 1, thumb: { $base64: 'AP8=' } },
			{ id: 2, url: null, size: -1, ratio: '-Infinity', thumb: null },
		];
		expect(run.json()).toEqual({
			MediaAsset: assets,
			'a/b ../c': [{ v: 'say "hi",\r\nZoë' }, { v: '' }, { v: null }, { v: { $textBase64: '/w==' } }, { v: -0 }],
			empty: [],
			mediaAssetInventory: assets,
		});
		const asFile = await exportTo(backup, 'json', 'media.json');
		expect(asFile.json()).toMatchObject({ status: 'done', rows: 7, inventory: 'mediaAssetInventory' });
		expect(await readFile(workspace.path('media.json'), 'utf8')).toBe(run.stdout);
		expect((await stat(workspace.path('media.json'))).mode & 0o077).toBe(0);
	});

	it('as csv is a file for each table, none of whose names is a path', async () => {
		const run = await exportTo(backup, 'csv', 'media.csv');
		expect(run.json().tables).toContainEqual({ name: 'a/b ../c', rows: 5, file: 'a%2Fb%20%2E%2E%2Fc.csv' });
		expect((await readdir(workspace.path('media.csv'))).sort()).toEqual([
			'MediaAsset.csv',
			'a%2Fb%20%2E%2E%2Fc.csv',
			'empty.csv',
		]);
		const read = (name: string) => readFile(workspace.path('media.csv', name), 'utf8');
		expect(await read('MediaAsset.csv')).toBe(
			`"id","url","size","ratio","thumb"\r\n1,"https://x/a.png",9007199254740993,1.0,x'00FF'\r\n2,,-1,-Infinity,\r\n`,
		);
		expect(await read('a%2Fb%20%2E%2E%2Fc.csv')).toBe(`"v"\r\n"say ""hi"",\r\nZoë"\r\n""\r\n\r\nt'FF'\r\n-0.0\r\n`);
		expect(await read('empty.csv')).toBe('"a","b"\r\n');
	});

	it.each(['sql', 'sqlite', 'json', 'csv'])('as %s writes over nothing', async (format) => {
		const before = await readFile(workspace.path('shop.db'));
		const run = await exportTo(backup, format, 'shop.db');
		expect([run.exit, run.json().error.code]).toEqual([3, 'OUTPUT_EXISTS']);
		expect(await readFile(workspace.path('shop.db'))).toEqual(before);
	});

	it.each(['sql', 'sqlite', 'json', 'csv'])('as %s leaves nothing of a damaged backup', async (format) => {
		await workspace.damage(workspace.path(backup), 'damaged.ndjson.gz');
		const before = await workspace.files();
		const run = await exportTo('damaged.ndjson.gz', format, `damaged.${format}`);
		expect([run.exit, run.json().error.code]).toEqual([4, 'BACKUP_DAMAGED']);
		expect(await workspace.files()).toEqual(before);
	});

	it.each(['sql', 'sqlite'])('as %s lets no schema through that could act, unless allowed', async (format) => {
		const tables = [{ name: 't', columns: ['a'], sql: "CREATE TABLE t(a CHECK(readfile('/etc/hostname') IS NOT a))" }];
		await writeFile(workspace.path('acting.ndjson.gz'), backupFile({ tables }));
		const run = await exportTo('acting.ndjson.gz', format, `acting.${format}`);
		expect([run.exit, run.json().error.code]).toEqual([3, 'FUNCTIONS_REFUSED']);
		expect(await workspace.files()).not.toContain(`acting.${format}`);
		const words = ['./acting.ndjson.gz', '--format', format, '--out', `acting.${format}`];
		expect((await workspace.run('export-backup', [...words, '--allow-functions', 'ReadFile'])).exit).toBe(0);
	});

	it('lets no SQL into a script that is more than it should be', async () => {
		const tables = [{ name: 't', columns: ['a'], sql: 'CREATE TABLE t(a); DROP TABLE t' }];
		await writeFile(workspace.path('two.ndjson.gz'), backupFile({ tables }));
		const run = await exportTo('two.ndjson.gz', 'sql', 'two.sql');
		expect([run.exit, run.json().error.code]).toEqual([3, 'SCRIPT_REFUSED']);
	});

	it.each([
		[['--format', 'csv']],
		[['--format', 'sqlite']],
		[['--format', 'xml', '--out', 'x']],
		[['--out', 'x']],
		[['--format', 'sql', '--json']],
	])('refuses %j', async (words) => {
		expect((await workspace.run('export-backup', [`./${backup}`, ...words])).exit).toBe(2);
	});
});

describe('a backup of some tables', () => {
	it('is listed by its label, verified and restored', async () => {
		const words = ['--write', '--tables', 'users,audit', '--label', 'pre-rotation', '--json'];
		const made = await workspace.run('backup-turso', words);
		expect(made.exit).toBe(0);
		const { id } = made.json().backup;
		const list = await workspace.run('list-backups', ['--json']);
		expect(JSON.stringify(list.json())).toContain('pre-rotation');
		expect((await workspace.run('verify-backup', [id, '--drill'])).exit).toBe(0);
		const run = await workspace.run('restore-turso', [id, '--to', 'file:part.db', '--confirm', '--json']);
		expect([run.exit, run.json().restored.tables, run.json().restored.rows]).toEqual([0, 2, 6]);
		const counts = await workspace.rows(
			'part.db',
			'SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM orders)',
		);
		expect(counts).toEqual([[3, 0]]);
	});
});
