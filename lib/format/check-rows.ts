import { growTo, type Kernel, newKernel } from '../wasm/kernel';
import { FormatError } from './format-error';
import { linePieces } from './line-pieces';

/** What may be wrong, by the numbers of `wasm/check.ts`. */
const PROBLEMS: Readonly<Record<number, string | ((cells: number, seen: number) => string)>> = {
	1: 'a rowid that is no integer',
	2: (cells) => `a row has more than ${cells} cells`,
	3: 'a cell is followed by neither "," nor "]"',
	4: (cells, seen) => `a row has ${seen} cells instead of ${cells}`,
	5: 'a row is not followed by a newline',
	6: 'not a value',
	7: 'a text has a control character that is not escaped',
	8: 'a text has an escape that the format does not have',
	9: 'an object that is not a tagged value',
	10: 'a tagged value that is not hex',
	11: 'a tagged value with half a byte',
	12: 'a tagged value that does not end',
	13: 'a number with a leading zero',
	14: 'a number without digits',
	15: 'a number with too many digits',
	16: 'an integer minus zero',
	17: 'an integer of more than 64 bits',
};
/** Room beyond the lines, for what is read 16 bytes at a time. */
const SPARE_BYTES = 64;

/** What a run of rows holds that a writer must treat apart. */
export interface RowTraits {
	/** For each cell of a row, the `KIND`s of values that it has in the run. */
	readonly kinds: Uint8Array;
	/** Bytes of the longest line. */
	readonly longestBytes: number;
}

/** A run of row lines that has passed. */
export interface CheckedRows {
	/** The place after the run. */
	readonly end: number;
	readonly rows: number;
	readonly traits: RowTraits;
}

/** One for all, as no check outlasts a call. */
let checker: Kernel | null = null;
/** Its memory never shrinks: one that a long line has made larger than this is given up. */
const MOST_KEPT_BYTES = 4_000_000;

/**
 * Checks the row lines that `bytes` start with, up to the first line that is no row: a backup is data from somewhere,
 * and the JSON parser of the database it goes into accepts more than this format does. Text is not checked to be UTF-8.
 *
 * @param bytes whole lines, the last one ended by a newline too
 * @param shape how many cells every row must have, and whether the first of them is a rowid
 * @throws FormatError at the first byte that does not fit
 */
export function checkRows(bytes: Buffer, { cells, rowid }: { cells: number; rowid: boolean }): CheckedRows {
	checker ??= newKernel();
	const kernel = checker;
	const start = kernel.CELLS.value + cells;
	growTo(kernel, start);
	kernel.openRows(cells, rowid);
	if (bytes.length > MOST_KEPT_BYTES) checker = null;
	let end = 0;
	for (const piece of linePieces(bytes)) {
		growTo(kernel, start + piece.length + SPARE_BYTES);
		const memory = new Uint8Array(kernel.memory.buffer, start, piece.length + 1);
		memory.set(piece);
		// By which the kernel knows where they end.
		memory[piece.length] = 0;
		const passed = kernel.checkRows(start) - start;
		if (kernel.problem.value !== 0) throw problemOf(kernel, cells, end - start);
		end += passed;
		if (passed < piece.length) break;
	}
	const kinds = new Uint8Array(kernel.memory.buffer, kernel.CELLS.value, cells).slice();
	return { end, rows: kernel.lineRows.value, traits: { kinds, longestBytes: kernel.longestLine.value } };
}

function problemOf({ problem, problemAt, cellsSeen }: Kernel, cells: number, offset: number): FormatError {
	const what = PROBLEMS[problem.value] ?? '';
	return new FormatError(typeof what === 'string' ? what : what(cells, cellsSeen.value), offset + problemAt.value);
}
