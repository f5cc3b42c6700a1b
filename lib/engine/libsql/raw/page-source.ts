import { isTooBig } from '../errors';
import type { Row } from '../rows';
import { isRefusal } from '../run-named';
import { Unfit } from './unfit';

/** A string of sqld's has at most 5,000,000 bytes. */
const STRING_BYTES = 4_000_000;
/** Pages asked for in one request have about so many bytes: over a network the more the fewer round trips. */
const REQUEST_BYTES = { file: 1_000_000, remote: 2_000_000 } as const;
/** Requests before one is used: a local database answers at once, and would only be asked earlier. */
const REQUESTS_AHEAD = { file: 1, remote: 2 } as const;

const MAGIC = 'SQLite format 3\0';
const UTF8 = 1;

/** What a snapshot asks of its database. */
type Ask = (sqls: readonly string[], doing: string) => Promise<Row[][]>;

export interface PageSourceOptions {
	readonly kind: 'file' | 'remote';
	/** Of the size that requests usually have. */
	readonly share: number;
	/** About what the database takes; null if it does not tell. */
	readonly diskBytes: number | null;
}

/** The pages of the database file as a snapshot sees them, by number: read through SQLite, whatever its journal is. */
export class PageSource {
	readonly pageCount: number;
	/** How many pages are best asked for at once. */
	readonly perRequest: number;
	/** How many requests are best made before the first of them is used. */
	readonly requestsAhead: number;
	readonly #perQuery: number;

	private constructor(
		readonly ask: Ask,
		readonly pageBytes: number,
		/** Of a page, what the file format uses. */
		readonly usableBytes: number,
		{ kind, share, diskBytes }: PageSourceOptions & { readonly diskBytes: number },
	) {
		this.pageCount = diskBytes / pageBytes;
		this.#perQuery = Math.floor(STRING_BYTES / pageBytes);
		this.requestsAhead = REQUESTS_AHEAD[kind];
		this.perRequest = Math.max(1, Math.floor((REQUEST_BYTES[kind] * share) / pageBytes));
	}

	/** Opens a database's pages; null if it does not give them, or they are not what is read here. */
	static async open(ask: Ask, options: PageSourceOptions): Promise<PageSource | null> {
		const { diskBytes } = options;
		if (diskBytes === null) return null;
		try {
			// By the very SQL that the others are read with: a function may be missing in another engine.
			const [rows] = await ask([pagesSql([1])], 'reading a page');
			const page = rows?.[0]?.[0];
			if (!Buffer.isBuffer(page)) return null;
			const isKnown =
				page.length >= 512 &&
				page.length <= 65_536 &&
				page.toString('latin1', 0, MAGIC.length) === MAGIC &&
				page.readUInt32BE(56) === UTF8;
			if (!isKnown || diskBytes % page.length !== 0) return null;
			return new PageSource(ask, page.length, page.length - (page[20] as number), { ...options, diskBytes });
		} catch (error) {
			if (isRefusal(error)) return null;
			throw error;
		}
	}

	/**
	 * Reads pages, in the order of `numbers`.
	 *
	 * @throws Unfit for a number that is none of a page
	 */
	async read(numbers: readonly number[]): Promise<Buffer[]> {
		for (const number of numbers)
			if (number < 1 || number > this.pageCount) throw new Unfit(`there is no page ${number}`);
		if (numbers.length === 0) return [];
		const groups: (readonly number[])[] = [];
		for (let at = 0; at < numbers.length; at += this.#perQuery) groups.push(numbers.slice(at, at + this.#perQuery));
		try {
			const answers = await this.ask(groups.map(pagesSql), 'reading pages');
			return groups.flatMap((group, nth) => this.#pagesOf(group, answers[nth]?.[0] ?? []));
		} catch (error) {
			// Others may take up a server's room for answers.
			if (!isTooBig(error) || numbers.length === 1) throw error;
			const half = numbers.length >> 1;
			return [...(await this.read(numbers.slice(0, half))), ...(await this.read(numbers.slice(half)))];
		}
	}

	#pagesOf(numbers: readonly number[], [data, found]: Row): Buffer[] {
		if (!Buffer.isBuffer(data) || found !== numbers.join() || data.length !== numbers.length * this.pageBytes)
			throw new Unfit('the pages that came are not those that were asked for');
		return numbers.map((_, nth) => data.subarray(nth * this.pageBytes, (nth + 1) * this.pageBytes));
	}
}

/** Some pages as one value: a row for each would take most of the time. */
function pagesSql(numbers: readonly number[]): string {
	return `SELECT CAST(group_concat(data, '') AS BLOB), group_concat(pgno) FROM json_each('[${numbers}]') CROSS JOIN sqlite_dbpage ON pgno = value`;
}
