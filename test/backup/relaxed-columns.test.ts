import type { InStatement } from '@libsql/client';
import { afterAll, describe, expect, it } from 'vitest';
import { LifeboatError } from '../../lib/core/errors';
import { backupFile } from '../support/backup-file';
import { dumpOf, Fixtures, type HeldDump, migrate, restoreInto, rowsOf, TRANSPORTS } from '../support/fixtures';

const SCHEMA = 'SELECT name, sql FROM sqlite_schema ORDER BY name';
const fixtures = new Fixtures();
afterAll(() => fixtures.close());

/** A database in which rows stand that break their table's own constraints, and its dump. */
async function sourceOf(...statements: InStatement[]): Promise<{ url: string; held: HeldDump }> {
	const url = await fixtures.fileUrl();
	await migrate(url, ['PRAGMA ignore_check_constraints = 1', ...statements, 'PRAGMA ignore_check_constraints = 0']);
	return { url, held: await dumpOf(await fixtures.open(url)) };
}

/** What turns the definition of `t` into another, whatever its rows hold. */
function redefine(sql: string): InStatement[] {
	return [
		'PRAGMA writable_schema = ON',
		{ sql: "UPDATE sqlite_schema SET sql = ? WHERE name = 't'", args: [sql] },
		'PRAGMA schema_version = 99',
		'PRAGMA writable_schema = RESET',
	];
}

async function expectRefused(target: string, held: HeldDump): Promise<void> {
	await expect(restoreInto(await fixtures.open(target), held)).rejects.toMatchObject({
		code: 'RESTORE_UNSUPPORTED',
		data: { objects: ['t'] },
	});
	expect(await rowsOf(target, SCHEMA)).toEqual([]);
}

async function expectRestored(target: string, source: { url: string; held: HeldDump }, ...queries: string[]) {
	expect(await restoreInto(await fixtures.open(target), source.held)).toMatchObject({ refusals: [] });
	for (const sql of [SCHEMA, 'SELECT * FROM t', ...queries])
		expect(await rowsOf(target, sql)).toEqual(await rowsOf(source.url, sql));
}

describe.each(TRANSPORTS)('what is computed from relaxed columns, in %s', (transport) => {
	it.each([
		['STORED', 'g AS (a = 1) STORED'],
		['in an index of its own', 'g AS (a = 1) UNIQUE'],
		['in an index of the table', 'g AS (a = 1), UNIQUE (g)'],
	])('is as it was: %s', async (_, generated) => {
		const source = await sourceOf(
			`CREATE TABLE t(a TEXT, b, ${generated})`,
			"INSERT INTO t VALUES ('1', 1), ('7', 2), (NULL, NULL)",
			'ALTER TABLE t ALTER COLUMN a TO a TEXT NOT NULL',
			'ALTER TABLE t ALTER COLUMN b TO b INTEGER CHECK (b > 1)',
		);
		const target = await fixtures.empty(transport);
		await expectRestored(target, source, 'SELECT typeof(g) FROM t', 'PRAGMA integrity_check');
	});

	it.each([
		['CHECK', "g INTEGER AS (a || '') STORED CHECK (g > 5)"],
		['NOT NULL', 'g INTEGER AS (CASE a WHEN 1 THEN a END) STORED NOT NULL'],
	])('has its own %s, and keeps its type', async (_, generated) => {
		const source = await sourceOf(
			`CREATE TABLE t(a INTEGER, ${generated.replace(' NOT NULL', '')})`,
			'INSERT INTO t VALUES (1), (12)',
			...redefine(`CREATE TABLE t(a INTEGER, ${generated})`),
		);
		await expectRestored(await fixtures.empty(transport), source, 'SELECT typeof(g) FROM t');
	});

	it('needs values that their columns would convert: the table is refused by name', async () => {
		const { held } = await sourceOf(
			'CREATE TABLE t(a, g AS (a = 12) STORED)',
			"INSERT INTO t VALUES ('12'), (12)",
			'ALTER TABLE t ALTER COLUMN a TO a INTEGER',
		);
		await expectRefused(await fixtures.empty(transport), held);
	});

	it('does not need those that look as if', async () => {
		const texts = ['1.2.3', '1e', '1 2', '.', '0x10', '20.11.2026'].map((text) => `('${text}')`);
		const source = await sourceOf(
			'CREATE TABLE t(a STRING, g AS (a = 1) STORED)',
			`INSERT INTO t VALUES ${texts.join(', ')}`,
		);
		await expectRestored(await fixtures.empty(transport), source);
	});
});

