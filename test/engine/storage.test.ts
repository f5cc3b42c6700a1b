import { copyFile, open, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { afterAll, describe, expect, it } from 'vitest';
import { LifeboatError } from '../../lib/core/errors';
import type { Database } from '../../lib/engine/engine';
import { dumpOf, execute, Fixtures, type HeldDump, TRANSPORTS } from '../support/fixtures';
import { openBySql, openExact } from '../support/reading-ways';
import { seededRandom } from '../support/seeded-random';

const count = (n: number) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})`;
const endsOf = ({ dumped }: HeldDump) => dumped.encoded.tables;

/** Schemas whose rows lie in the file in some other way than their columns are listed. */
const SHAPES: Record<string, readonly string[]> = {
	'columns added to rows that are there': [
		'CREATE TABLE t(a)',
		`INSERT INTO t ${count(300)} SELECT 'old ' || i FROM n`,
		'ALTER TABLE t ADD COLUMN b',
		'INSERT INTO t VALUES (301, 1)',
		"ALTER TABLE t ADD COLUMN c TEXT NOT NULL DEFAULT 'from before'",
		"INSERT INTO t VALUES (302, 2, 'new'), (303, NULL, 'new')",
		'CREATE TABLE after(v)',
		'INSERT INTO after VALUES (1), (2)',
	],
	'columns that are generated, hidden from a record or in it': [
		'CREATE TABLE t(v1 AS (a || 1), a, s1 AS (a || 2) STORED, id INTEGER PRIMARY KEY, v2 AS (b) VIRTUAL, b REAL, s2 AS (b + 1) STORED, c)',
		`INSERT INTO t(a, b, c) ${count(500)} SELECT 'a' || i, i, -i FROM n`,
	],
	'columns that were dropped and renamed': [
		'CREATE TABLE t(a, b, c, d)',
		`INSERT INTO t ${count(50)} SELECT i, 'b' || i, i / 3.0, x'00ff' FROM n`,
		'ALTER TABLE t DROP COLUMN b',
		'ALTER TABLE t RENAME COLUMN c TO e',
		"INSERT INTO t VALUES (1, 2, 'after')",
	],
	'keys that are the rowid, and keys that only seem to be': [
		'CREATE TABLE alias(a, id INTEGER PRIMARY KEY, b)',
		`INSERT INTO alias VALUES (1, -9223372036854775807 - 1, 2), (1, -9007199254740993, 2), (1, -1, 2), (1, 0, 2), (1, 127, 2), (1, 128, 2), (1, 9007199254740993, 2), (1, 9223372036854775807, 2)`,
		'CREATE TABLE seeming(id INTEGER PRIMARY KEY DESC, b)',
		"INSERT INTO seeming VALUES (3, 'c'), (NULL, 'n'), (-1, 'a')",
		'CREATE TABLE named(id INT PRIMARY KEY, b)',
		'INSERT INTO named VALUES (5, 1), (4, 2)',
	],
	'numbers of every width, in columns of every affinity': [
		'CREATE TABLE t(i INTEGER, r REAL, n NUMERIC, x, s TEXT)',
		...[0, 7, 8, 15, 16, 23, 24, 31, 32, 47, 48, 52, 53, 54, 62].flatMap((bits) =>
			[2n ** BigInt(bits), 2n ** BigInt(bits) - 1n, -(2n ** BigInt(bits)), -(2n ** BigInt(bits)) - 1n].map(
				(value) => `INSERT INTO t VALUES (${value}, ${value}, ${value}, ${value}, ${value})`,
			),
		),
	],
	'a STRICT table': [
		'CREATE TABLE t(id INTEGER PRIMARY KEY, i INT, r REAL, s TEXT, b BLOB, a ANY) STRICT',
		"INSERT INTO t VALUES (1, 1, 1, '1', x'31', 1), (2, 2, 2.5, 'x', x'', '1'), (3, NULL, NULL, NULL, NULL, 1.0)",
	],
};

/** Rows of which much lies on pages of their own, and those not in their order. */
const LONG_ROWS = [
	'CREATE TABLE filler(v)',
	`INSERT INTO filler ${count(400)} SELECT zeroblob(900) FROM n`,
	'CREATE TABLE t(id INTEGER PRIMARY KEY, v)',
	'DELETE FROM filler WHERE rowid % 2 = 0',
	`INSERT INTO t ${count(60)} SELECT i, CASE i % 3 WHEN 0 THEN randomblob(i * 997) WHEN 1 THEN printf('%.*c', i * 1021, 'é"') ELSE i END FROM n`,
	'DELETE FROM filler WHERE rowid % 3 = 0',
	`INSERT INTO t ${count(20)} SELECT 1000 + i, hex(randomblob(30000 + i)) FROM n`,
	"INSERT INTO t VALUES (2000, zeroblob(2000100)), (2001, 'short'), (2002, zeroblob(1999000))",
];

describe.each(TRANSPORTS)('rows as they lie in the database, by %s', (transport) => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	const expectSame = async (url: string) => {
		const raw = await dumpOf(await fixtures.open(url));
		expect(raw.dumped.reading.by).toBe('storage');
		const exact = await dumpOf(await openExact(fixtures, url));
		expect(endsOf(raw)).toEqual(endsOf(exact));
	};

	it.each(Object.entries(SHAPES))('are those that SQL gives: %s', async (_, statements) => {
		const url = await fixtures.empty(transport);
		await execute(url, ...statements);
		await expectSame(url);
	});

	it('are whole where they go on on other pages, one after another or not', async () => {
		const url = await fixtures.empty(transport);
		await execute(url, ...LONG_ROWS);
		await expectSame(url);
	});

	it('are read of many tables together, large and small, in their order', async () => {
		const url = await fixtures.empty(transport);
		await execute(
			url,
			...Array.from({ length: 40 }, (_, nth) => [
				`CREATE TABLE t${nth}(id INTEGER PRIMARY KEY, v)`,
				`INSERT INTO t${nth} ${count(nth % 7 === 0 ? 4_000 : nth)} SELECT i, 'row ' || i FROM n WHERE ${nth} > 0`,
				...(nth % 5 === 0 ? [`CREATE TABLE w${nth}(k TEXT PRIMARY KEY, v) WITHOUT ROWID`] : []),
			]).flat(),
		);
		await expectSame(url);
	});
});

describe('rows as they lie in a file', () => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	/** Dumps raw and by SQL. */
	const bothOf = async (url: string): Promise<{ raw: HeldDump; bySql: HeldDump }> => ({
		raw: await dumpOf(await fixtures.open(url)),
		bySql: await dumpOf(await openBySql(fixtures, url)),
	});

	it.each([512, 1024, 4096, 65536])('of pages of %i bytes are those that SQL gives', async (bytes) => {
		const url = await fixtures.fileUrl();
		const client = createClient({ url });
		try {
			for (const statement of [`PRAGMA page_size = ${bytes}`, 'PRAGMA auto_vacuum = FULL', ...LONG_ROWS])
				await client.execute(statement);
			// Deep enough for inner pages below inner pages.
			await client.execute('CREATE TABLE many(a, b)');
			await client.execute(`INSERT INTO many ${count(30_000)} SELECT i, 'value ' || i FROM n`);
		} finally {
			client.close();
		}
		const { raw, bySql } = await bothOf(url);
		expect(raw.dumped.reading.by).toBe('storage');
		expect(endsOf(raw)).toEqual(endsOf(bySql));
	});

	it('are those of the snapshot, in a log that has not come to the file, whatever is written meanwhile', async () => {
		const url = await fixtures.fileUrl();
		const writer = createClient({ url });
		try {
			await writer.execute('PRAGMA journal_mode = WAL');
			await writer.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, v)');
			await writer.execute(`INSERT INTO t ${count(5_000)} SELECT i, 'before ' || i FROM n`);
			expect((await stat(`${fileURLToPath(url)}-wal`)).size).toBeGreaterThan(100_000);
			const database: Database = await fixtures.open(url);
			const snapshot = await database.snapshot();
			const seen: string[] = [];
			for await (const event of snapshot.read()) {
				if (event.kind === 'open') {
					await writer.execute("UPDATE t SET v = 'after'");
					await writer.execute('DELETE FROM t WHERE id % 2 = 0');
				}
				if (event.kind === 'rows') seen.push(Buffer.from(event.bytes).toString());
			}
			await snapshot.confirm();
			await snapshot.close();
			const lines = Array.from({ length: 5_000 }, (_, nth) => `[${nth + 1},"before ${nth + 1}"]\n`);
			expect(seen.join('') === lines.join('')).toBe(true);
		} finally {
			writer.close();
		}
	});

	it('that are damaged are told as SQL tells them, or fail: never as others', async () => {
		const url = await fixtures.fileUrl();
		await execute(
			url,
			'PRAGMA page_size = 1024',
			'CREATE TABLE t(id INTEGER PRIMARY KEY, a, b)',
			`INSERT INTO t ${count(400)} SELECT i, 'text ' || i, CASE WHEN i % 40 = 0 THEN zeroblob(3000) ELSE i / 7.0 END FROM n`,
		);
		const { size } = await stat(fileURLToPath(url));
		const random = seededRandom(20261121);
		const outcome = async (work: () => Promise<HeldDump>): Promise<string> => {
			try {
				return endsOf(await work())
					.map(({ rows, sha256 }) => `${rows} ${sha256}`)
					.join();
			} catch (error) {
				if (!(error instanceof LifeboatError)) throw error;
				return error.code;
			}
		};
		const tally = { same: 0, failed: 0 };
		for (let nth = 0; nth < 150; nth++) {
			const damaged = await fixtures.fileUrl();
			await copyFile(fileURLToPath(url), fileURLToPath(damaged));
			const file = await open(fileURLToPath(damaged), 'r+');
			// Past the schema; mostly where a page says what is on it.
			const page = 1 + Math.floor(random() * (size / 1024 - 1));
			const place = page * 1024 + Math.floor(random() * (nth % 3 === 0 ? 1024 : 24));
			await file.write(Buffer.of(Math.floor(random() * 256)), 0, 1, place);
			await file.close();
			const bySql = await outcome(async () => dumpOf(await openBySql(fixtures, damaged)));
			const raw = await outcome(async () => dumpOf(await fixtures.open(damaged)));
			if (bySql.startsWith('DATABASE_') || raw.startsWith('DATABASE_')) tally.failed++;
			else {
				expect(raw, `byte ${place}`).toBe(bySql);
				tally.same++;
			}
		}
		expect(tally.same).toBeGreaterThan(20);
		expect(tally.failed).toBeGreaterThan(20);
	});
});
