import { LONG_ROW_BYTES } from '../engine/engine';
import type { RowsEvent } from '../format/decoder';
import { type Cell, parseRow } from '../format/values';

const NEWLINE = 10;

/** Bytes of the longest row of a run as a database stores it, or a little more; 0 if every line is short. */
export function longestRowBytes({ bytes, traits }: RowsEvent): number {
	if (traits.longestBytes <= LONG_ROW_BYTES) return 0;
	let longest = 0;
	for (let at = 0; at < bytes.length; ) {
		const end = bytes.indexOf(NEWLINE, at) + 1;
		if (end - at > LONG_ROW_BYTES) longest = Math.max(longest, storedBytes(parseRow(bytes.toString('utf8', at, end))));
		at = end;
	}
	return longest;
}

function storedBytes(cells: readonly Cell[]): number {
	return cells.reduce((sum, cell) => sum + valueBytes(cell), 0);
}

/** Each value has a type of its own before the row, of some bytes. */
function valueBytes(cell: Cell): number {
	if (cell.type === 'text') return Buffer.byteLength(cell.value) + 5;
	return (cell.type === 'blob' || cell.type === 'rawtext' ? cell.bytes.length : 8) + 5;
}
