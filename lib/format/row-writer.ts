import { isUtf8 } from 'node:buffer';
import { ASCII } from './ascii';
import { MAX_REAL_BYTES, writeReal } from './real-text';

/** A chunk is handed over when it has come to so many bytes. */
const CHUNK_BYTES = 1_000_000;
/** Room beyond that, for the row that goes past it. */
const SPARE_BYTES = 64 * 1024;
const MAX_INTEGER_BYTES = 20;
const SHORT_BYTES = 10_000;
/** A control character is spelled by six bytes. */
const MAX_ESCAPE_BYTES = 6;
/** What a tagged value has beside its digits. */
const TAG_BYTES = 8;

const { NEWLINE, QUOTE, COMMA, MINUS, ZERO, OPEN, BACKSLASH, CLOSE, LOWER_U } = ASCII;
const { COLON, LOWER_B, LOWER_T, OPEN_TAG, CLOSE_TAG, LOWER_N, LOWER_L } = ASCII;
/** Of a byte in a text: 0 if it stands for itself; one that is spelled by an escape; or one of several of a character. */
const [ESCAPED, PART] = [1, 2];
const KIND = new Uint8Array(256).fill(ESCAPED, 0, 32).fill(PART, 128);
KIND[QUOTE] = KIND[BACKSLASH] = ESCAPED;
/** What stands behind the backslash; 0 for those that are spelled by their number. */
const ESCAPE = new Uint8Array(256);
for (const [byte, letter] of [
	[QUOTE, '"'],
	[BACKSLASH, '\\'],
	[8, 'b'],
	[9, 't'],
	[10, 'n'],
	[12, 'f'],
	[13, 'r'],
] as const)
	ESCAPE[byte] = letter.charCodeAt(0);
const UPPER_HEX = Buffer.from('0123456789ABCDEF');
const LOWER_HEX = Buffer.from('0123456789abcdef');

/**
 * Writes row lines from values as a database stores them: the bytes that `rowLine` (`values.ts`) would make, without a
 * cell or a string for each value. `open`, the cells of a row, `close`; then {@link take} when {@link isFull}.
 */
export class RowWriter {
	#bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES + SPARE_BYTES);
	#at = 0;
	#rows = 0;

	/** Rows since the last {@link take}. */
	get rows(): number {
		return this.#rows;
	}

	get isFull(): boolean {
		return this.#at >= CHUNK_BYTES;
	}

