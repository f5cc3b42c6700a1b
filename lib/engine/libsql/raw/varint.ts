import { Unfit } from './unfit';

/**
 * Reads the numbers of 1 to 9 bytes of SQLite's file format, one after another
 * (sqlite.org/fileformat2.html, section 1.6).
 */
export class VarintReader {
	#bytes: Buffer = Buffer.alloc(0);
	/** The place of the next number. */
	at = 0;

	start(bytes: Buffer, at: number): void {
		this.#bytes = bytes;
		this.at = at;
	}

	/** The next number, where it is a size: more than a double holds exactly comes as about so much; past the end, NaN. */
	size(): number {
		const bytes = this.#bytes;
		let byte = bytes[this.at++] as number;
		if (byte < 128) return byte;
		let value = byte & 127;
		for (let nth = 2; nth <= 8; nth++) {
			byte = bytes[this.at++] as number;
			value = value * 128 + (byte & 127);
			if (byte < 128) return value;
		}
		return value * 256 + (bytes[this.at++] as number);
	}

	/** The next number, as a signed integer of 64 bits; a bigint where a double does not hold it. */
	integer(): number | bigint {
		const start = this.at;
		const value = this.size();
		if (this.at - start < 9 && value <= Number.MAX_SAFE_INTEGER) return value;
		if (this.at > this.#bytes.length) throw new Unfit('a number past its page');
		let exact = 0n;
		for (let at = start; at < this.at; at++) {
			const byte = this.#bytes[at] as number;
			exact = at - start === 8 ? (exact << 8n) | BigInt(byte) : (exact << 7n) | BigInt(byte & 127);
		}
		const signed = BigInt.asIntN(64, exact);
		return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
	}
}
