import type { RowChunk } from '../../../format/records';
import { growTo, type Kernel, newKernel } from '../../../wasm/kernel';
import type { TableShape } from '../schema';
import { Unfit } from './unfit';

/** Why {@link LeafRows.write} has stopped; as in `wasm/leaf.ts`. */
export const STOP = { end: 0, full: 1, apart: 2, long: 3, disorder: 4, unfit: 5 } as const;

/** A row whose record is longer is read by SQL, in pieces. */
export const MOST_RECORD_BYTES = 2_000_000;
/** Lines are handed over when they have come to so many bytes. */
const CHUNK_BYTES = 1_000_000;
/** Of a cell, beside what it has of a text, of which each byte takes six at most. */
const [CELL_BYTES, ESCAPE_BYTES] = [28, 6];
const MOST_PAGE_BYTES = 65_536;
/** Room beyond an end, for what is read or written 16 bytes at a time. */
const SPARE_BYTES = 64;
const [IS_ROWID, IS_REAL, HAS_DEFAULT] = [1, 2, 4];

/** Writes the row lines of leaves of a table's b-tree. */
export class LeafRows {
	readonly #kernel: Kernel = newKernel();
	readonly #lines = this.#kernel.RECORD.value + MOST_RECORD_BYTES + SPARE_BYTES;
	/** Bytes that the cells of a row take beside their texts. */
	#cellBytes = 0;

	/** @param usableBytes of each page */
	constructor(readonly usableBytes: number) {
		growTo(this.#kernel, this.#lines);
	}

	/** Rows since the last {@link take}. */
	get rows(): number {
		return this.#kernel.rows.value;
	}

	/** The rowid of the row at hand, and of the one before it, if there was one. */
	get rowid(): bigint {
		return this.#kernel.rowid.value;
	}

	get last(): bigint | null {
		return this.#kernel.hasLast.value === 0 ? null : this.#kernel.last.value;
	}

	/** Begins a table. */
	open({ rowid, storage }: TableShape): void {
		const kernel = this.#kernel;
		const fields = storage?.fields ?? [];
		const words = new Uint32Array(kernel.memory.buffer, kernel.FIELDS.value, 2 * fields.length);
		fields.forEach(({ place, isRowid, isReal, hasDefault }, nth) => {
			const flags = (isRowid ? IS_ROWID : 0) | (isReal ? IS_REAL : 0) | (hasDefault ? HAS_DEFAULT : 0);
			words.set([place, flags], 2 * nth);
		});
		this.#cellBytes = (fields.length + 1) * CELL_BYTES;
		this.#makeRoom(CHUNK_BYTES, MOST_PAGE_BYTES);
		kernel.openTable(fields.length, rowid !== null, MOST_RECORD_BYTES, this.#lines, CHUNK_BYTES);
	}

	/** Begins a leaf. Throws {@link Unfit} for what is none. */
	leaf(page: Uint8Array): void {
		putPage(this.#kernel, page);
		if (!this.#kernel.openLeaf(this.usableBytes)) throw new Unfit('a leaf of too many cells');
	}

	/** Writes rows of the leaf; returns why it has stopped, one of {@link STOP}. */
	write(): number {
		return this.#kernel.writeRows();
	}

	/** Writes the row at hand, a part of which is on `pages`. Throws {@link Unfit}, before anything is written. */
	writeApart(pages: ReadonlyMap<number, Buffer>): void {
		const kernel = this.#kernel;
		const [record, bytes] = [kernel.RECORD.value, kernel.bytes.value];
		this.#makeRoom(kernel.out.value - this.#lines, bytes);
		const memory = new Uint8Array(kernel.memory.buffer);
		memory.copyWithin(record, kernel.start.value, kernel.start.value + kernel.local.value);
		let number = kernel.overflow.value >>> 0;
		for (let at = kernel.local.value; at < bytes; ) {
			const rest = pages.get(number);
			if (rest === undefined) throw new Unfit('a row that does not go on');
			const part = rest.subarray(4, Math.min(this.usableBytes, 4 + bytes - at));
			memory.set(part, record + at);
			at += part.length;
			number = rest.readUInt32BE(0);
		}
		if (!kernel.writeRecord(record)) throw new Unfit('a record that cannot be');
	}

	/** Leaves the row at hand out. */
	pass(): void {
		this.#kernel.passRow();
	}

	/** Hands over the lines so far. */
	take(): RowChunk {
		const { memory, out, rows } = this.#kernel;
		const lines = new Uint8Array(memory.buffer, this.#lines, out.value - this.#lines);
		const chunk = { bytes: Buffer.allocUnsafeSlow(lines.length), rows: rows.value };
		chunk.bytes.set(lines);
		this.#kernel.rewindLines();
		return chunk;
	}

	/** Makes room for `before` bytes of lines, and a row of a record of `bytes` bytes after them. */
	#makeRoom(before: number, bytes: number): void {
		growTo(this.#kernel, this.#lines + before + this.#cellBytes + ESCAPE_BYTES * bytes + SPARE_BYTES);
	}
}

/** Puts a page where the kernel reads it. */
export function putPage({ memory, PAGE }: Kernel, page: Uint8Array): void {
	new Uint8Array(memory.buffer, PAGE.value, page.length).set(page);
}
