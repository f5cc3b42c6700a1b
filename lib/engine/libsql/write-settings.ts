import type { Connection } from './connect';

/** SQLite's memory at most, of the whole process: a row of the longest line that a backup may have takes half of it. */
const HEAP_BYTES = 600_000_000;

/** The pragmas by which a connection is set up to write a whole database. */
export function writeSettings({ kind, scratch }: Pick<Connection, 'kind' | 'scratch'>): string[] {
	return [
		// The driver is built to sort in memory, and an index is made by sorting its table; what a backup has an index
		// compute could take any amount.
		...(kind === 'file' ? ['temp_store = FILE', `hard_heap_limit = ${HEAP_BYTES}`] : []),
		...(scratch ? ['journal_mode = MEMORY', 'synchronous = OFF'] : []),
	];
}
