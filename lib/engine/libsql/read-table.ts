import { isUtf8 } from 'node:buffer';
import type { ReadEvent } from '../engine';
import { rowBytesSql, rowLineSql } from './cell-sql';
import type { Row } from './connect';
import { isBadText, isTooBig } from './errors';
import { type Position, positionAfter, START, sourceSql, whereSql } from './position';
import { readExact } from './read-exact';
import { readLongRow } from './read-long';
import type { Reader } from './reader';
import type { TableShape } from './schema';

/** Pages are grown towards this many bytes of row text; the server's longest string is 5 MB. */
const PAGE_BYTES = 1_100_000;
const FIRST_ROWS = 500;
const MOST_ROWS = 20_000;
/** A `file:` database would build a page of any size; its rows are told to be too big past this, all together. */
const GUARD_BYTES = 16_000_000;

/** What one page query gave. `bytes` is null for an empty page. */
interface Page {
	readonly bytes: Buffer | null;
	readonly rows: number;
	/** The last row's rowid, when paging by it. */
	readonly lastRowid: bigint | null;
}

/**
 * Reads a table in pages of row lines that the database itself encodes. A page that is too big is asked for again
 * with fewer rows, down to one row, which is then read in pieces; a page with malformed TEXT is read the exact way,
 * and so is every table where the database does not encode rows as format 1 has them.
 *
 * Yields `rows` and `omit` events in the table's order.
 */
export async function* readTable(reader: Reader, table: TableShape): AsyncGenerator<ReadEvent> {
	if (!reader.encodesRows) {
		yield* readExact(reader, table, START, Number.POSITIVE_INFINITY);
		return;
	}
	const pages = new PageReader(reader, table);
	let at: Position = START;
	let limit = FIRST_ROWS;
	let ahead: Promise<Page | Trouble> | null = null;
	try {
		for (;;) {
			const page: Page | Trouble = await (ahead ?? pages.read(at, limit));
			ahead = null;
			if (page === 'too-big') {
				if (limit > 1) {
					limit = Math.ceil(limit / 4);
					continue;
				}
				const row = yield* readLongRow(reader, table, at);
				if (row === null) return;
				at = row;
				continue;
			}
			if (page === 'bad-text') {
				const exact: { next: Position | null; rows: number } = yield* readExact(reader, table, at, limit);
				if (exact.next === null) return;
				at = exact.next;
				continue;
			}
			if (page.bytes === null) return;
			at = positionAfter(table, at, page.rows, page.lastRowid, page.bytes);
			const isLast = page.rows < limit;
			limit = nextLimit(limit, page.bytes.length / page.rows);
			// The server works on the next page while this one is compressed; a local database would only block.
			if (!isLast && reader.kind === 'remote') {
				ahead = pages.read(at, limit);
				ahead.catch(() => {});
			}
			yield { kind: 'rows', bytes: page.bytes, rows: page.rows };
			if (isLast) return;
		}
	} finally {
		await ahead?.catch(() => {});
	}
}

type Trouble = 'too-big' | 'bad-text';

/** Grows or shrinks towards the page size; growth is slow, as the rows to come may be longer. */
function nextLimit(limit: number, bytesPerRow: number): number {
	const wanted = Math.floor(PAGE_BYTES / bytesPerRow);
	return Math.max(1, Math.min(wanted, limit * 4, MOST_ROWS));
}

class PageReader {
	readonly #line: string;
	readonly #source: string;

	constructor(
		readonly reader: Reader,
		readonly table: TableShape,
	) {
		this.#line = rowLineSql(table);
		this.#source = sourceSql(table);
	}

	async read(at: Position, limit: number): Promise<Page | Trouble> {
		let row: Row;
		try {
			[row] = (await this.reader.query(this.#sql(at, limit), `reading table ${JSON.stringify(this.table.name)}`)) as [
				Row,
			];
		} catch (error) {
			if (isTooBig(error)) return 'too-big';
			if (isBadText(error)) throw this.reader.distrustText(this.table.name);
			throw error;
		}
		const [lines, rows, encoded, last] = row;
		if (Number(rows) === 0) return { bytes: null, rows: 0, lastRowid: null };
		if (Number(encoded) < Number(rows)) return 'too-big';
		const bytes = typeof lines === 'string' ? Buffer.from(lines) : Buffer.from(lines as ArrayBuffer);
		if (this.reader.asBytes && !isUtf8(bytes)) return 'bad-text';
		return { bytes, rows: Number(rows), lastRowid: last === null ? null : (last as bigint) };
	}

	#sql(at: Position, limit: number): string {
		const { table, reader } = this;
		const { where, order, slice } = whereSql(table, at, limit);
		const rowid = table.paging.by === 'rowid' ? table.paging.name : 'NULL';
		const remote = reader.kind === 'remote';
		const line = remote
			? this.#line
			: `CASE WHEN ${rowBytesSql(table)} <= ${Math.ceil(GUARD_BYTES / limit)} THEN ${this.#line} END`;
		// Over HTTP a blob costs twice as much as text.
		const lines = reader.asBytes ? "CAST(group_concat(l, '') AS BLOB)" : "group_concat(l, '')";
		return `SELECT ${lines}, count(*), count(l), max(r) FROM (SELECT ${rowid} AS r, ${line} AS l FROM ${this.#source}${where}${order}${slice})`;
	}
}
