const [QUOTE, BACKSLASH, NEWLINE, COMMA] = [34, 92, 10, 44];
const BLOCK_BYTES = 512 * 1024;
/** A block of which less is left is full. */
const LEAST_BYTES = 32 * 1024;

/** Memory that is used again: large buffers that are made anew each time are not collected soon. */
interface Blocks {
	readonly all: Buffer[];
	/** How many are full. */
	full: number;
	/** Bytes that are used of the next one. */
	at: number;
}

/**
 * Row lines as they stand in a JSON string, with a comma for each newline: what a request has to carry. They are
 * written as they come, while the request before is on its way.
 */
export class PageText {
	#now: Blocks = { all: [], full: 0, at: 0 };
	#before: Blocks = { all: [], full: 0, at: 0 };

	/** Writes whole row lines; what is returned is good until {@link turn} was called twice. */
	write(lines: Uint8Array): Buffer[] {
		const pieces: Buffer[] = [];
		const blocks = this.#now;
		for (let from = 0; from < lines.length; ) {
			blocks.all[blocks.full] ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
			const block = blocks.all[blocks.full] as Buffer;
			// Each byte may be escaped.
			const end = Math.min(lines.length, from + ((block.length - blocks.at) >> 1));
			const start = blocks.at;
			blocks.at = writeEscaped(lines, from, end, block, start);
			pieces.push(block.subarray(start, blocks.at));
			from = end;
			if (block.length - blocks.at < LEAST_BYTES) {
				blocks.full++;
				blocks.at = 0;
			}
		}
		return pieces;
	}

	/** Begins anew: the memory of what was written before the last turn is used again. */
	turn(): void {
		[this.#now, this.#before] = [this.#before, this.#now];
		this.#now.full = 0;
		this.#now.at = 0;
	}
}

/** Returns where in `to` it has come. A newline stands in row lines only at a row's end. */
function writeEscaped(lines: Uint8Array, from: number, end: number, to: Uint8Array, start: number): number {
	let at = start;
	for (let nth = from; nth < end; nth++) {
		const byte = lines[nth] as number;
		if (byte === QUOTE || byte === BACKSLASH) to[at++] = BACKSLASH;
		to[at++] = byte === NEWLINE ? COMMA : byte;
	}
	return at;
}
