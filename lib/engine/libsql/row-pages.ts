import { CellEncoder, mostCellBytes, writeRowid } from './encode-cell';

/** The largest page that SQLite has: fewest pages to write, and rows of some length in one piece. */
const PAGE_BYTES = 65_536;
/** Pages that are written at once. */
const PAGES_HELD = 16;
/** Rows of a page at most; their places stand before them. */
const PAGE_ROWS = 2_000;
const HEAD_BYTES = 8;
const FIRST_ROW = HEAD_BYTES + 2 * PAGE_ROWS;
const [LEAF, INTERIOR] = [13, 5];
/** The page of the file's head and schema, the root, and the first of those with rows. */
const [ROOT, FIRST_LEAF] = [2, 3];
/** Of a cell of the root: a page, and the last rowid on it. */
const CHILD_BYTES = 8;
/** Pages that the root has room for are many times as many. */
const MOST_PAGES = 2_000;
const FILE_HEAD_BYTES = 100;
/** What the database says of the version that wrote it: one whose files any that is in use reads. */
const SQLITE_VERSION = 3_045_001;

/** The table in the file. */
export const ROWS_TABLE = 'r';

/** The name of the column that a row's nth cell is in. */
export function columnOf(nth: number): string {
	return `c${nth}`;
}

/**
 * Makes an SQLite database of row lines: a file of one table, whose rows have the lines' cells, and rowids from 1.
 * Made over and over again in one file, it is a way for many rows into another database: SQLite reads rows of its own
 * format some ten times as fast as it takes JSON apart (sqlite.org/fileformat2.html).
 *
 * Holds a megabyte, whatever is added.
 */
export class RowPages {
	readonly #encoder = new CellEncoder();
	readonly #held = Buffer.alloc(PAGES_HELD * PAGE_BYTES);
	readonly #write: (bytes: Uint8Array, position: number) => void;
	/** The page that is being filled. */
	#page: Uint8Array = this.#held.subarray(0, PAGE_BYTES);
	/** Pages that are held, and rows on the one that is being filled. */
	#pages = 0;
	#pageRows = 0;
	#at = FIRST_ROW;
	/** The last rowid of each full page. */
	#lastRows: number[] = [];
	#rows = 0;
	#columns = 1;
	#version = 0;

	/** @param write writes to the file, and is done when it returns */
	constructor(write: (bytes: Uint8Array, position: number) => void) {
		this.#write = write;
	}

	/** Rows added, which is the rowid of the last. */
	get rows(): number {
		return this.#rows;
	}

	get isFull(): boolean {
		return this.#lastRows.length >= MOST_PAGES;
	}

	/** Claims that rows can be added of which the longest line has `bytes` bytes. */
	static takes(bytes: number, cells: number): boolean {
		return mostCellBytes(bytes, cells) <= PAGE_BYTES - FIRST_ROW;
	}

	/** Adds row lines that `takes` lets pass, as `checkRows` has done. */
	add(lines: Buffer, cells: number): void {
		this.#columns = Math.max(this.#columns, cells);
		for (let at = 0; at < lines.length; ) {
			if (this.#pageRows === PAGE_ROWS) this.#endPage();
			const end = this.#encoder.encode(lines, at, cells, this.#rows + 1, this.#page, this.#at);
			if (end > PAGE_BYTES) {
				this.#endPage();
				continue;
			}
			const place = HEAD_BYTES + 2 * this.#pageRows++;
			this.#page[place] = this.#at >> 8;
			this.#page[place + 1] = this.#at;
			this.#at = end;
			this.#rows++;
			at = this.#encoder.lineEnd;
		}
	}

	/** Writes what makes the file a database, until rows are added again. */
	finish(): void {
		if (this.#pageRows > 0) this.#endPage();
		this.#flush();
		this.#version++;
		this.#write(Buffer.concat([this.#firstPage(), this.#root()]), 0);
	}

	/** Begins the next database, in the place of this one. */
	clear(): void {
		this.#lastRows = [];
		this.#rows = 0;
	}

	#endPage(): void {
		writePageHead(this.#page, LEAF, this.#pageRows, FIRST_ROW);
		this.#lastRows.push(this.#rows);
		this.#pageRows = 0;
		this.#at = FIRST_ROW;
		if (++this.#pages === PAGES_HELD) this.#flush();
		this.#turn();
	}

	#flush(): void {
		const first = FIRST_LEAF + this.#lastRows.length - this.#pages;
		this.#write(this.#held.subarray(0, this.#pages * PAGE_BYTES), (first - 1) * PAGE_BYTES);
		this.#pages = 0;
		this.#turn();
	}

	/** Goes to the next page that is free. */
	#turn(): void {
		this.#page = this.#held.subarray(this.#pages * PAGE_BYTES, (this.#pages + 1) * PAGE_BYTES);
	}

	#firstPage(): Buffer {
		const page = Buffer.alloc(PAGE_BYTES);
		page.write('SQLite format 3\0', 'latin1');
		// A page size of 1 is 65,536; two versions of the format, no reserved bytes, and three shares that never differ.
		page.set([0, 1, 1, 1, 0, 64, 32, 32], 16);
		// By the first, a connection sees that the file is another than it has read before.
		page.writeUInt32BE(this.#version, 24);
		page.writeUInt32BE(ROOT + this.#lastRows.length, 28);
		// An inner page has two children at least.
		const root = this.#lastRows.length === 1 ? FIRST_LEAF : ROOT;
		// Of the schema: it differs when the columns or the root do.
		page.writeUInt32BE(2 * this.#columns + (root === ROOT ? 0 : 1), 40);
		page.writeUInt32BE(4, 44);
		page.writeUInt32BE(1, 56);
		page.writeUInt32BE(this.#version, 92);
		page.writeUInt32BE(SQLITE_VERSION, 96);
		const sql = `CREATE TABLE ${ROWS_TABLE}(${Array.from({ length: this.#columns }, (_, nth) => columnOf(nth)).join(', ')})`;
		const line = Buffer.from(`${JSON.stringify(['table', ROWS_TABLE, ROWS_TABLE, root, sql])}\n`);
		const from = FILE_HEAD_BYTES + HEAD_BYTES + 2;
		this.#encoder.encode(line, 0, 5, 1, page, from);
		writePageHead(page.subarray(FILE_HEAD_BYTES), LEAF, 1, from);
		page.writeUInt16BE(from, FILE_HEAD_BYTES + HEAD_BYTES);
		return page;
	}

	#root(): Buffer {
		const page = Buffer.alloc(PAGE_BYTES);
		const pages = this.#lastRows.length;
		if (pages === 0) {
			writePageHead(page, LEAF, 0, PAGE_BYTES - 1);
			return page;
		}
		const head = HEAD_BYTES + 4;
		const first = head + 2 * pages;
		writePageHead(page, INTERIOR, pages - 1, first);
		page.writeUInt32BE(FIRST_LEAF + pages - 1, HEAD_BYTES);
		for (let nth = 0; nth < pages - 1; nth++) {
			const at = first + nth * CHILD_BYTES;
			page.writeUInt16BE(at, head + 2 * nth);
			page.writeUInt32BE(FIRST_LEAF + nth, at);
			writeRowid(page, at + 4, this.#lastRows[nth] as number);
		}
		return page;
	}
}

function writePageHead(page: Uint8Array, kind: number, cells: number, from: number): void {
	page.set([kind, 0, 0, cells >> 8, cells & 0xff, from >> 8, from & 0xff, 0]);
}
