import { type Cell, rowLine } from '../../format/values';
import type { ReadEvent } from '../engine';
import { isTooBig } from './errors';
import { exactCell, exactSql } from './exact-cell';
import { keyPosition, type Position, sourceSql, whereSql } from './position';
import { readLongRow } from './read-long';
import type { Reader } from './reader';
import type { TableShape } from './schema';

/** Two result columns a cell, of the 2,000 that a statement may have. */
const COLUMNS_A_QUERY = 900;
/** Cells a page, so that a page of the longest inline values stays bounded. */
const CELLS_A_PAGE = 2_000;
const MOST_ROWS = 100;

/** A row as read: `cells` has `undefined` where the value is too long to be read with the others. */
interface ExactRow {
	readonly rowid: bigint | null;
	readonly cells: (Cell | undefined)[];
}

/**
 * Reads up to `limit` rows the slow, exact way: each value by its storage class, TEXT as bytes, REAL as a double, and
 * encodes them here. For text that is not valid, for UTF-16 databases, and for engines that encode otherwise than
 * format 1: it needs only what every SQLite has.
 *
 * @returns where to go on; `next` is null at the table's end
 */
export async function* readExact(
	reader: Reader,
	table: TableShape,
	start: Position,
	limit: number,
): AsyncGenerator<ReadEvent, { next: Position | null; rows: number }> {
	let at = start;
	const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(CELLS_A_PAGE / table.columns.length)));
	let size = most;
	for (let done = 0; done < limit; ) {
		const wanted = Math.min(size, limit - done);
		let rows: ExactRow[];
		try {
			rows = await readRows(reader, table, at, wanted);
		} catch (error) {
			if (!isTooBig(error)) throw error;
			if (wanted > 1) {
				size = Math.ceil(wanted / 4);
				continue;
			}
			rows = [{ rowid: null, cells: [undefined] }];
		}
		const long = rows.findIndex((row) => row.cells.includes(undefined));
		size = Math.min(most, size * 2);
		const whole = long < 0 ? rows : rows.slice(0, long);
		if (whole.length > 0) {
			yield { kind: 'rows', bytes: Buffer.from(whole.map((row) => lineOf(table, row)).join('')), rows: whole.length };
			at = positionOf(table, at, whole);
			done += whole.length;
			reader.tally.exactRows += whole.length;
		}
		if (long >= 0) {
			const next: Position | null = yield* readLongRow(reader, table, at);
			if (next === null) return { next: null, rows: done };
			at = next;
			done++;
			reader.tally.exactRows++;
		} else if (rows.length < wanted) return { next: null, rows: done };
	}
	return { next: at, rows: limit };
}

async function readRows(reader: Reader, table: TableShape, at: Position, limit: number): Promise<ExactRow[]> {
	const { where, order, slice } = whereSql(table, at, limit);
	const rowid = table.paging.by === 'rowid' ? table.paging.name : 'NULL';
	let rows: ExactRow[] = [];
	for (let first = 0; first < table.columns.length; first += COLUMNS_A_QUERY) {
		const columns = table.columns.slice(first, first + COLUMNS_A_QUERY);
		const sql = `SELECT ${[rowid, ...columns.map((column) => exactSql(column, reader))].join(', ')} FROM ${sourceSql(table)}${where}${order}${slice}`;
		const answer = await reader.query(sql, `reading table ${JSON.stringify(table.name)}`);
		if (first === 0) rows = answer.map((row) => ({ rowid: row[0] as bigint | null, cells: [] }));
		for (const [nth, row] of answer.entries())
			rows[nth]?.cells.push(...columns.map((_, column) => exactCell(row, 1 + 2 * column, reader)));
	}
	return rows;
}

function lineOf(table: TableShape, row: ExactRow): string {
	const cells = row.cells as Cell[];
	return rowLine(table.rowid === null ? cells : [{ type: 'integer', value: row.rowid as bigint }, ...cells]);
}

function positionOf(table: TableShape, before: Position, rows: readonly ExactRow[]): Position {
	const last = rows[rows.length - 1] as ExactRow;
	const offset = before.offset + rows.length;
	if (table.paging.by === 'rowid') return { offset, key: [{ type: 'integer', value: last.rowid as bigint }] };
	return keyPosition(table, offset, last.cells as Cell[]);
}
