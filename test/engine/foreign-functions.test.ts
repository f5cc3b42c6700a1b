import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findForeignFunctions } from '../../lib/engine/libsql/ddl-functions';
import * as known from '../../lib/engine/libsql/known-functions';
import { SYNTAX } from '../../lib/engine/libsql/sql-syntax';
import { buildTorture, CHINOOK, describeWithShared, FIDELITY_MS } from '../support/fixtures-fidelity';
import { type Sqld, startSqld } from '../support/sqld';

let folder: string;
let sqld: Sqld;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'lifeboat-functions-'));
	sqld = await startSqld();
});
afterAll(async () => {
	await sqld.close();
	await rm(folder, { recursive: true, force: true });
});

const urlOf = (transport: string) => (transport === 'file' ? `file:${join(folder, 'scratch.db')}` : sqld.url);

async function columnOf(url: string, sql: string): Promise<string[]> {
	const client = createClient({ url });
	try {
		return (await client.execute(sql)).rows.map((row) => String(row[0]));
	} finally {
		client.close();
	}
}

describe.each(['file', 'sqld'])('what libSQL offers on %s', (transport) => {
	it('is known, each function of it', async () => {
		const offered = await columnOf(urlOf(transport), 'SELECT DISTINCT name FROM pragma_function_list');
		expect(offered.length).toBeGreaterThan(200);
		const named = new Set([...known.HARMLESS_FUNCTIONS, ...Object.keys(known.ACTING_FUNCTIONS)]);
		expect(offered.filter((name) => !named.has(name))).toEqual([]);
		// Else a call would be taken for syntax.
		expect(offered.filter((name) => SYNTAX.has(name.toUpperCase()))).toEqual([]);
	});

	it('is known, each module of it', async () => {
		const offered = await columnOf(urlOf(transport), 'SELECT DISTINCT name FROM pragma_module_list');
		expect(offered.length).toBeGreaterThan(10);
		const { HARMLESS_MODULES, HARMLESS_TABLE_FUNCTIONS, ACTING_MODULES } = known;
		const named = new Set([...HARMLESS_MODULES, ...HARMLESS_TABLE_FUNCTIONS, ...Object.keys(ACTING_MODULES)]);
		expect(offered.filter((name) => !named.has(name) && !name.startsWith('pragma_'))).toEqual([]);
	});
});

it('has nothing on both lists', () => {
	const [functions, modules] = [Object.keys(known.ACTING_FUNCTIONS), Object.keys(known.ACTING_MODULES)];
	expect(functions.filter((name) => known.HARMLESS_FUNCTIONS.has(name))).toEqual([]);
	const tables = [...known.HARMLESS_MODULES, ...known.HARMLESS_TABLE_FUNCTIONS];
	expect(modules.filter((name) => tables.includes(name))).toEqual([]);
});

