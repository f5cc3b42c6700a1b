import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTorture, CHINOOK, describeWithShared, differences, FIDELITY_MS } from '../support/fixtures-fidelity';
import { type Sqld, startSqld } from '../support/sqld';
import { describeWithSqlite3, runSqlite3 } from '../support/sqlite3';
import { Workspace } from './workspace';

const workspace = Workspace.forFile();
const url = (name: string) => `file:${workspace.path(name)}`;
const restore = (file: string, to: string, ...words: string[]) =>
	workspace.run('restore-turso', [`./${file}`, '--to', to, '--json', ...words]);

let sqld: Sqld;
beforeAll(async () => {
	sqld = await startSqld();
});
afterAll(() => sqld.close());

async function objectsOf(target: string): Promise<unknown[]> {
	const client = createClient({ url: target });
	try {
		return (await client.execute('SELECT name FROM sqlite_schema')).rows.map((row) => row.name);
	} finally {
		client.close();
	}
}

describeWithShared('what comes from elsewhere', () => {
	beforeAll(async () => {
		await copyFile(CHINOOK, workspace.path('chinook.db'));
	});

	it('a database file is planned, then restored, and stays as it is', async () => {
		const before = await readFile(workspace.path('chinook.db'));
		const files = await workspace.files();
		const dry = await restore('chinook.db', 'file:from-db.db');
		expect([dry.exit, dry.stderr, dry.json().status]).toEqual([0, '', 'dry-run']);
		expect(dry.json().tables).toContainEqual({ name: 'Track', rows: 3503, skipped: false });
		expect(await workspace.files()).toEqual(files);
		const run = await restore('chinook.db', 'file:from-db.db', '--confirm');
		expect([run.exit, run.stderr, run.json().restored.rows]).toEqual([0, '', 15_617]);
		expect(await differences(url('chinook.db'), url('from-db.db'))).toEqual([]);
		expect(await readFile(workspace.path('chinook.db'))).toEqual(before);
		const itself = await restore('chinook.db', 'file:chinook.db', '--confirm');
		expect([itself.exit, itself.json().error.code]).toEqual([3, 'TARGET_IS_SOURCE']);
		const full = await restore('chinook.db', 'file:shop.db', '--confirm');
		expect([full.exit, full.json().error.code]).toEqual([3, 'TARGET_NOT_EMPTY']);
	});

	it(
		'the torture database comes back from its file',
		async () => {
			await buildTorture(url('torture.db'));
			const run = await restore('torture.db', 'file:tortured.db', '--confirm');
			expect([run.exit, run.json().restored.refusals]).toEqual([0, []]);
			expect(await differences(url('torture.db'), url('tortured.db'))).toEqual([]);
		},
		FIDELITY_MS,
	);

	describeWithSqlite3('by sqlite3 .dump', () => {
		beforeAll(async () => {
			const { stdout } = await runSqlite3([workspace.path('chinook.db'), '.dump']);
			await writeFile(workspace.path('chinook.sql'), stdout);
		});

		it('Chinook is planned, then restored into a file', async () => {
			const files = await workspace.files();
			const dry = await restore('chinook.sql', 'file:from-dump.db');
			expect([dry.exit, dry.stderr, dry.json().status]).toEqual([0, '', 'dry-run']);
			expect(dry.json().tables).toContainEqual({ name: 'Track', rows: 3503, skipped: false });
			expect(await workspace.files()).toEqual(files);
			const run = await restore('chinook.sql', 'file:from-dump.db', '--confirm');
			expect([run.exit, run.stderr, run.json().restored.rows]).toEqual([0, '', 15_617]);
			expect(await differences(url('chinook.db'), url('from-dump.db'))).toEqual([]);
		});

		it('Chinook is restored into a server', async () => {
			const server = await startSqld();
			try {
				const run = await restore('chinook.sql', server.url, '--confirm');
				expect([run.exit, run.stderr, run.json().restored.rows]).toEqual([0, '', 15_617]);
				expect(await differences(url('chinook.db'), server.url)).toEqual([]);
			} finally {
				await server.close();
			}
		});

		it('virtual tables are restored', async () => {
			const made = "CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('one two'), ('three')";
			await runSqlite3([
				workspace.path('fts.db'),
				`${made}; CREATE TRIGGER x AFTER INSERT ON f_data BEGIN SELECT ';'; END`,
			]);
			const { stdout } = await runSqlite3([workspace.path('fts.db'), '.dump']);
			expect(stdout).toContain('writable_schema');
			await writeFile(workspace.path('fts.sql'), stdout);
			expect((await restore('fts.sql', 'file:from-fts.db', '--confirm')).exit).toBe(0);
			expect(await workspace.rows('from-fts.db', "SELECT a FROM f WHERE f MATCH 'two'")).toEqual([['one two']]);
		});

		it.each([0.1, 0.5, 0.9])('a script that ends after %d of it is refused', async (part) => {
			const script = await readFile(workspace.path('chinook.sql'));
			const name = `cut-${part}.sql`;
			await writeFile(workspace.path(name), script.subarray(0, script.length * part));
			await expectNothing(name, 4, 'BACKUP_DAMAGED');
		});
	});
});

