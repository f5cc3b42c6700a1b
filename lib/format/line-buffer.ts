import { MAX_LINE_BYTES } from './records';

/** A line that has come in part: copied, so that no chunk is held for its last few bytes. */
export class LineBuffer {
	#bytes: Buffer = Buffer.alloc(0);
	#length = 0;

	/** Bytes so far. */
	get length(): number {
		return this.#length;
	}

	/** Returns false, and takes nothing, if the line is then longer than a line may be. */
	add(part: Uint8Array): boolean {
		const length = this.#length + part.length;
		if (length > MAX_LINE_BYTES) return false;
		if (length > this.#bytes.length) {
			const grown = Buffer.allocUnsafe(Math.max(length, Math.min(2 * this.#bytes.length, MAX_LINE_BYTES)));
			this.#bytes.copy(grown, 0, 0, this.#length);
			this.#bytes = grown;
		}
		this.#bytes.set(part, this.#length);
		this.#length = length;
		return true;
	}

	/** Hands the line over, and starts the next. */
	take(): Buffer {
		const line = this.#bytes.subarray(0, this.#length);
		this.#bytes = Buffer.alloc(0);
		this.#length = 0;
		return line;
	}
}