describe('a call', () => {
	it.each([
		// Ways to spell it
		["SELECT writefile('x', 'y')", ['writefile']],
		["SELECT WriteFile\n(/* a */'x')", ['writefile']],
		['SELECT "writefile"(\'x\'), [readfile](1), `edit`(2)', ['writefile', 'readfile', 'edit']],
		["SELECT writefile -- (\n /* ) */ ('x')", ['writefile']],
		["SELECT writefile\u00a0('x')", ['writefile\u00a0']],
		["SELECT '''', writefile('x') --'", ['writefile']],
		["SELECT abs(lower(writefile(readfile('x'))))", ['writefile', 'readfile']],
		["SELECT no_such('x'), LI\u212aE(1)", ['no_such', 'li\u212ae']],
		['SELECT left(\'x\'), "key"(1)', ['left', 'key']],
		// Places
		["CREATE TABLE t(a CHECK (writefile('x', a)))", ['writefile']],
		['CREATE TABLE t(a, CONSTRAINT c CHECK (a > edit(a)))', ['edit']],
		["CREATE TABLE t(a INT(3) DEFAULT (writefile('x')), b VARCHAR(10))", ['writefile']],
		["CREATE TABLE t(a, b TEXT GENERATED ALWAYS AS (load_extension('x')) STORED)", ['load_extension']],
		["CREATE TABLE t(a, b AS (load_extension('x')))", ['load_extension']],
		["CREATE TABLE t(a, b INT writefile('x'))", ['writefile']],
		['CREATE TABLE t(a, b writefile(1, 2, 3))', ['writefile']],
		["CREATE TABLE t AS SELECT writefile('x')", ['writefile']],
		["CREATE TABLE t(a REFERENCES writefile(a) CHECK (readfile('x')))", ['readfile']],
		['CREATE INDEX i ON writefile(readfile(a)) WHERE edit(b)', ['readfile', 'edit']],
		["CREATE VIEW v(p, q) AS SELECT writefile('x'), 2", ['writefile']],
		[
			"CREATE VIEW v AS WITH n(i) AS (SELECT writefile('x')), m AS MATERIALIZED (SELECT edit(1)) SELECT readfile(1) FROM n, m",
			['writefile', 'edit', 'readfile'],
		],
		["CREATE VIEW v AS WITH n AS (SELECT 1) SELECT 1, writefile('x') FROM n", ['writefile']],
		[
			'CREATE VIEW v AS SELECT sum(a) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (PARTITION BY writefile(a))',
			['writefile'],
		],
		[
			'CREATE VIEW v AS SELECT count(*) FILTER (WHERE writefile(a)) FROM t JOIN u ON edit(1) GROUP BY readfile(a)',
			['writefile', 'edit', 'readfile'],
		],
		["CREATE TRIGGER g AFTER INSERT ON t WHEN writefile('x') BEGIN SELECT 1; END", ['writefile']],
		[
			"CREATE TRIGGER g UPDATE OF a ON t BEGIN INSERT INTO u(a) VALUES (writefile('x')); SELECT edit(1); END",
			['writefile', 'edit'],
		],
		[
			"INSERT INTO t(a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = writefile('x') RETURNING edit(a)",
			['writefile', 'edit'],
		],
		["UPDATE t SET (a, b) = (SELECT 1, writefile('x'))", ['writefile']],
		["DELETE FROM t WHERE a IN (SELECT writefile('x')) AND CAST(edit(1) AS VARCHAR(10))", ['writefile', 'edit']],
		["ALTER TABLE t ADD COLUMN a VARCHAR(10) DEFAULT (writefile('x'))", ['writefile']],
		["SELECT CAST(1 AS writefile(readfile('x')))", ['writefile', 'readfile']],
		['SELECT 1; SELECT 2 FROM x; SELECT edit(3)', ['edit']],
		// Tables that act
		["SELECT * FROM fsdir('/')", ['fsdir']],
		["SELECT * FROM 'fsdir'('/')", ['fsdir']],
		["SELECT * FROM main.fsdir WHERE path = '/'", ['fsdir']],
		['SELECT 1 FROM t AS u JOIN [sqlite_dbpage] ON 1', ['sqlite_dbpage']],
		['SELECT 1 FROM t, (dbstat), sqlite_stmt', ['dbstat', 'sqlite_stmt']],
		["SELECT 1 WHERE x IN fsdir('/') AND y IN main.dbstat", ['fsdir', 'dbstat']],
		["INSERT INTO sqlite_dbpage VALUES (1, x'00')", ['sqlite_dbpage']],
		["UPDATE OR IGNORE sqlite_dbpage SET data = x'00'", ['sqlite_dbpage']],
		['SELECT * FROM pragma_optimize', ['pragma_optimize']],
		["SELECT * FROM pragma_writable_schema('x')", ['pragma_writable_schema']],
		// Modules
		['CREATE VIRTUAL TABLE x USING fsdir', ['fsdir']],
		["CREATE VIRTUAL TABLE IF NOT EXISTS main.x USING 'csv'(filename='/etc/passwd')", ['csv']],
		['CREATE VIRTUAL TABLE x USING fts4(a, compress=load_extension, uncompress="edit")', ['load_extension', 'edit']],
		// Statements that reach outside
		["ATTACH 'x' AS y; VACUUM INTO 'x'; VACUUM INTO writefile('x')", ['attach', 'vacuum_into', 'writefile']],
		["EXPLAIN QUERY PLAN ATTACH 'x' AS y", ['attach']],
		["CREATE FUNCTION f LANGUAGE wasm AS ''", ['create_function']],
		["PRAGMA main.temp_store_directory = '/'; PRAGMA key('x')", ['pragma_temp_store_directory', 'pragma_key']],
		// Schema that is written as rows
		[
			"INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('view','v','v',0,'CREATE VIEW v AS SELECT writefile(''x'')');",
			['writefile'],
		],
		["INSERT INTO main.'sqlite_master' VALUES('table','v','v',0,'CREATE VIRTUAL TABLE v USING csv');", ['csv']],
		[
			"INSERT INTO sqlite_schema VALUES('view','v','v',0,'CREATE VIEW v AS SELECT write'||'file(1)');",
			['sqlite_schema'],
		],
		["INSERT INTO sqlite_schema VALUES('view','v','v',0,x'00');", ['sqlite_schema']],
		['INSERT INTO sqlite_schema SELECT * FROM t', ['sqlite_schema']],
		["UPDATE sqlite_master SET sql = 'x'", ['sqlite_master']],
		// Not SQL
		["SELECT 'writefile(", []],
		['))) writefile(', ['writefile']],
		["SELECT x'zz' writefile('x')", ['writefile']],
	])('is found in %s', (sql, names) => {
		expect(findForeignFunctions(sql)).toEqual(names);
	});

	it.each([
		'CREATE TABLE writefile(readfile VARCHAR(10), b DECIMAL(10, -2), c F32_BLOB(3), d "x y"(3), e LONG VARCHAR (3) NOT NULL)',
		'CREATE TABLE IF NOT EXISTS main."writefile"(a REFERENCES readfile(edit), PRIMARY KEY(a), FOREIGN KEY (a) REFERENCES edit (b) ON UPDATE CASCADE)',
		"CREATE TABLE t(a DEFAULT 'writefile(1)' /* writefile(1) */, b DEFAULT (1), -- writefile(1)\n c UNIQUE ON CONFLICT REPLACE)",
		'CREATE TABLE regexp(regexp TEXT, dbstat, fsdir INT, UNIQUE (dbstat) ON CONFLICT FAIL, CHECK (dbstat > 1))',
		'CREATE UNIQUE INDEX main.i ON writefile(a, b COLLATE NOCASE DESC, lower(c)) WHERE (a) IS NOT NULL',
		'CREATE VIEW writefile(a, b) AS WITH RECURSIVE readfile(i) AS (VALUES (1)), edit(j) AS NOT MATERIALIZED (SELECT 1) SELECT * FROM readfile, edit',
		"CREATE TRIGGER writefile BEFORE INSERT ON t WHEN (new.a) BEGIN INSERT INTO writefile(a) VALUES (1); UPDATE t SET (a) = (1); SELECT RAISE(ABORT, 'no'); END",
		'INSERT OR REPLACE INTO main.writefile AS readfile (a) VALUES (1), (2) ON CONFLICT (a) WHERE (a) DO NOTHING',
		'SELECT CAST(1 AS VARCHAR(10)), CASE (1) WHEN (2) THEN (3) ELSE (4) END FROM t JOIN u USING (a) LIMIT (1) OFFSET (2)',
		'SELECT sum(a) FILTER (WHERE (1)) OVER (PARTITION BY (a) ORDER BY (b) RANGE (1) PRECEDING) FROM (SELECT 1) UNION SELECT (2)',
		'SELECT a REGEXP (b), a MATCH (b), a GLOB (b), a LIKE (b), a -> (b), a ->> (b), "regexp"(1, 2), if(1, 2)',
		"SELECT * FROM json_each(1), generate_series(1, 2), pragma_table_info('t'), pragma_function_list, vector_top_k(1, 2, 3)",
		"CREATE VIRTUAL TABLE f USING fts5(a, compress, tokenize='porter unicode61')",
		'CREATE VIRTUAL TABLE f USING rtree(id, a, b, +c DECIMAL(10, 2), +dbstat writefile(1))',
		'ALTER TABLE t ADD COLUMN writefile VARCHAR(10); ALTER TABLE t ALTER COLUMN a TO a VARCHAR(10); ALTER TABLE t ADD a INT(3)',
		'PRAGMA foreign_keys=OFF; PRAGMA table_info(t); PRAGMA writable_schema=ON; BEGIN; VACUUM; COMMIT',
		"INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','f','f',0,'CREATE VIRTUAL TABLE f USING fts5(a)');",
		"INSERT INTO t VALUES ('CREATE VIEW v AS SELECT writefile(1)')",
		"DELETE FROM sqlite_sequence; INSERT INTO sqlite_sequence VALUES('t', 1)",
		'',
	])('is not seen where there is none: %s', (sql) => {
		expect(findForeignFunctions(sql)).toEqual([]);
	});

	it.each([
		['parentheses', '('.repeat(500_000), ')'.repeat(500_000), ['too_deep']],
		['calls', 'abs('.repeat(90_000), ')'.repeat(90_000), ['writefile']],
		['brackets', '['.repeat(1_000_000), '', []],
		['quotes', "''".repeat(5_000_000), '', ['writefile']],
		['comments', '/*'.repeat(500_000), '*/', []],
		['names', 'a.'.repeat(500_000), '', ['writefile']],
		['CTEs', `WITH ${'a AS (SELECT 1), '.repeat(50_000)}`, '', []],
	])('is looked for in megabytes of %s', (_what, before, after, names) => {
		expect(findForeignFunctions(`SELECT ${before}writefile(1)${after}`)).toEqual(names);
	});
});

