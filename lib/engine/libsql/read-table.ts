import type { ReadEvent } from '../engine';
import type { FirstPage } from './first-pages';
import { type Page, PageReader, type Trouble } from './page-reader';
import { type Position, positionAfter, START } from './position';
import { readExact } from './read-exact';
import { readLongRow } from './read-long';
import type { Reader } from './reader';
import type { TableShape } from './schema';

/** Pages are grown towards this many bytes of row text; the server's longest string is 5 MB. */
const PAGE_BYTES = 1_100_000;
const FIRST_ROWS = 500;
const MOST_ROWS = 20_000;

/**
 * Reads a table in pages of row lines that the database itself encodes. A page that is too big is asked for again
 * with fewer rows, down to one row, which is then read in pieces; a page with malformed TEXT is read the exact way,
 * and so is every table where the database does not encode rows as format 1 has them.
 *
 * Yields `rows` and `omit` events in the table's order.
 *
 * @param first the table's first page, if it has been read already
 * @param start where to begin, without such a page
 */
export async function* readTable(
	reader: Reader,
	table: TableShape,
	first: FirstPage | null = null,
	start = START,
): AsyncGenerator<ReadEvent> {
	if (!reader.encodesRows) {
		yield* readExact(reader, table, start, Number.POSITIVE_INFINITY);
		return;
	}
	const pages = new PageReader(reader, table);
	let at: Position = start;
	let limit = first?.limit ?? Math.ceil(FIRST_ROWS * reader.share);
	let ahead: Promise<Page | Trouble> | null = first && Promise.resolve(first.page);
	try {
		for (;;) {
			const page: Page | Trouble = await (ahead ?? pages.read(at, limit));
			ahead = null;
			if (page === 'too-big') {
				if (limit > 1) {
					limit = Math.ceil(limit / 4);
					continue;
				}
				const row = yield* readLongRow(reader, table, at);
				if (row === null) return;
				at = row;
				continue;
			}
			if (page === 'bad-text') {
				const exact: { next: Position | null; rows: number } = yield* readExact(reader, table, at, limit);
				if (exact.next === null) return;
				at = exact.next;
				continue;
			}
			if (page.bytes === null) return;
			at = positionAfter(table, at, page.rows, page.lastRowid, page.bytes);
			const isLast = page.rows < limit;
			limit = nextLimit(limit, page.bytes.length / page.rows, PAGE_BYTES * reader.share);
			// The server works on the next page while this one is compressed; a local database would only block.
			if (!isLast && reader.kind === 'remote') {
				ahead = pages.read(at, limit);
				ahead.catch(() => {});
			}
			yield { kind: 'rows', bytes: page.bytes, rows: page.rows };
			if (isLast) return;
		}
	} finally {
		await ahead?.catch(() => {});
	}
}

/** Grows or shrinks towards pages of `pageBytes`; growth is slow, as the rows to come may be longer. */
function nextLimit(limit: number, bytesPerRow: number, pageBytes: number): number {
	const wanted = Math.floor(pageBytes / bytesPerRow);
	return Math.max(1, Math.min(wanted, limit * 4, MOST_ROWS));
}
