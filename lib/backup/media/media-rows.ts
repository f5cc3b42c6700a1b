import { foldCase } from '../../core/fold-case';
import type { TableOpen } from '../../format/records';
import { splitRow } from '../../format/values';
import { jsonValue } from '../export/json-value';

/** A table whose rows name Blob objects, as it was asked for. */
export interface MediaTable {
	readonly table: string;
	readonly url: string | null;
	readonly pathname: string | null;
	/** Further columns for the inventory; `all`: every one. */
	readonly more: readonly string[] | 'all';
	/** It need not be there: nobody has named it. */
	readonly byDefault?: true;
}

/** The same table as the database has it: names by its spelling, and how many rows have been read. */
export interface FoundTable {
	readonly table: string;
	/** Null: not asked for, or no such column. */
	readonly url: string | null;
	readonly pathname: string | null;
	rows: number;
	/** Rows too long for an inventory. */
	skipped: number;
}

/** What one row says of its Blob object. */
export interface MediaRow {
	readonly table: string;
	/** Null: no text. */
	readonly url: string | null;
	readonly pathname: string | null;
	/** Further columns, as the JSON of an object. */
	readonly more: string;
}

/** A row that names a file is no longer than this, in bytes. */
const LONGEST_ROW = 1024 * 1024;
const NEWLINE = 10;

interface Plan {
	readonly found: FoundTable;
	/** Places of cells in a row; -1: none. */
	readonly url: number;
	readonly pathname: number;
	readonly more: readonly { readonly name: string; readonly cell: number }[];
}

/** Takes what rows say of Blob objects out of row lines, as they come. Holds one row at most. */
export class MediaReader {
	/** The tables that were asked for and are there, in the order in which they were opened. */
	readonly found: FoundTable[] = [];
	readonly #wanted: readonly MediaTable[];
	#plan: Plan | null = null;
	#rest: Buffer = Buffer.alloc(0);
	#isTooLong = false;

	constructor(wanted: readonly MediaTable[]) {
		this.#wanted = wanted;
	}

	/** The rows of this table come next. */
	open(table: Omit<TableOpen, 'kind'>): void {
		this.#rest = Buffer.alloc(0);
		this.#isTooLong = false;
		const wanted = this.#wanted.find((one) => foldCase(one.table) === foldCase(table.name));
		this.#plan = wanted === undefined ? null : planFor(wanted, table);
		if (this.#plan !== null) this.found.push(this.#plan.found);
	}

	/** What the rows in `bytes` say; a row may be spread over several calls. */
	*rows(bytes: Uint8Array): Generator<MediaRow, void, undefined> {
		const plan = this.#plan;
		if (plan === null) return;
		const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		let at = 0;
		for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
			this.#keep(chunk.subarray(at, end));
			at = end + 1;
			if (this.#isTooLong) plan.found.skipped += 1;
			else {
				plan.found.rows += 1;
				yield rowOf(plan, this.#rest.toString('utf8'));
			}
			this.#rest = Buffer.alloc(0);
			this.#isTooLong = false;
		}
		// A copy: the chunk's memory may be used again.
		if (at < chunk.length) this.#keep(Buffer.from(chunk.subarray(at)));
	}

	#keep(part: Buffer): void {
		if (this.#rest.length + part.length > LONGEST_ROW) this.#isTooLong = true;
		if (this.#isTooLong) this.#rest = Buffer.alloc(0);
		else this.#rest = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]);
	}
}

function planFor(wanted: MediaTable, { name, columns, rowid }: Omit<TableOpen, 'kind'>): Plan | null {
	const before = rowid === null ? 0 : 1;
	const placeOf = (column: string | null) =>
		column === null ? -1 : columns.findIndex((one) => foldCase(one) === foldCase(column));
	const cellOf = (place: number) => (place < 0 ? -1 : place + before);
	const [url, pathname] = [placeOf(wanted.url), placeOf(wanted.pathname)];
	if (url < 0 && pathname < 0) return null;
	const places =
		wanted.more === 'all' ? columns.map((_, place) => place) : wanted.more.map(placeOf).filter((place) => place >= 0);
	const more = places
		.filter((place) => place !== url && place !== pathname)
		.map((place) => ({ name: columns[place] as string, cell: cellOf(place) }));
	const found = { table: name, url: columns[url] ?? null, pathname: columns[pathname] ?? null, rows: 0, skipped: 0 };
	return { found, url: cellOf(url), pathname: cellOf(pathname), more };
}

function rowOf({ found, url, pathname, more }: Plan, line: string): MediaRow {
	const cells = splitRow(line);
	const members = more.map(({ name, cell }) => `${JSON.stringify(name)}:${jsonValue(cells[cell] as string)}`);
	return {
		table: found.table,
		url: textOf(cells[url]),
		pathname: textOf(cells[pathname]),
		more: `{${members.join(',')}}`,
	};
}

function textOf(cell: string | undefined): string | null {
	return cell?.startsWith('"') ? (JSON.parse(cell) as string) : null;
}