/** A restore of it ends so, on both transports, and leaves nothing there. */
async function expectNothing(name: string, exit: number, code: string): Promise<void> {
	const files = await workspace.files();
	// One after the other to the file: a dry run looks at what a restore beside it is building.
	const runs = await Promise.all([restore(name, 'file:nothing.db', '--confirm'), restore(name, sqld.url, '--confirm')]);
	for (const run of [...runs, await restore(name, 'file:nothing.db')])
		expect([run.exit, run.json().error.code, run.stderr]).toEqual([exit, code, '']);
	expect(await workspace.files()).toEqual(files);
	expect(await objectsOf(sqld.url)).toEqual([]);
}

const START = 'CREATE TABLE t(a);\nINSERT INTO t VALUES (1);\n';
const evil = () => workspace.path('evil');

describe('a hostile script', () => {
	it.each<[string, string, () => string]>([
		['attaches a database', 'SCRIPT_REFUSED', () => `ATTACH '${evil()}' AS e; CREATE TABLE e.t(a);`],
		['attaches after a byte order mark', 'SCRIPT_REFUSED', () => `\ufeffATTACH '${evil()}' AS e;`],
		['attaches within a statement that is explained', 'FUNCTIONS_REFUSED', () => `EXPLAIN ATTACH '${evil()}' AS e;`],
		['loads an extension', 'FUNCTIONS_REFUSED', () => `SELECT load_extension('${evil()}');`],
		['loads an extension by a quoted name', 'FUNCTIONS_REFUSED', () => `SELECT "load_extension"('${evil()}');`],
		['writes a file', 'FUNCTIONS_REFUSED', () => `SELECT writefile('${evil()}', 'x');`],
		['writes a file from a row', 'FUNCTIONS_REFUSED', () => `INSERT INTO t VALUES (writefile('${evil()}', 'x'));`],
		[
			'writes a file by a comment',
			'FUNCTIONS_REFUSED',
			() => `INSERT INTO t VALUES (writefile/**/('${evil()}', 'x'));`,
		],
		['writes a file by a CHECK', 'FUNCTIONS_REFUSED', () => `CREATE TABLE c(a CHECK(writefile('${evil()}', a)));`],
		[
			'writes a file by a trigger',
			'FUNCTIONS_REFUSED',
			() => `CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT writefile('${evil()}', 'x'); END;`,
		],
		['reads a file', 'FUNCTIONS_REFUSED', () => "INSERT INTO t VALUES (readfile('/etc/hostname'));"],
		['makes a table of a foreign module', 'FUNCTIONS_REFUSED', () => 'CREATE VIRTUAL TABLE v USING fsdir;'],
		['vacuums into a file', 'SCRIPT_REFUSED', () => `VACUUM INTO '${evil()}';`],
		['makes the schema writable', 'SCRIPT_REFUSED', () => 'PRAGMA writable_schema=ON;'],
		[
			'rewrites the schema',
			'SCRIPT_REFUSED',
			() => "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = 'CREATE TABLE t(a, b)';",
		],
		[
			'writes a trigger into the schema',
			'SCRIPT_REFUSED',
			() =>
				"PRAGMA writable_schema=ON; INSERT INTO sqlite_schema VALUES('trigger','x','t',0,'CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END');",
		],
		['has a command of the shell', 'SCRIPT_REFUSED', () => `.shell touch ${evil()}\n`],
		['has a command of the shell, indented', 'SCRIPT_REFUSED', () => `  .output ${evil()}\nSELECT 1;`],
		['takes itself back', 'BACKUP_DAMAGED', () => 'ROLLBACK; -- due to errors'],
		['has a statement that is none', 'BACKUP_DAMAGED', () => 'INSERT INTO nobody VALUES (1);'],
		['has a quote that nobody ends', 'BACKUP_DAMAGED', () => "INSERT INTO t VALUES ('x); SELECT 1;"],
		['has no COMMIT', 'BACKUP_DAMAGED', () => 'BEGIN; INSERT INTO t VALUES (2);'],
	])('that %s is refused, and leaves nothing', async (what, code, make) => {
		const name = `${what.replaceAll(' ', '-')}.sql`;
		await writeFile(workspace.path(name), `${START}${make()}\nINSERT INTO t VALUES (3);\n`);
		await expectNothing(name, code === 'BACKUP_DAMAGED' ? 4 : 3, code);
		expect(await stat(evil()).catch(() => null)).toBeNull();
	});

	it('whose functions are allowed is restored', async () => {
		await writeFile(workspace.path('allowed.sql'), "CREATE TABLE t(a DEFAULT (readfile('x')));");
		const words = ['--confirm', '--allow-functions', 'readfile'];
		expect((await restore('allowed.sql', 'file:allowed.db', ...words)).exit).toBe(0);
	});

	it('in a database file is refused', async () => {
		await workspace.execute('acting.db', `CREATE TABLE t(a CHECK(writefile('${evil()}', a) > 0 OR 1))`);
		await expectNothing('acting.db', 3, 'FUNCTIONS_REFUSED');
	});
});

