import { isUtf8 } from 'node:buffer';
import { rowBytesSql, rowLineSql } from './cell-sql';
import { isBadText, isTooBig } from './errors';
import { type Position, START, sourceSql, whereSql } from './position';
import type { Reader } from './reader';
import type { Row } from './rows';
import type { TableShape } from './schema';

/** A `file:` database would build a page of any size; its rows are told to be too big past this, all together. */
const GUARD_BYTES = 16_000_000;
/** A first page that is read with those of other tables has at most as many cells, and bytes of TEXT and BLOB. */
const FIRST_CELLS = 500;
const FIRST_BYTES = 16_000;

/** What one page query gave. `bytes` is null for an empty page. */
export interface Page {
	readonly bytes: Buffer | null;
	readonly rows: number;
	/** The last row's rowid, when paging by it. */
	readonly lastRowid: bigint | null;
}

export type Trouble = 'too-big' | 'bad-text';

/** Asks for pages of one table's row lines. */
export class PageReader {
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
		try {
			const [row] = await this.reader.query(this.#sql(at, limit), `reading table ${JSON.stringify(this.table.name)}`);
			return this.pageOf(row as Row);
		} catch (error) {
			if (isTooBig(error)) return 'too-big';
			if (isBadText(error)) throw this.reader.distrustText(this.table.name);
			throw error;
		}
	}

	/** The page in a query's one row. */
	pageOf([lines, rows, encoded, last]: Row): Page | Trouble {
		if (Number(rows) === 0) return { bytes: null, rows: 0, lastRowid: null };
		if (lines === null || Number(encoded) < Number(rows)) return 'too-big';
		const bytes = typeof lines === 'string' ? Buffer.from(lines) : (lines as Buffer);
		if (this.reader.asBytes && !isUtf8(bytes)) return 'bad-text';
		return { bytes, rows: Number(rows), lastRowid: last === null ? null : (last as bigint) };
	}

	/** Rows of a first page that is read with others. */
	get firstLimit(): number {
		return Math.max(1, Math.floor(FIRST_CELLS / this.table.columns.length));
	}

	/** Asks for a small first page: one that is not small has no lines. */
	firstSql(): string {
		return this.#sql(START, this.firstLimit, FIRST_BYTES);
	}

	/** @param most bytes of TEXT and BLOB that all rows together may have, if there is such a limit */
	#sql(at: Position, limit: number, most = this.reader.kind === 'remote' ? null : GUARD_BYTES): string {
		const { table, reader } = this;
		const { where, order, slice } = whereSql(table, at, limit);
		const rowid = table.paging.by === 'rowid' ? table.paging.name : 'NULL';
		const line =
			most === null
				? this.#line
				: `CASE WHEN ${rowBytesSql(table)} <= ${Math.ceil(most / limit)} THEN ${this.#line} END`;
		// Over HTTP a blob costs twice as much as text.
		const lines = reader.asBytes ? "CAST(group_concat(l, '') AS BLOB)" : "group_concat(l, '')";
		return `SELECT ${lines}, count(*), count(l), max(r) FROM (SELECT ${rowid} AS r, ${line} AS l FROM ${this.#source}${where}${order}${slice})`;
	}
}