	/** Hands over the lines so far. */
	take(): { bytes: Buffer; rows: number } {
		const lines = this.#bytes.subarray(0, this.#at);
		const isMost = this.#at > this.#bytes.length / 2;
		const taken = { bytes: isMost ? lines : Buffer.from(lines), rows: this.#rows };
		if (isMost) this.#bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES + SPARE_BYTES);
		this.#at = 0;
		this.#rows = 0;
		return taken;
	}

	open(): void {
		this.#room(1);
		this.#bytes[this.#at++] = OPEN;
	}

	close(): void {
		this.#room(1);
		this.#bytes[this.#at - 1] = CLOSE;
		this.#bytes[this.#at++] = NEWLINE;
		this.#rows++;
	}

	null(): void {
		this.#room(5);
		const bytes = this.#bytes;
		let at = this.#at;
		bytes[at++] = LOWER_N;
		bytes[at++] = LOWER_U;
		bytes[at++] = LOWER_L;
		bytes[at++] = LOWER_L;
		bytes[at++] = COMMA;
		this.#at = at;
	}

	/** An integer that a number holds exactly. */
	integer(value: number): void {
		this.#room(MAX_INTEGER_BYTES + 1);
		const bytes = this.#bytes;
		let rest = value;
		if (rest < 0) {
			bytes[this.#at++] = MINUS;
			rest = -rest;
		}
		const start = this.#at;
		let end = start + 1;
		for (let limit = 10; rest >= limit; limit *= 10) end++;
		this.#at = end;
		// Of integers of 32 bits, division is fast.
		for (; rest >= 1e9; end--) {
			const tenth = Math.floor(rest / 10);
			bytes[end - 1] = ZERO + (rest - tenth * 10);
			rest = tenth;
		}
		for (let small = rest | 0; end > start; end--) {
			const tenth = (small / 10) | 0;
			bytes[end - 1] = ZERO + (small - tenth * 10);
			small = tenth;
		}
		bytes[this.#at++] = COMMA;
	}

	/** An integer of 64 bits. */
	bigInteger(value: bigint): void {
		this.#room(MAX_INTEGER_BYTES + 1);
		this.#at += this.#bytes.write(`${value},`, this.#at, 'latin1');
	}

	/** Throws `TypeError` for NaN, which no database holds. */
	real(value: number): void {
		this.#room(MAX_REAL_BYTES + 1);
		const end = writeReal(value, this.#bytes, this.#at);
		this.#bytes[end] = COMMA;
		this.#at = end + 1;
	}

	/** The TEXT that `source` has from `start` to `end`; what is not valid UTF-8 goes tagged. */
	text(source: Buffer, start: number, end: number): void {
		this.#room(mostBytes(source, start, end) + 3);
		const bytes = this.#bytes;
		bytes[this.#at] = QUOTE;
		const written = writeText(source, start, end, bytes, this.#at + 1);
		const isAscii = written > 0;
		if (!isAscii && !isUtf8(source.subarray(start, end))) {
			this.#tagged(LOWER_T, source, start, end);
			return;
		}
		const at = isAscii ? written : -written;
		bytes[at] = QUOTE;
		bytes[at + 1] = COMMA;
		this.#at = at + 2;
	}

	blob(source: Buffer, start: number, end: number): void {
		this.#tagged(LOWER_B, source, start, end);
	}

	#tagged(tag: number, source: Buffer, start: number, end: number): void {
		this.#room((end - start) * 2 + TAG_BYTES + 1);
		const bytes = this.#bytes;
		let at = this.#at;
		bytes[at++] = OPEN_TAG;
		bytes[at++] = QUOTE;
		bytes[at++] = tag;
		bytes[at++] = QUOTE;
		bytes[at++] = COLON;
		bytes[at++] = QUOTE;
		for (let from = start; from < end; from++) {
			const byte = source[from] as number;
			bytes[at++] = UPPER_HEX[byte >> 4] as number;
			bytes[at++] = UPPER_HEX[byte & 15] as number;
		}
		bytes[at++] = QUOTE;
		bytes[at++] = CLOSE_TAG;
		bytes[at++] = COMMA;
		this.#at = at;
	}

	/** Makes sure of so many bytes more. */
	#room(count: number): void {
		if (this.#at + count <= this.#bytes.length) return;
		const grown = Buffer.allocUnsafeSlow(Math.max(this.#at + count, this.#bytes.length * 2));
		this.#bytes.copy(grown, 0, 0, this.#at);
		this.#bytes = grown;
	}
}

/** Bytes that a text takes at most; of a long one, exactly. */
function mostBytes(source: Buffer, start: number, end: number): number {
	if (end - start <= SHORT_BYTES) return (end - start) * MAX_ESCAPE_BYTES;
	let bytes = end - start;
	for (let at = start; at < end; at++) {
		const byte = source[at] as number;
		if (KIND[byte] === ESCAPED) bytes += ESCAPE[byte] === 0 ? MAX_ESCAPE_BYTES - 1 : 1;
	}
	return bytes;
}

/** Returns the place after what it has written: below zero if a byte is none of ASCII. By itself, V8 makes it twice as fast. */
function writeText(source: Buffer, start: number, end: number, bytes: Buffer, place: number): number {
	let at = place;
	let kinds = 0;
	for (let from = start; from < end; from++) {
		const byte = source[from] as number;
		const kind = KIND[byte] as number;
		kinds |= kind;
		if (kind === ESCAPED) at = writeEscape(byte, bytes, at);
		else bytes[at++] = byte;
	}
	return (kinds & PART) === 0 ? at : -at;
}

function writeEscape(byte: number, bytes: Buffer, start: number): number {
	let at = start;
	bytes[at++] = BACKSLASH;
	const letter = ESCAPE[byte] as number;
	if (letter !== 0) {
		bytes[at++] = letter;
		return at;
	}
	bytes[at++] = LOWER_U;
	bytes[at++] = ZERO;
	bytes[at++] = ZERO;
	bytes[at++] = LOWER_HEX[byte >> 4] as number;
	bytes[at++] = LOWER_HEX[byte & 15] as number;
	return at;
}
