import { isBadText, isTooBig } from './errors';
import { type Page, PageReader } from './page-reader';
import type { Reader } from './reader';
import type { TableShape } from './schema';

/** Tables asked about in one request: a round trip for each would take most of the time of a database of thousands. */
const TABLES_A_REQUEST = 50;

/** The first page of a table, and how many rows it was to have at most. */
export interface FirstPage {
	readonly page: Page;
	readonly limit: number;
}

/** Reads the small first pages of tables together, those of some at a time, as they are asked for in order. */
export class FirstPages {
	#ahead = new Map<TableShape, FirstPage | null>();

	constructor(
		readonly reader: Reader,
		readonly tables: readonly TableShape[],
	) {}

	/** The table's first page; null if it has to be read by itself, being larger than is good to hold for many. */
	async of(table: TableShape): Promise<FirstPage | null> {
		if (this.reader.kind === 'file' || !this.reader.encodesRows) return null;
		if (!this.#ahead.has(table)) {
			const place = this.tables.indexOf(table);
			if (place < 0) return null;
			this.#ahead = await this.#read(this.tables.slice(place, place + TABLES_A_REQUEST));
		}
		return this.#ahead.get(table) ?? null;
	}

	async #read(tables: readonly TableShape[]): Promise<Map<TableShape, FirstPage | null>> {
		const pages = tables.map((table) => new PageReader(this.reader, table));
		try {
			const answers = await this.reader.queryAll(
				pages.map((page) => page.firstSql()),
				'reading tables',
			);
			return new Map(
				pages.map((reader, nth) => {
					const page = reader.pageOf(answers[nth]?.[0] ?? []);
					return [reader.table, typeof page === 'string' ? null : { page, limit: reader.firstLimit }];
				}),
			);
		} catch (error) {
			if (isBadText(error)) throw this.reader.distrustText((tables[0] as TableShape).name);
			// Each by itself is told apart, and shrunk.
			if (isTooBig(error)) return new Map(tables.map((table) => [table, null]));
			throw error;
		}
	}
}
