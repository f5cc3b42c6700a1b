import { linePieces } from '../../format/line-pieces';
import { growTo, newKernel } from '../../wasm/kernel';

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
/** Of a record's numbers that are written in as many bytes each time, whatever they are; of a rowid, too. */
const [VARINT_BYTES, HEAD_SIZE_BYTES, ROWID_BYTES] = [3, 2, 4];
/** Room beyond the lines, for what is read 16 bytes at a time. */
const SPARE_BYTES = 64;
/** What the database says of the version that wrote it: one whose files any that is in use reads. */
const SQLITE_VERSION = 3_045_001;

/** The table in the file. */
export const ROWS_TABLE = 'r';

/** The name of the column that a row's nth cell is in. */
export function columnOf(nth: number): string {
	return `c${nth}`;
}

/** The most bytes that a row takes whose line has `bytes`: an `1e9,` becomes a double. */
function mostRowBytes(bytes: number, cells: number): number {
	return Math.ceil((bytes * 9) / 4) + VARINT_BYTES * (cells + 1) + ROWID_BYTES + HEAD_SIZE_BYTES;
}

/**
 * Makes an SQLite database of row lines: a file of one table, whose rows have the lines' cells, and rowids from 1.
 * Made over and over again in one file, it is a way for many rows into another database: SQLite reads rows of its own
 * format some ten times as fast as it takes JSON apart (sqlite.org/fileformat2.html).
 *
 * Holds little more than a megabyte, whatever is added.
 */
export class RowPages {
	readonly #kernel = newKernel();
	/** Where its lines are: behind its pages, and a page's room for a row that turns out to be too long. */
	readonly #lines = this.#kernel.PAGES.value + (PAGES_HELD + 1) * PAGE_BYTES;
	readonly #write: (bytes: Uint8Array, position: number) => void;
	/** Full pages that are held. */
	#pages = 0;
	/** The last rowid of each full page. */
	#lastRows: number[] = [];
	#rows = 0;
	#columns = 1;
	#version = 0;

	/** @param write writes to the file, and is done when it returns */
	constructor(write: (bytes: Uint8Array, position: number) => void) {
		this.#write = write;
		growTo(this.#kernel, this.#lines);
		this.#openPage();
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
		return mostRowBytes(bytes, cells) <= PAGE_BYTES - FIRST_ROW;
	}

	/** Adds row lines that `takes` lets pass, as `checkRows` has done. */
	add(lines: Buffer, cells: number): void {
		const kernel = this.#kernel;
		this.#columns = Math.max(this.#columns, cells);
		for (const piece of linePieces(lines)) {
			const end = this.#put(piece);
			for (let at = this.#lines; ; this.#endPage()) {
				const before = kernel.pageRows.value;
				at = kernel.addRows(at, end, cells, this.#rows + 1);
				this.#rows += kernel.pageRows.value - before;
				if (at >= end) break;
			}
		}
	}

	/** Writes what makes the file a database, until rows are added again. */
	finish(): void {
		if (this.#kernel.pageRows.value > 0) this.#endPage();
		this.#flush();
		this.#version++;
		this.#write(Buffer.concat([this.#firstPage(), this.#root()]), 0);
	}

	/** Begins the next database, in the place of this one. */
	clear(): void {
		this.#lastRows = [];
		this.#rows = 0;
	}

	#openPage(): void {
		this.#kernel.openPage(this.#kernel.PAGES.value + this.#pages * PAGE_BYTES, PAGE_BYTES, PAGE_ROWS);
	}

	#endPage(): void {
		writePageHead(this.#held(this.#pages), LEAF, this.#kernel.pageRows.value, FIRST_ROW);
		this.#lastRows.push(this.#rows);
		if (++this.#pages === PAGES_HELD) this.#flush();
		this.#openPage();
	}

	#flush(): void {
		const first = FIRST_LEAF + this.#lastRows.length - this.#pages;
		this.#write(this.#held(0, this.#pages), (first - 1) * PAGE_BYTES);
		this.#pages = 0;
		this.#openPage();
	}

	/** Puts lines where the kernel reads them; returns the place after them. */
	#put(lines: Buffer): number {
		const end = this.#lines + lines.length;
		growTo(this.#kernel, end + SPARE_BYTES);
		new Uint8Array(this.#kernel.memory.buffer, this.#lines).set(lines);
		return end;
	}

	/** What a row's line becomes, and anything behind it: by itself on the page beyond the others. */
	#encode(line: string, cells: number): Uint8Array {
		const kernel = this.#kernel;
		kernel.openPage(kernel.PAGES.value + PAGES_HELD * PAGE_BYTES, PAGE_BYTES, 1);
		kernel.addRows(this.#lines, this.#put(Buffer.from(line)), cells, 1);
		this.#openPage();
		return this.#held(PAGES_HELD).subarray(HEAD_BYTES + 2);
	}

	/** Pages in the kernel's memory, until that grows. */
	#held(first: number, pages = 1): Uint8Array {
		const { memory, PAGES } = this.#kernel;
		return new Uint8Array(memory.buffer, PAGES.value + first * PAGE_BYTES, pages * PAGE_BYTES);
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
		const row = this.#encode(`${JSON.stringify(['table', ROWS_TABLE, ROWS_TABLE, root, sql])}\n`, 5);
		const from = FILE_HEAD_BYTES + HEAD_BYTES + 2;
		page.set(row.subarray(0, PAGE_BYTES - from), from);
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

/** Writes a number below 2^28, most significant bits first, as all of a rowid's bytes. */
function writeRowid(to: Uint8Array, at: number, value: number): void {
	to.set([0x80 | (value >> 21), 0x80 | (value >> 14), 0x80 | (value >> 7), value & 0x7f], at);
}

function writePageHead(page: Uint8Array, kind: number, cells: number, from: number): void {
	page.set([kind, 0, 0, cells >> 8, cells & 0xff, from >> 8, from & 0xff, 0]);
}
