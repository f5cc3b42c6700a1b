import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../lib/core/database-url';
import type { ReadEvent } from '../../lib/engine/engine';
import { connect } from '../../lib/engine/libsql/connect';
import { START } from '../../lib/engine/libsql/position';
import { PageSource } from '../../lib/engine/libsql/raw/page-source';
import { RawTables } from '../../lib/engine/libsql/raw/raw-tables';
import { readExact } from '../../lib/engine/libsql/read-exact';
import { readTable } from '../../lib/engine/libsql/read-table';
import type { Reader } from '../../lib/engine/libsql/reader';
import type { Row } from '../../lib/engine/libsql/rows';
import { readCatalogue, type TableShape } from '../../lib/engine/libsql/schema';
import { ident, literal } from '../../lib/engine/libsql/sql';
import { type Cell, parseRow } from '../../lib/format/values';
import { Fixtures, migrate, TRANSPORTS } from '../support/fixtures';

const BITS = new DataView(new ArrayBuffer(8));

/** A REAL as SQL and JSON take it: 17 digits and a point or an exponent; -0.0 and infinities in their own way. */
function realCell(value: number): Cell {
	const text = Number.isFinite(value)
		? Object.is(value, -0)
			? '-0.0'
			: value.toExponential(16)
		: `${value < 0 ? '-' : ''}9e999`;
	return { type: 'real', text };
}

const reals = fc.oneof(
	fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bits) => {
		BITS.setBigUint64(0, bits);
		return BITS.getFloat64(0);
	}),
	fc.constantFrom(0, -0, 1, -1, 0.1, 5e-324, -5e-324, 2 ** 53, -(2 ** 63), 1e15, 1e17, 1e22, 1.7976931348623157e308),
	fc.constantFrom(Infinity, -Infinity, 2.2250738585072014e-308, -2.0009999966313798e48, 1.20758634729845e272),
);
const integers = fc.oneof(
	fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
	fc.constantFrom(0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)),
);
const texts = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.string({
		unit: fc.constantFrom('\0', '"', '\\', '\n', '\x7f', '\x1b', '\u2028', '\ufffe', '\u{1f680}', "'", '/'),
	}),
	fc.constantFrom('', '1', '1.0', '1e3', 'null', '{"b":"00"}', '-0.0', '9e999', '0x10', ' 1 '),
);
const blobs = fc.oneof(
	fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
	fc.constantFrom('', '"text"', '[1]', '\x0c', '1').map((text) => Buffer.from(text)),
);
const cells: fc.Arbitrary<Cell> = fc.oneof(
	fc.constant<Cell>({ type: 'null' }),
	integers.map((value): Cell => ({ type: 'integer', value })),
	reals.filter((value) => !Number.isNaN(value)).map(realCell),
	texts.map((value): Cell => ({ type: 'text', value })),
	blobs.map((bytes): Cell => ({ type: 'blob', bytes })),
);
const TYPES = [
	'',
	'INTEGER',
	'TEXT',
	'REAL',
	'BLOB',
	'NUMERIC',
	'VARCHAR(5)',
	'DOUBLE',
	'BOOLEAN',
	'DATETIME',
	'POINT',
];

/** Columns of declared types, and rows of values of any class. */
const tables = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 5 }).chain((types) =>
	fc.record({
		types: fc.constant(types),
		rows: fc.array(fc.array(cells, { minLength: types.length, maxLength: types.length }), { maxLength: 8 }),
	}),
);

/** One spelling for each value, and 64 bits for a REAL. */
function canonical(cell: Cell): string {
	if (cell.type === 'integer') return `i${cell.value}`;
	if (cell.type === 'text') return `t${JSON.stringify(cell.value)}`;
	if (cell.type === 'blob' || cell.type === 'rawtext') return `${cell.type}${cell.bytes.toString('hex')}`;
	if (cell.type === 'null') return 'null';
	BITS.setFloat64(0, Number(cell.text));
	return `r${BITS.getBigUint64(0).toString(16)}`;
}

/** SQLite keeps whole numbers of a REAL column as integers, and so reads every integer in one as a REAL. */
function asReal(cell: Cell): Cell {
	return cell.type === 'integer' ? { type: 'real', text: `${Number(cell.value)}.0` } : cell;
}

