import type { Connection } from './connect';

/** SQLite's memory at most, of the whole process: a row of the longest line that a backup may have takes half of it. */
const HEAP_BYTES = 600_000_000;

/** Threads that help to sort for an index, at most. Each holds 250 pages. */
const SORTERS = 1;
/** Of a database that nobody keeps: the longer its pages, the fewer are written, but the more a sort holds. */
const SCRATCH_PAGE_BYTES = 8_192;
/** Of more objects, each takes a page at least, which would be mostly empty. */
const MOST_OBJECTS = 1_000;

/**
 * The pragmas by which a connection is set up to write a whole database.
 *
 * @param objects how many tables and indexes it will have, about
 */
export function writeSettings({ kind, scratch }: Pick<Connection, 'kind' | 'scratch'>, objects: number): string[] {
	return [
		// The driver is built to sort in memory, and an index is made by sorting its table; what a backup has an index
		// compute could take any amount.
		...(kind === 'file' ? ['temp_store = FILE', `hard_heap_limit = ${HEAP_BYTES}`, `threads = ${SORTERS}`] : []),
		...(scratch && objects <= MOST_OBJECTS ? [`page_size = ${SCRATCH_PAGE_BYTES}`] : []),
		...(scratch ? ['journal_mode = MEMORY', 'synchronous = OFF'] : []),
	];
}