describe('columns that a server cannot be brought to relax and give back', () => {
	it.each([
		['a comma in a comment after it', 't(a TEXT, b INTEGER CHECK (b > 5) -- the b, which is\n)'],
		['a comma in a comment within', 't(a TEXT, b INTEGER /* one, two */ CHECK (b > 5))'],
		['a comma in a string', "t(a TEXT, b INTEGER DEFAULT 'a,b' CHECK (b > 5))"],
		['a comma in its name', 't(a TEXT, "b,c" INTEGER CHECK ("b,c" > 5))'],
		['a bracket in a string', "t(a TEXT, b INTEGER CHECK (b > 5 OR b = ')'))"],
		['a bracket in a comment', 't(a TEXT, b INTEGER CHECK (b > 5 /* :) */), c)'],
		['the rowid by another name', 't(b TEXT, id INTEGER CHECK (id > 5), PRIMARY KEY (id))'],
		['a space after it', 't(a TEXT, b INTEGER CHECK (b > 5) , c TEXT)'],
		['a newline after it', 't(\n\ta TEXT,\n\tb INTEGER CHECK (b > 5)\n)'],
		['a comment after it', 't(a TEXT, b INTEGER CHECK (b > 5) /* b */, c TEXT)'],
	])('have %s: rows that break them are refused by name, others come back', async (_, definition) => {
		const columns = definition.includes('c TEXT') || definition.includes(', c)') ? ', NULL' : '';
		const source = await sourceOf(`CREATE TABLE ${definition}`, `INSERT INTO t VALUES ('7', 7${columns})`);
		const target = await fixtures.empty('sqld');
		await expectRestored(target, source);
		const { held } = await sourceOf(`CREATE TABLE ${definition}`, `INSERT INTO t VALUES ('1', 1${columns})`);
		await expectRefused(await fixtures.empty('sqld'), held);
	});

	it.each([
		['NOT NULL', 'a TEXT NOT NULL', 'NULL'],
		['a type', 'a INTEGER', '1.0'],
		['another type', 'a REAL', "'1.5'"],
	])('have white space after them: rows that break %s are refused by name', async (_, column, value) => {
		const sql = `CREATE TABLE t(${column} , b)`;
		const { held } = await sourceOf('CREATE TABLE t(a, b)', `INSERT INTO t VALUES (${value}, 1)`, ...redefine(sql));
		await expectRefused(await fixtures.empty('sqld'), held);
	});

	it.each([
		['t(id INTEGER PRIMARY KEY CHECK (id > 5), b)'],
		['t(id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 5), b)'],
		['t(id INTEGER PRIMARY KEY DESC CHECK (id > 5), b)'],
		['t(id TEXT PRIMARY KEY CHECK (id > 5), b)'],
	])('are not those of a primary key: %s', async (definition) => {
		const source = await sourceOf(`CREATE TABLE ${definition}`, 'INSERT INTO t VALUES (-5, 1)');
		await expectRestored(await fixtures.empty('sqld'), source);
	});

	it.each([
		['as it is', "t(a, b INTEGER, CHECK (b IN ('1', '7')))"],
		['with a CHECK of its own', "t(a, b INTEGER CHECK (b < 3), CHECK (b IN ('1', '7')))"],
		['beside one with values of another type', "t(a INTEGER, b INTEGER CHECK (b < 3), CHECK (b IN ('1', '7')))"],
		['that takes values of another type later', "t(a TEXT, b INTEGER CHECK (b < 3), CHECK (a <> '0'))", "'9'"],
	])('may have a CHECK that goes by the type of another column, %s', async (_, definition, later = '7') => {
		const source = await sourceOf(
			'CREATE TABLE t(a, b)',
			`INSERT INTO t VALUES ('12', 7), (zeroblob(1500000), 1), (NULL, ${later})`,
			...redefine(`CREATE TABLE ${definition}`),
		);
		await expectRestored(await fixtures.empty('sqld'), source, 'SELECT typeof(a), typeof(b) FROM t');
	});

	it('fail by the name of their table where they could not be tried', async () => {
		const { held } = await sourceOf(
			"CREATE TABLE t(a TEXT CHECK (a IN ('x', 'y')), b INTEGER CHECK (b > 5))",
			"INSERT INTO t VALUES ('z', 1)",
			'CREATE TABLE u(a)',
			'INSERT INTO u VALUES (1)',
		);
		const withScratch = () => Promise.reject(new LifeboatError('SCRATCH_FULL', 'no room'));
		const target = await fixtures.open(await fixtures.empty('sqld'));
		await expect(restoreInto(target, held, { withScratch })).rejects.toMatchObject({ data: { object: 't' } });
	});
});

it('relaxes a second column of a STRICT table, and leaves the first relaxed', async () => {
	const source = await sourceOf(
		'CREATE TABLE t(a ANY, b ANY, pad ANY) STRICT',
		`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 600)
		INSERT INTO t SELECT iif(i IN (5, 599), 'bad', i), iif(i = 300, 'bad', i), zeroblob(5000) FROM c`,
		...redefine('CREATE TABLE t(a INT, b INT, pad ANY) STRICT'),
	);
	await expectRestored(await fixtures.fileUrl(), source);
});

it('refuses a table by name whose SQL is too long to be taken apart', async () => {
	const sql = `CREATE TABLE t(a, b /* ${'x'.repeat(1_000_000)} */)`;
	const chunks = [backupFile({ tables: [{ name: 't', sql, rows: ['[1,2]'] }] })];
	for (const transport of TRANSPORTS) {
		const target = await fixtures.open(await fixtures.empty(transport));
		await expect(restoreInto(target, { chunks })).rejects.toMatchObject({
			code: 'RESTORE_UNSUPPORTED',
			data: { objects: ['t'] },
		});
	}
});