describeWithShared('real schemas', () => {
	it(
		'call nothing foreign',
		async () => {
			const urls = [`file:${join(folder, 'torture.db')}`, sqld.url];
			for (const url of urls) await buildTorture(url);
			for (const url of [...urls, `file:${CHINOOK}`]) {
				const objects = await columnOf(url, 'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL');
				expect(objects.length).toBeGreaterThan(10);
				expect(objects.flatMap((sql) => findForeignFunctions(sql).map((name) => `${name} in ${sql}`))).toEqual([]);
			}
		},
		FIDELITY_MS,
	);
});

/** What an expression may stand in, in another one. */
const INSIDE: readonly ((x: string) => string)[] = [
	(x) => `(${x})`,
	(x) => `((${x}), 1) = (2, b)`,
	(x) => `-${x}`,
	(x) => `NOT ${x}`,
	(x) => `a || ${x}`,
	(x) => `${x} COLLATE NOCASE`,
	(x) => `CASE WHEN a THEN (1) ELSE ${x} END`,
	(x) => `CASE ${x} WHEN 1 THEN 'writefile(' END`,
	(x) => `CAST(${x} AS VARCHAR(10))`,
	(x) => `CAST(${x} AS "big int"(+3, -2))`,
	(x) => `coalesce(/* ) */ a, ${x})`,
	(x) => `a IN (1, ${x})`,
	(x) => `(${x}) BETWEEN (1) AND (b)`,
	(x) => `a NOT LIKE (${x}) ESCAPE '!'`,
	(x) => `a -> '$' ->> (${x})`,
	(x) => `a IS NOT (${x})`,
	(x) => `"b" >= [a] + \`a\` * ${x} -- )\n`,
];

