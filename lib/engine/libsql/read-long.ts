import { isUtf8 } from 'node:buffer';
import { MAX_LINE_BYTES } from '../../format/records';
import { type Cell, cellText, hex } from '../../format/values';
import type { ReadEvent } from '../engine';
import { isTooBig } from './errors';
import { bytesSql, exactCell, exactSql, valueText } from './exact-cell';
import { keyPosition, type Position, sourceSql, whereSql } from './position';
import type { Reader } from './reader';
import type { Row } from './rows';
import type { TableShape } from './schema';
import { ident } from './sql';

/** Bytes of a value read at once; even, so that a UTF-16 unit is never cut. */
const PIECE_BYTES = 500_000;
const COLUMNS_A_QUERY = 500;

/** What a line has beside its cells and their commas: a rowid, brackets, the newline. */
const ROW_BYTES = 24;
/** What a tagged value has beside its digits. */
const TAG_BYTES = 8;

/** A value of the row: small enough to be here, or to be read in pieces. */
type Part =
	| { readonly cell: Cell }
	| {
			readonly column: string;
			readonly type: 'text' | 'rawtext' | 'blob';
			/** In the database. */
			readonly bytes: number;
			/** In the row's line. */
			readonly lineBytes: number;
	  };

/**
 * Reads the one row after `at`, whatever its size, its long values in pieces. A value that the database itself
 * cannot read, or a row longer than a line may be, is told as an omission.
 *
 * @returns the place after the row; null when there was none
 */
export async function* readLongRow(
	reader: Reader,
	table: TableShape,
	at: Position,
): AsyncGenerator<ReadEvent, Position | null> {
	const row = new LongRow(reader, table, at);
	const rowid = await row.find();
	if (rowid === undefined) return null;
	const next = (cells: readonly (Cell | undefined)[]): Position => {
		const offset = at.offset + 1;
		if (table.paging.by === 'rowid') return { offset, key: [{ type: 'integer', value: rowid as bigint }] };
		return cells.includes(undefined) ? { offset, key: null } : keyPosition(table, offset, cells as Cell[]);
	};
	const name = rowid === null ? `row ${at.offset + 1} in reading order` : `rowid ${rowid}`;
	const parts = await row.parts();
	if ('unreadable' in parts) {
		yield {
			kind: 'omit',
			omission: {
				row: name,
				reason: `the database cannot read column ${JSON.stringify(parts.unreadable)}: past its limit of a value's size`,
			},
		};
		return next([undefined]);
	}
	const sizes = parts.map((part) => ('cell' in part ? Buffer.byteLength(cellText(part.cell)) : part.lineBytes));
	const size = sizes.reduce((sum, bytes) => sum + bytes + 1, ROW_BYTES);
	if (size > MAX_LINE_BYTES) {
		yield {
			kind: 'omit',
			omission: { row: name, reason: `its line would take ${size} bytes of the ${MAX_LINE_BYTES} that one may take` },
		};
		return next([undefined]);
	}
	let start = table.rowid === null ? '[' : `[${rowid},`;
	for (const part of parts) {
		if ('cell' in part) yield piece(`${start}${cellText(part.cell)}`);
		else {
			const [open, close] = part.type === 'text' ? ['"', '"'] : [`{"${part.type === 'blob' ? 'b' : 't'}":"`, '"}'];
			yield piece(`${start}${open}`);
			for await (const text of part.type === 'text' ? row.texts(part.column, part.bytes) : row.hexes(part))
				yield piece(text);
			yield piece(close as string);
		}
		start = ',';
	}
	yield { kind: 'rows', bytes: Buffer.from(']\n'), rows: 1 };
	return next(parts.map((part) => ('cell' in part ? part.cell : undefined)));
}

function piece(text: string): ReadEvent {
	return { kind: 'rows', bytes: Buffer.from(text), rows: 0 };
}

class LongRow {
	readonly #from: string;

	constructor(
		readonly reader: Reader,
		readonly table: TableShape,
		at: Position,
	) {
		const { where, order, slice } = whereSql(table, at, 1);
		this.#from = `FROM ${sourceSql(table)}${where}${order}${slice}`;
	}

	/** The row's rowid, null if the table is not paged by it, undefined if there is no such row. */
	async find(): Promise<bigint | null | undefined> {
		const rowid = this.table.paging.by === 'rowid' ? this.table.paging.name : 'NULL';
		const row = await this.#query(rowid);
		return row === undefined ? undefined : (row[0] as bigint | null);
	}

