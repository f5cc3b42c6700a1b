import { ASCII } from '../../format/ascii';
import { parseReal } from '../../format/parse-real';

const { QUOTE, COMMA, MINUS, DOT, ZERO, NINE, BACKSLASH, CLOSE } = ASCII;
const { LOWER_B, LOWER_E, LOWER_N, LOWER_U, OPEN_TAG } = ASCII;

/** Bytes of the numbers of a record that are written in as many bytes each time, whatever they are. */
const [VARINT_BYTES, HEAD_SIZE_BYTES] = [3, 2];
/** Rowids are below 2^28. */
const ROWID_BYTES = 4;
/** Whole numbers of so many digits are exact as doubles. */
const EXACT_DIGITS = 15;
/** The types of values in a record, as SQLite numbers them; texts and blobs have theirs by their length. */
const TYPE = { null: 0, int8: 1, int32: 4, int64: 6, real: 7, blob: 12, text: 13 } as const;

/** By an ASCII byte, the value of a hex digit, and what it stands for after a backslash. */
const HEX = table('0123456789ABCDEFabcdef', (_, nth) => (nth < 16 ? nth : nth - 6));
const ESCAPED = table('"\\bfnrt', (character) => JSON.parse(`"\\${character}"`).charCodeAt(0));

const double = new Float64Array(1);
const int64 = new BigInt64Array(double.buffer);
const eight = new Uint8Array(double.buffer);
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The most bytes that {@link CellEncoder.encode} makes of a line of `bytes` bytes: an `1e9,` becomes a double. */
export function mostCellBytes(bytes: number, cells: number): number {
	return Math.ceil((bytes * 9) / 4) + VARINT_BYTES * (cells + 1) + ROWID_BYTES + HEAD_SIZE_BYTES;
}

/**
 * Writes row lines as SQLite keeps rows in a table's b-tree (sqlite.org/fileformat2.html, "B-tree Cell Format" and
 * "Record Format"). Lengths and types are written with leading zeros, which SQLite reads but never writes, so that all
 * of a row has its place before its values are known.
 */
export class CellEncoder {
	/** The place after the line that was encoded last. */
	lineEnd = 0;

	/**
	 * Encodes a row that `checkRows` has let pass.
	 *
	 * @param from the row lines, of which one starts at `start`
	 * @param to is not written to beyond its end, though more is returned where it would have been
	 * @returns the place after the cell
	 */
	encode(from: Buffer, start: number, cells: number, rowid: number, to: Uint8Array, place: number): number {
		const record = place + VARINT_BYTES + ROWID_BYTES;
		const headBytes = HEAD_SIZE_BYTES + VARINT_BYTES * cells;
		to[record] = 0x80 | (headBytes >> 7);
		to[record + 1] = headBytes & 0x7f;
		let type = record + HEAD_SIZE_BYTES;
		let body = record + headBytes;
		let at = start + 1;
		for (;;) {
			const first = from[at] as number;
			const value = body;
			if (first === QUOTE) {
				at++;
				for (;;) {
					const byte = from[at++] as number;
					if (byte === QUOTE) break;
					if (byte !== BACKSLASH) to[body++] = byte;
					else {
						const escaped = from[at++] as number;
						if (escaped !== LOWER_U) to[body++] = ESCAPED[escaped] as number;
						else {
							to[body++] = ((HEX[from[at + 2] as number] as number) << 4) | (HEX[from[at + 3] as number] as number);
							at += 4;
						}
					}
				}
				writeVarint(to, type, TYPE.text + 2 * (body - value));
			} else if (first === LOWER_N) {
				writeVarint(to, type, TYPE.null);
				at += 4;
			} else if (first === OPEN_TAG) {
				const kind = from[at + 2] === LOWER_B ? TYPE.blob : TYPE.text;
				for (at += 6; from[at] !== QUOTE; at += 2)
					to[body++] = ((HEX[from[at] as number] as number) << 4) | (HEX[from[at + 1] as number] as number);
				at += 2;
				writeVarint(to, type, kind + 2 * (body - value));
			} else {
				const isNegative = first === MINUS;
				const digits = isNegative ? at + 1 : at;
				let end = digits;
				let absolute = 0;
				let byte = from[end] as number;
				for (; byte >= ZERO && byte <= NINE; byte = from[++end] as number) absolute = absolute * 10 + byte - ZERO;
				if (byte === DOT || byte === LOWER_E) {
					while (byte !== COMMA && byte !== CLOSE) byte = from[++end] as number;
					double[0] = parseReal(from, at, end);
					writeVarint(to, type, TYPE.real);
					body = writeEight(to, body);
				} else if (end - digits > EXACT_DIGITS) {
					int64[0] = BigInt(from.toString('latin1', at, end));
					writeVarint(to, type, TYPE.int64);
					body = writeEight(to, body);
				} else {
					const integer = isNegative ? -absolute : absolute;
					if (integer === (integer << 24) >> 24) {
						writeVarint(to, type, TYPE.int8);
						to[body++] = integer;
					} else {
						const isShort = integer === (integer | 0);
						writeVarint(to, type, isShort ? TYPE.int32 : TYPE.int64);
						if (!isShort) body = writeInt32(to, body, Math.floor(integer / 2 ** 32));
						body = writeInt32(to, body, integer | 0);
					}
				}
				at = end;
			}
			type += VARINT_BYTES;
			if (from[at++] === CLOSE) break;
		}
		this.lineEnd = at + 1;
		writeVarint(to, place, body - record);
		writeRowid(to, place + VARINT_BYTES, rowid);
		return body;
	}
}

/** Writes a number below 2^28, most significant bits first, as all of a rowid's bytes. */
export function writeRowid(to: Uint8Array, at: number, value: number): void {
	to[at] = 0x80 | (value >> 21);
	to[at + 1] = 0x80 | (value >> 14);
	to[at + 2] = 0x80 | (value >> 7);
	to[at + 3] = value & 0x7f;
}

/** Writes a number below 2^21. */
function writeVarint(to: Uint8Array, at: number, value: number): void {
	to[at] = 0x80 | (value >> 14);
	to[at + 1] = 0x80 | (value >> 7);
	to[at + 2] = value & 0x7f;
}

function writeInt32(to: Uint8Array, at: number, value: number): number {
	to[at] = value >> 24;
	to[at + 1] = value >> 16;
	to[at + 2] = value >> 8;
	to[at + 3] = value;
	return at + 4;
}

/** Writes what stands in the shared eight bytes, most significant byte first. */
function writeEight(to: Uint8Array, start: number): number {
	for (let nth = 0; nth < 8; nth++) to[start + nth] = eight[IS_LITTLE_ENDIAN ? 7 - nth : nth] as number;
	return start + 8;
}

function table(characters: string, meaning: (character: string, nth: number) => number): Uint8Array {
	const values = new Uint8Array(256);
	[...characters].forEach((character, nth) => {
		values[character.charCodeAt(0)] = meaning(character, nth);
	});
	return values;
}