/** Where a schema may have an expression. */
const PLACES: readonly ((x: string) => string)[] = [
	(x) => `CREATE TABLE t(a, b VARCHAR(10) CHECK (${x}), c DECIMAL(10, 2))`,
	(x) => `CREATE TABLE t(a INT(3), b, UNIQUE (a), CONSTRAINT "c" CHECK (${x}), PRIMARY KEY (b))`,
	(x) => `CREATE TABLE t(a, b, c TEXT(5) NOT NULL GENERATED ALWAYS AS (${x}) VIRTUAL)`,
	(x) => `CREATE TABLE t(a, b, c AS (${x}))`,
	(x) => `CREATE INDEX i ON base(a, (${x}), b)`,
	(x) => `CREATE UNIQUE INDEX IF NOT EXISTS i ON base(a DESC) WHERE (${x}) AND b`,
	(x) => `CREATE VIEW v(p, q) AS SELECT ${x}, 2 FROM base`,
	(x) => `CREATE VIEW v AS SELECT a FROM base LEFT JOIN (SELECT 1) ON ${x} GROUP BY (a) HAVING (b)`,
	(x) => `CREATE VIEW v AS WITH n(i) AS (SELECT 1), m(j) AS (SELECT ${x} FROM base) SELECT * FROM n, m`,
	(x) => `CREATE VIEW v AS SELECT sum(a) FILTER (WHERE ${x}) OVER w FROM base WINDOW w AS (ORDER BY b)`,
	(x) => `CREATE VIEW v AS SELECT sum(a) OVER (PARTITION BY (${x}) ORDER BY b ROWS (1) PRECEDING) FROM base`,
	(x) => `CREATE VIEW v AS SELECT a FROM base WHERE EXISTS (SELECT 1 FROM json_each(${x})) ORDER BY (1) LIMIT (1)`,
	(x) => `CREATE TRIGGER g AFTER INSERT ON base WHEN EXISTS (SELECT ${x} FROM base) BEGIN SELECT 1; END`,
	(x) => `CREATE TRIGGER g BEFORE DELETE ON base BEGIN INSERT INTO base(a, b) SELECT 1, ${x} FROM base; SELECT 1; END`,
	(x) => `CREATE TRIGGER g UPDATE OF a ON base BEGIN SELECT 1; UPDATE base SET (a, b) = (1, (${x})) WHERE (a); END`,
	(x) =>
		`CREATE TRIGGER g UPDATE ON base BEGIN INSERT INTO base(b) VALUES (1) ON CONFLICT (b) DO UPDATE SET a = ${x}; END`,
];