describe('a file that is not what its name says', () => {
	it.each([
		['text.db', 'no database at all'],
		['empty.db', ''],
		['short.sqlite', 'SQLite format 3\0'],
		['cut.sqlite3', 'SQLite format 3\0'.padEnd(5_000, 'x')],
		['empty.sql', '-- nothing\n'],
	])('%s is refused', async (name, content) => {
		await writeFile(workspace.path(name), content);
		await expectNothing(name, 4, 'BACKUP_DAMAGED');
	});
});

describe('a script', () => {
	it('is split by its tokens, and keeps every byte of its strings', async () => {
		const script = Buffer.concat([
			Buffer.from(
				`\ufeff-- a comment; with a semicolon\nPRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;
				CREATE TABLE "t;1"(id INTEGER PRIMARY KEY, v /* ; */ TEXT);\n`,
			),
			Buffer.from(`INSERT INTO "t;1" VALUES (1,'it''s; fine'),(2,'Zoë 🚤'),(3,'`),
			Buffer.from([0xff, 0x00, 0x61]),
			Buffer.from(`'),(4,unistr('a\\000ab')),(5,'x' || char(0));
				CREATE TRIGGER g AFTER INSERT ON "t;1" BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM "t;1" WHERE id = 99; END;
				PRAGMA user_version=7;\nCOMMIT`),
		]);
		await writeFile(workspace.path('tokens.sql'), script);
		const run = await restore('tokens.sql', 'file:tokens.db', '--confirm');
		expect([run.exit, run.stderr, run.json().restored.rows]).toEqual([0, '', 5]);
		expect(await workspace.rows('tokens.db', 'SELECT hex(v), typeof(v) FROM "t;1" ORDER BY id')).toEqual([
			[Buffer.from("it's; fine").toString('hex').toUpperCase(), 'text'],
			[Buffer.from('Zoë 🚤').toString('hex').toUpperCase(), 'text'],
			['FF0061', 'text'],
			['610A62', 'text'],
			['7800', 'text'],
		]);
		expect(await workspace.rows('tokens.db', 'PRAGMA user_version')).toEqual([[7]]);
	});

	it('tells the line at which it is refused', async () => {
		await writeFile(workspace.path('line.sql'), `${START}INSERT INTO t VALUES ('a\nb');\n\nSELECT nothing(1);\n`);
		const run = await restore('line.sql', 'file:line.db');
		expect(run.json().error.data).toMatchObject({ line: 6, functions: ['nothing'] });
	});

	it('restores the parts that are asked for', async () => {
		await writeFile(
			workspace.path('parts.sql'),
			`${START}CREATE TABLE other(b);\nINSERT INTO other VALUES (1), (2);\n`,
		);
		const run = await restore('parts.sql', 'file:parts.db', '--tables', 'other', '--confirm');
		expect([run.exit, run.json().restored.rows]).toEqual([0, 2]);
		expect(await workspace.rows('parts.db', 'SELECT name FROM sqlite_schema')).toEqual([['other']]);
	});
});
