import { Unfit } from './unfit';
import { VarintReader } from './varint';

const HEADER = 8;

/**
 * The rows of leaves (sqlite.org/fileformat2.html, section 1.6), one at a time in the same fields: an object for each
 * would cost more than the reading.
 */
export class LeafCells {
	rowid: number | bigint = 0;
	/** Bytes of the row's record. */
	bytes = 0;
	/** Where the record begins in the page, and how many of its bytes are there. */
	start = 0;
	local = 0;
	/** The first of the pages with the rest; 0 for none. */
	overflow = 0;

	readonly #varints = new VarintReader();
	readonly #most: number;
	readonly #least: number;
	#page: Buffer = Buffer.alloc(0);
	#count = 0;
	#next = 0;

	/** @param usableBytes of each page */
	constructor(readonly usableBytes: number) {
		this.#most = usableBytes - 35;
		this.#least = Math.floor(((usableBytes - 12) * 32) / 255) - 23;
	}

	/** Begins a leaf. */
	open(page: Buffer): void {
		this.#page = page;
		this.#count = page.readUInt16BE(3);
		this.#next = 0;
		if (HEADER + 2 * this.#count > this.usableBytes) throw new Unfit('a leaf of too many cells');
	}

	/** Goes on to the next row; false when there is none. Throws {@link Unfit} for what is none. */
	next(): boolean {
		if (this.#next >= this.#count) return false;
		const page = this.#page;
		const place = HEADER + 2 * this.#next++;
		this.#varints.start(page, (page[place] as number) * 256 + (page[place + 1] as number));
		const bytes = this.#varints.size();
		this.rowid = this.#varints.integer();
		this.bytes = bytes;
		this.start = this.#varints.at;
		this.local = bytes;
		this.overflow = 0;
		if (bytes > this.#most) {
			const wanted = this.#least + ((bytes - this.#least) % (this.usableBytes - 4));
			this.local = wanted <= this.#most ? wanted : this.#least;
		}
		const end = this.start + this.local;
		if (!(end + (this.local < bytes ? 4 : 0) <= this.usableBytes)) throw new Unfit('a row past its page');
		if (this.local < bytes) this.overflow = page.readUInt32BE(end);
		return true;
	}
}