const SPELLINGS: readonly ((name: string) => string)[] = [
	(name) => `${name}(`,
	(name) => `${name.toUpperCase()} (`,
	(name) => `"${name}"(`,
	(name) => `[${name}]\t(`,
	(name) => `\`${name}\`\n(`,
	(name) => `${name}/* '( */(`,
	(name) => `${name} -- )\n(`,
];

it('finds one call in any place of a schema that libSQL takes', async () => {
	const client = createClient({ url: `file:${join(folder, 'fuzz.db')}` });
	const pick = <T>(list: readonly T[]) => fc.constantFrom(...list);
	try {
		await client.execute('CREATE TABLE base(a, b UNIQUE)');
		await fc.assert(
			fc.asyncProperty(
				pick(PLACES),
				fc.array(pick(INSIDE), { maxLength: 6 }),
				pick(SPELLINGS),
				async (place, inside, spell) => {
					const ddl = (name: string) =>
						place(inside.reduce((inner, within) => `(${within(inner)})`, `${spell(name)}b)`));
					await client.executeMultiple(`BEGIN; ${ddl('lower')}; ROLLBACK;`);
					expect(findForeignFunctions(ddl('lower'))).toEqual([]);
					expect(findForeignFunctions(ddl('writefile'))).toEqual(['writefile']);
				},
			),
			{ numRuns: 500 },
		);
	} finally {
		client.close();
	}
});
