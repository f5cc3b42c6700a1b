import { realText } from '../../format/real-text';
import { type Cell, rowLine } from '../../format/values';
import { rowBytesSql, rowLineSql } from './cell-sql';
import type { Connection } from './connect';
import { exactCell, exactSql } from './exact-cell';
import { pageCellsSql } from './insert';
import { isRefusal } from './run-named';
import { literal } from './sql';

/**
 * Reals that tell engines apart. Of the first eight, correct rounding and arithmetic of any other width than 80 bits
 * give another last digit; the others stand at the edges of what SQL can hold and of how it is written.
 */
const REALS = [
	-3.820708874693772e114,
	-30130461680.615993,
	5.758283458156791e157,
	7.992603566159806,
	-2.4200295599138895e-267,
	9.297338551993661e243,
	-0.3220001320208654,
	1.267335810655255e-38,
	0.1,
	-0,
	0,
	1,
	1e-5,
	0.0001,
	123456789012345680,
	1e22,
	5e-324,
	2.2250738585072014e-308,
	1.7976931348623157e308,
	Number.POSITIVE_INFINITY,
	Number.NEGATIVE_INFINITY,
	-2.0009999966313798e48,
	1.20758634729845e272,
];
const INTEGERS = [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const TEXTS = ['', 'plain', '"\\/\b\f\n\r\t\u0001\u001f\u007f', '\u00e9\u2028\ufeff\u{1f680}\u{10ffff}', 'a\0b', '1.0'];
const BLOBS = ['', '\0\xff', '"', '[1]'].map((text) => Buffer.from(text, 'latin1'));

/** Rows of an integer, a real, a text and a blob each; then of the same in other columns, and of nulls. */
const ROWS: readonly (readonly Cell[])[] = [
	...REALS.map((value, nth): Cell[] => [
		{ type: 'integer', value: INTEGERS[nth % INTEGERS.length] as bigint },
		{ type: 'real', text: realText(value) },
		{ type: 'text', value: TEXTS[nth % TEXTS.length] as string },
		{ type: 'blob', bytes: BLOBS[nth % BLOBS.length] as Buffer },
	]),
	[
		{ type: 'real', text: '-0.0' },
		{ type: 'text', value: 'x' },
		{ type: 'blob', bytes: Buffer.of(0) },
		{ type: 'null' },
	],
	[{ type: 'text', value: '1' }, { type: 'integer', value: 1n }, { type: 'null' }, { type: 'real', text: '-9e999' }],
	[
		{ type: 'null' },
		{ type: 'blob', bytes: Buffer.of(1) },
		{ type: 'real', text: '9e999' },
		{ type: 'text', value: '' },
	],
	[{ type: 'null' }, { type: 'null' }, { type: 'null' }, { type: 'null' }],
];
const LINES = ROWS.map(rowLine).join('');
const COLUMNS = ['i', 'r', 't', 'b'];

/**
 * Claims that the database encodes rows as format 1 has them. It is asked to, by the very SQL that pages are read
 * with: functions may be missing in another engine, or write a REAL with other digits.
 */
export async function encodesRows(connection: Connection): Promise<boolean> {
	connection.encodesRows ??= await answers(async () => {
		const shape = { rowid: null, columns: COLUMNS, affinities: ['integer', 'real', 'text', 'other'] } as const;
		const values = ROWS.map((row) => `(${row.map(literal).join(', ')})`).join(', ');
		const sql = `WITH t(${COLUMNS.join(', ')}) AS (VALUES ${values}) SELECT group_concat(l, ''), count(l), sum(n), json_group_array(json_array(n)) FROM (SELECT ${rowLineSql(shape)} AS l, ${rowBytesSql(shape)} AS n FROM t)`;
		const [row] = await connection.query(sql, [], 'asking how it writes values');
		return row?.[0] === LINES && Number(row[1]) === ROWS.length;
	});
	return connection.encodesRows;
}

/** Claims that the database takes pages of row lines apart exactly, by the very SQL that they are inserted with. */
export async function insertsPages(connection: Connection): Promise<boolean> {
	connection.insertsPages ??= await answers(async () => {
		const reader = { encodesRows: false, encoding: 'UTF-8' } as const;
		const cells = COLUMNS.map((column) => exactSql(column, reader)).join(', ');
		const sql = `WITH t(${COLUMNS.join(', ')}) AS (${pageCellsSql(COLUMNS.length, true)}) SELECT ${cells} FROM t`;
		const page = `[${LINES.trimEnd().replaceAll('\n', ',')}]`;
		const rows = await connection.query(sql, [page], 'asking how it reads values');
		return (
			rows.map((row) => rowLine(COLUMNS.map((_, nth) => exactCell(row, 2 * nth, reader) as Cell))).join('') === LINES
		);
	});
	return connection.insertsPages;
}

/** False, too, when the database refuses the question. */
async function answers(ask: () => Promise<boolean>): Promise<boolean> {
	try {
		return await ask();
	} catch (error) {
		if (isRefusal(error)) return false;
		throw error;
	}
}