	async parts(): Promise<Part[] | { unreadable: string }> {
		const parts: Part[] = [];
		let size = COLUMNS_A_QUERY;
		for (let first = 0; first < this.table.columns.length; ) {
			const columns = this.table.columns.slice(first, first + size);
			const asked = columns.flatMap((column) => [exactSql(column, this.reader), bytesSql(column, this.reader)]);
			let row: Row;
			try {
				row = (await this.#query(asked.join(', '))) as Row;
			} catch (error) {
				if (!isTooBig(error)) throw error;
				if (columns.length === 1) return { unreadable: columns[0] as string };
				size = Math.ceil(columns.length / 4);
				continue;
			}
			first += columns.length;
			for (const [nth, column] of columns.entries()) {
				const cell = exactCell(row, 3 * nth, this.reader);
				if (cell) {
					parts.push({ cell });
					continue;
				}
				const bytes = Number(row[3 * nth + 2]);
				const type = row[3 * nth] === 'blob' ? 'blob' : 'text';
				if ((await this.#bytes(column, type, 0)) === null) return { unreadable: column };
				parts.push(type === 'blob' ? this.#tagged(column, 'blob', bytes) : await this.#measureText(column, bytes));
			}
		}
		return parts;
	}

	/** The JSON string content of a valid TEXT, in pieces. */
	async *texts(column: string, total: number): AsyncGenerator<string> {
		for await (const text of this.#wellFormed(column, total)) yield JSON.stringify(text).slice(1, -1);
	}

	/** The hex digits of a value, in pieces. */
	async *hexes({ column, type, bytes }: { column: string; type: string; bytes: number }): AsyncGenerator<string> {
		for (let at = 0; at < bytes; at += PIECE_BYTES)
			yield hex((await this.#bytes(column, type === 'blob' ? 'blob' : 'text', at)) as Buffer);
	}

	#tagged(column: string, type: 'blob' | 'rawtext', bytes: number): Part {
		return { column, type, bytes, lineBytes: 2 * bytes + TAG_BYTES };
	}

	/** Reads a TEXT once to learn whether it is well-formed, and how long it becomes as a JSON string. */
	async #measureText(column: string, bytes: number): Promise<Part> {
		let lineBytes = 2;
		try {
			for await (const text of this.texts(column, bytes)) lineBytes += Buffer.byteLength(text);
			return { column, type: 'text', bytes, lineBytes };
		} catch (error) {
			if (error === MALFORMED) return this.#tagged(column, 'rawtext', bytes);
			throw error;
		}
	}

	/** The text, cut between characters; throws `MALFORMED` where it is not well-formed. */
	async *#wellFormed(column: string, total: number): AsyncGenerator<string> {
		let rest: Buffer = Buffer.alloc(0);
		for (let at = 0; at < total; at += PIECE_BYTES) {
			const bytes = Buffer.concat([rest, (await this.#bytes(column, 'text', at)) as Buffer]);
			const cut = at + PIECE_BYTES >= total ? bytes.length : lastWhole(bytes, this.reader.encoding);
			const text = valueText(bytes.subarray(0, cut), this.reader.encoding);
			if (text === null) throw MALFORMED;
			rest = Buffer.from(bytes.subarray(cut));
			yield text;
		}
	}

	async #bytes(column: string, type: 'text' | 'blob', at: number): Promise<Buffer | null> {
		const value = type === 'text' ? `CAST(${ident(column)} AS BLOB)` : ident(column);
		try {
			const row = await this.#query(`substr(${value}, ${at + 1}, ${PIECE_BYTES})`);
			return row?.[0] as Buffer;
		} catch (error) {
			if (isTooBig(error)) return null;
			throw error;
		}
	}

	async #query(what: string): Promise<Row | undefined> {
		const [row] = await this.reader.query(
			`SELECT ${what} ${this.#from}`,
			`reading table ${JSON.stringify(this.table.name)}`,
		);
		return row;
	}
}

const MALFORMED = Symbol('malformed text');

/** How many of the bytes are whole characters, as far as the end of the buffer may have cut one. */
function lastWhole(bytes: Buffer, encoding: Reader['encoding']): number {
	const end = bytes.length;
	if (encoding !== 'UTF-8') {
		const high = encoding === 'UTF-16le' ? bytes[end - 1] : bytes[end - 2];
		return high !== undefined && high >= 0xd8 && high <= 0xdb ? end - 2 : end;
	}
	for (let back = 1; back <= 3 && back <= end; back++) {
		const byte = bytes[end - back] as number;
		if (byte < 0x80) return end;
		if (byte >= 0xc0) return isUtf8(bytes.subarray(end - back)) ? end : end - back;
	}
	return end;
}