describe.each(TRANSPORTS)('the encoding of rows, inside the database and here, by %s', (transport) => {
	const fixtures = new Fixtures();
	let url: string;
	beforeAll(async () => {
		url = await fixtures.empty(transport);
	});
	afterAll(() => fixtures.close());

	/** The table's row lines, encoded by SQL, value by value, and from the pages of the file. */
	const readAll = async (): Promise<{ fast: string; exact: string; raw: string }> => {
		const connection = await connect(parseDatabaseUrl(url), {});
		const transaction = await connection.begin();
		try {
			const query = async (sql: string) => (await transaction.batch([sql]))[0] as Row[];
			const { tables } = await readCatalogue(query, 'UTF-8', true);
			const table = tables.find(({ name }) => name === 't') as TableShape;
			const reader: Reader = {
				kind: connection.kind,
				encoding: 'UTF-8',
				encodesRows: true,
				share: 1,
				tally: { exactRows: 0 },
				asBytes: transport === 'file',
				distrustText: () => new Error('valid text was taken for malformed'),
				query,
				queryAll: async (sqls) => Promise.all(sqls.map(query)),
			};
			const [size] = await query(
				'SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)',
			);
			const options = { kind: connection.kind, share: 1, diskBytes: Number(size?.[0]) };
			const pages = (await PageSource.open(reader.queryAll, options)) as PageSource;
			return {
				raw: await linesOf(new RawTables(reader, pages, [table]).read(table)),
				fast: await linesOf(readTable(reader, table)),
				exact: await linesOf(readExact(reader, table, START, 1_000)),
			};
		} finally {
			transaction.close();
			connection.close();
		}
	};

	it('is one in all three ways, byte for byte, and that of the values that were stored', async () => {
		await fc.assert(
			fc.asyncProperty(tables, async ({ types, rows }) => {
				const columns = types.map((_, nth) => ident(`c${nth}`));
				await migrate(url, [
					'DROP TABLE IF EXISTS t',
					`CREATE TABLE t(id INTEGER PRIMARY KEY, ${columns.join(', ')})`,
					...rows.map((row, nth) => `INSERT INTO t VALUES (${nth}, ${row.map(literal).join(', ')})`),
					// Only now the columns get their affinities, which so convert nothing.
					...types.map((type, nth) => `ALTER TABLE t ALTER COLUMN ${columns[nth]} TO ${columns[nth]} ${type}`),
				]);
				const { fast, exact, raw } = await readAll();
				expect(fast).toBe(exact);
				expect(raw).toBe(exact);
				const read = fast.split('\n').slice(0, -1).map(parseRow);
				const stored = (cell: Cell, nth: number) =>
					canonical(/^(REAL|DOUBLE)/.test(types[nth] ?? '') ? asReal(cell) : cell);
				expect(read.map((row) => row.slice(1).map(canonical))).toEqual(rows.map((row) => row.map(stored)));
			}),
			{ numRuns: transport === 'file' ? 200 : 40, seed: 20261120 },
		);
	});

	it('is one for values that a column has converted', async () => {
		const types = TYPES.filter((type) => !type.endsWith('NOT NULL'));
		await migrate(url, [
			'DROP TABLE IF EXISTS t',
			`CREATE TABLE t(id INTEGER PRIMARY KEY, ${types.map((type, nth) => `c${nth} ${type}`).join(', ')})`,
			...[
				'1',
				'1.0',
				'-0.0',
				"'1'",
				"'1.5'",
				"'1e400'",
				"'x'",
				"x'31'",
				'9e999',
				'9223372036854775807',
				'1e18',
				'NULL',
			].map((value) => `INSERT INTO t VALUES (NULL, ${types.map(() => value).join(', ')})`),
		]);
		const { fast, exact, raw } = await readAll();
		expect(fast).toBe(exact);
		expect(raw).toBe(exact);
		expect(fast.split('\n').length).toBe(13);
	});
});

async function linesOf(events: AsyncIterable<ReadEvent>): Promise<string> {
	let lines = '';
	for await (const event of events) {
		if (event.kind !== 'rows') throw new Error(`an event ${event.kind}`);
		lines += Buffer.from(event.bytes).toString('utf8');
	}
	return lines;
}
