import { foldCase } from '../../core/fold-case';
import type { MediaTable } from '../../core/media-table';
import type { TableOpen } from '../../format/records';
import { splitRow } from '../../format/values';
import { jsonValue } from '../export/json-value';

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
}

/** The same, as JSON texts, and with the further columns: an object. */
export interface MediaRowText {
	readonly table: string;
	readonly url: string;
	readonly pathname: string;
	readonly more: string;
}

/** A row that names a file is no longer than this, in bytes. */
const LONGEST_ROW = 1024 * 1024;
/** Bytes of row lines that are made text of at once. */
const PIECE_BYTES = 64 * 1024;
const NEWLINE = 10;

interface Plan {
	readonly found: FoundTable;
	/** Its name as JSON. */
	readonly table: string;
	/** Places of cells in a row; -1: none. */
	readonly url: number;
	readonly pathname: number;
	/** Names as JSON, with a colon. */
	readonly more: readonly { readonly name: string; readonly cell: number }[];
}

/** Takes what rows say of Blob objects out of row lines, as they come. Holds one row at most, beside what it is given. */
export class MediaReader {
	/** The tables that were asked for and are there, in the order in which they were opened. */
	readonly found: FoundTable[] = [];
	readonly #wanted: readonly MediaTable[];
	#plan: Plan | null = null;
	/** The beginning of a row whose end has not come yet. */
	#rest: Buffer = Buffer.alloc(0);
	#isTooLong = false;

	constructor(wanted: readonly MediaTable[]) {
		this.#wanted = wanted;
	}

	/** The rows of this table come next. */
	open(table: Omit<TableOpen, 'kind'>): void {
		this.#forget();
		const wanted = this.#wanted.find((one) => foldCase(one.table) === foldCase(table.name));
		this.#plan = wanted === undefined ? null : planFor(wanted, table);
		if (this.#plan !== null) this.found.push(this.#plan.found);
	}

	/** What the rows in `bytes` say; a row may be spread over several calls. */
	*rows(bytes: Uint8Array): Generator<MediaRow, void, undefined> {
		const plan = this.#plan;
		if (plan === null) return;
		const { table } = plan.found;
		for (const { url, pathname } of this.texts(bytes))
			yield { table, url: JSON.parse(url) as string | null, pathname: JSON.parse(pathname) as string | null };
	}

	/** As {@link rows}, in JSON. */
	*texts(bytes: Uint8Array): Generator<MediaRowText, void, undefined> {
		const plan = this.#plan;
		if (plan === null) return;
		const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const first = chunk.indexOf(NEWLINE) + 1;
		const end = chunk.lastIndexOf(NEWLINE) + 1;
		if (first === 0) return this.#keep(chunk);
		this.#keep(chunk.subarray(0, first));
		if (this.#isTooLong) plan.found.skipped += 1;
		else yield* textsOf(plan, this.#rest);
		this.#forget();
		for (let at = first; at < end; ) {
			// Few at once: text takes more room than its bytes, and lies about for a while.
			const last = chunk.lastIndexOf(NEWLINE, Math.min(end, at + PIECE_BYTES) - 1);
			const next = 1 + (last < at ? chunk.indexOf(NEWLINE, at) : last);
			yield* textsOf(plan, chunk.subarray(at, next));
			at = next;
		}
		if (end < chunk.length) this.#keep(chunk.subarray(end));
	}

	#keep(part: Buffer): void {
		this.#isTooLong ||= this.#rest.length + part.length > LONGEST_ROW;
		// A copy: the memory of what was given may be used again.
		this.#rest = this.#isTooLong ? Buffer.alloc(0) : Buffer.concat([this.#rest, part]);
	}

	#forget(): void {
		this.#rest = Buffer.alloc(0);
		this.#isTooLong = false;
	}
}

/** `bytes` is whole lines. */
function* textsOf(plan: Plan, bytes: Buffer): Generator<MediaRowText, void, undefined> {
	const text = bytes.toString('utf8');
	for (let at = 0; at < text.length; ) {
		const end = text.indexOf('\n', at);
		if (end - at > LONGEST_ROW) plan.found.skipped += 1;
		else {
			plan.found.rows += 1;
			yield rowOf(plan, text.slice(at, end));
		}
		at = end + 1;
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
		.map((place) => ({ name: `${JSON.stringify(columns[place])}:`, cell: cellOf(place) }));
	const found = { table: name, url: columns[url] ?? null, pathname: columns[pathname] ?? null, rows: 0, skipped: 0 };
	return { found, table: JSON.stringify(name), url: cellOf(url), pathname: cellOf(pathname), more };
}

function rowOf({ table, url, pathname, more }: Plan, line: string): MediaRowText {
	const cells = splitRow(line);
	let members = '';
	for (const { name, cell } of more)
		members += `${members === '' ? '' : ','}${name}${jsonValue(cells[cell] as string)}`;
	return { table, url: textOf(cells[url]), pathname: textOf(cells[pathname]), more: `{${members}}` };
}

function textOf(cell: string | undefined): string {
	return cell?.startsWith('"') ? cell : 'null';
}
