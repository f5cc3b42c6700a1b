import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../lib/core/database-url';
import { connect } from '../../lib/engine/libsql/connect';
import { encodesRows, insertsPages } from '../../lib/engine/libsql/probe';
import { contentsOf, dumpOf, execute, Fixtures, type HeldDump, restoreInto, TRANSPORTS } from '../support/fixtures';
import { openExact } from '../support/reading-ways';
import { startRewritingProxy } from '../support/rewriting-proxy';

/** A database with every storage class, keys of each kind, long and malformed values, and many rows. */
const STATEMENTS = [
	'CREATE TABLE t(id INTEGER PRIMARY KEY, i INT, r REAL, s TEXT, b BLOB, x)',
	`INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
		SELECT i, i * 7919, i / 7.0, 'text "' || i, CAST(i AS BLOB), CASE i % 4 WHEN 0 THEN i WHEN 1 THEN -i / 3.0 WHEN 2 THEN 'x' || i END FROM n`,
	"INSERT INTO t VALUES (-5, 9223372036854775807, -0.0, 'a' || char(0) || 'b', x'', 9e999), (-4, 'text', 1e-320, x'ff', 1, -9e999)",
	"INSERT INTO t(s, b) VALUES (CAST(x'61ff' AS TEXT), zeroblob(300000)), (printf('%.*c', 200000, 'é'), NULL)",
	'CREATE TABLE wr(a TEXT COLLATE NOCASE, b, v, PRIMARY KEY(a, b DESC)) WITHOUT ROWID',
	"INSERT INTO wr VALUES ('a', 1.5, 1), ('a', 2, 2), ('B', x'00', 3), ('b', 'x', 4)",
	'CREATE TABLE rowids(v)',
	"INSERT INTO rowids(rowid, v) VALUES (-9, 'neg'), (70, NULL)",
	'CREATE TABLE shadows(rowid, _rowid_, oid)',
	'INSERT INTO shadows VALUES (1, 2.5, NULL), (0, 0, 0)',
	'CREATE TABLE generated(a INT, g AS (a + 1), "q""n\n" TEXT)',
	"INSERT INTO generated VALUES (1, 'x')",
	'CREATE TABLE auto(id INTEGER PRIMARY KEY AUTOINCREMENT)',
	'INSERT INTO auto VALUES (41)',
];
const ROWS = 1_315;

const call = (name: string) => new RegExp(`\\b${name}(?=\\()`, 'g');
const missing = (name: string) => (sql: string) => sql.replace(call(name), `no_such_${name}`);
/** What an engine may lack or do otherwise, as SQL that this one is asked instead. */
const READING: Record<string, (sql: string) => string> = {
	'no printf()': missing('printf'),
	'no group_concat()': missing('group_concat'),
	'no octet_length()': missing('octet_length'),
	'no json_quote()': missing('json_quote'),
	'no json_group_array()': missing('json_group_array'),
	'no atan2()': missing('atan2'),
	'a printf() of 15 digits': (sql) => sql.replaceAll('%!.17g', '%!.15g'),
	'a printf() that rounds otherwise': (sql) => sql.replaceAll('%!.17g', '%.17g'),
	'a printf() of other numbers': (sql) => sql.replaceAll('%!.17g', '%!.18g'),
	'a json_quote() that drops what is past a NUL': (sql) => sql.replace(call('json_quote'), 'quote'),
};
const NOT_STORAGE: Record<string, (sql: string) => string> = {
	'version 2 of the protocol': (sql) => sql,
};
const WRITING: Record<string, (sql: string) => string> = {
	'no json_each()': missing('json_each'),
	'no json_type()': missing('json_type'),
	'no unhex()': missing('unhex'),
	'no ->>': (sql) => sql.replaceAll('->>', '->>>'),
	'a ->> that gives JSON': (sql) => sql.replaceAll('->>', '->'),
};

const endsOf = ({ dumped }: HeldDump) => dumped.encoded.tables;

describe('an engine that is not the one we measured', () => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	describe('a server', () => {
		let url: string;
		let paged: HeldDump;
		beforeAll(async () => {
			url = await fixtures.empty('sqld');
			await execute(url, ...STATEMENTS);
			paged = await dumpOf(await fixtures.open(url));
		});
		const behind = async (target: string, rewrite: (sql: string) => string) => {
			const proxy = await startRewritingProxy(target, rewrite);
			fixtures.closeAfter(() => proxy.close());
			return fixtures.open(proxy.url);
		};

		it('gives the pages of its file, and says so', () => {
			expect(paged.dumped.reading.by).toBe('storage');
			expect(paged.dumped.encoded.trailer.rows).toBe(ROWS);
		});

		it.each(Object.entries(NOT_STORAGE))('with %s encodes pages, to the same bytes', async (_, rewrite) => {
			const dump = await dumpOf(await behind(url, rewrite));
			expect(dump.dumped.reading.by).toBe('pages');
			expect(dump.dumped.reading.exactRows).toBeLessThan(ROWS);
			expect(endsOf(dump)).toEqual(endsOf(paged));
		});

		it.each(Object.entries(READING))('with %s is read row by row, to the same bytes', async (_, rewrite) => {
			const dump = await dumpOf(await behind(url, rewrite));
			expect(dump.dumped.reading).toEqual({ by: 'rows', exactRows: ROWS });
			expect(endsOf(dump)).toEqual(endsOf(paged));
		});

		it.each(Object.entries(WRITING))('with %s is filled row by row, and equal', async (_, rewrite) => {
			const empty = await fixtures.empty('sqld');
			const { rows } = await restoreInto(await behind(empty, rewrite), paged);
			expect(rows).toBe(ROWS);
			expect(endsOf(await dumpOf(await fixtures.open(empty)))).toEqual(endsOf(paged));
		});

		it('of which nothing is left but what every SQLite has is read and filled, and equal', async () => {
			const rewrite = [...Object.values(READING), ...Object.values(WRITING)]
				.filter((_, nth) => nth < 6 || nth > 9)
				.reduce((one, two) => (sql) => two(one(sql)));
			const empty = await fixtures.empty('sqld');
			await restoreInto(await behind(empty, rewrite), await dumpOf(await behind(url, rewrite)));
			expect(endsOf(await dumpOf(await fixtures.open(empty)))).toEqual(endsOf(paged));
		});
	});

	describe.each(TRANSPORTS)('by %s, were it to lack what pages need', (transport) => {
		it('is known to have them', async () => {
			const connection = await connect(parseDatabaseUrl(await fixtures.empty(transport)), { create: true });
			fixtures.closeAfter(async () => connection.close());
			expect(await encodesRows(connection)).toBe(true);
			expect(await insertsPages(connection)).toBe(true);
		});

		it('gives the same bytes and takes them', async () => {
			const url = await fixtures.empty(transport);
			await execute(url, ...STATEMENTS);
			const paged = await dumpOf(await fixtures.open(url));
			const exact = await dumpOf(await openExact(fixtures, url));
			expect(exact.dumped.reading).toEqual({ by: 'rows', exactRows: ROWS });
			expect(await contentsOf(exact)).toEqual(await contentsOf(paged));
			const empty = await fixtures.empty(transport);
			await restoreInto(await openExact(fixtures, empty), exact);
			expect(endsOf(await dumpOf(await fixtures.open(empty)))).toEqual(endsOf(paged));
		});
	});
});
