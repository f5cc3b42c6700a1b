/**
 * The grammar of row lines, checked byte by byte before a row is trusted: a backup is data from somewhere, and the
 * JSON parser of the database it goes into accepts more than this format does.
 */

const [NEWLINE, QUOTE, PLUS, COMMA, MINUS, DOT, ZERO, NINE] = [10, 34, 43, 44, 45, 46, 48, 57];
const [BACKSLASH, OPEN, CLOSE, OPEN_TAG, LOWER_E, LOWER_N, LOWER_U] = [92, 91, 93, 123, 101, 110, 117];
const ESCAPED = new Set([...'"\\/bfnrt'].map((c) => c.charCodeAt(0)));
const HEX_DIGIT = new Uint8Array(256);
for (const c of '0123456789abcdefABCDEF') HEX_DIGIT[c.charCodeAt(0)] = 1;
const NULL_REST = [117, 108, 108];

/** What a run of rows holds that a writer must treat apart. */
export interface RowTraits {
	/** A cell is a tagged hex object. */
	tagged: boolean;
}

export class RowSyntaxError extends Error {
	constructor(
		/** Where in the checked bytes. */
		readonly at: number,
		message: string,
	) {
		super(message);
	}
}

/**
 * Checks that `bytes` is whole row lines, each with `cells` cells, and tells what they hold.
 *
 * @param bytes row lines, each ended by a newline; already known to be valid UTF-8
 * @param cells how many cells every row must have
 * @throws RowSyntaxError at the first byte that does not fit
 */
export function checkRows(bytes: Uint8Array, cells: number): RowTraits {
	const traits: RowTraits = { tagged: false };
	let at = 0;
	while (at < bytes.length) at = checkRow(bytes, at, cells, traits);
	return traits;
}

function checkRow(bytes: Uint8Array, start: number, cells: number, traits: RowTraits): number {
	let at = start;
	if (bytes[at] !== OPEN) throw new RowSyntaxError(at, 'a row does not start with "["');
	for (let seen = 0; ; ) {
		at = checkCell(bytes, at + 1, traits);
		seen++;
		const next = bytes[at];
		if (next === COMMA) {
			if (seen >= cells) throw new RowSyntaxError(at, `a row has more than ${cells} cells`);
			continue;
		}
		if (next !== CLOSE) throw new RowSyntaxError(at, 'a cell is followed by neither "," nor "]"');
		if (seen !== cells) throw new RowSyntaxError(at, `a row has ${seen} cells instead of ${cells}`);
		break;
	}
	if (bytes[at + 1] !== NEWLINE) throw new RowSyntaxError(at + 1, 'a row is not followed by a newline');
	return at + 2;
}

/** Returns the place after the cell that starts at `at`. */
function checkCell(bytes: Uint8Array, at: number, traits: RowTraits): number {
	const first = bytes[at] as number;
	if (first === QUOTE) return checkString(bytes, at);
	if (first === OPEN_TAG) {
		traits.tagged = true;
		return checkTag(bytes, at);
	}
	if (first === LOWER_N) {
		for (let i = 0; i < 3; i++) if (bytes[at + 1 + i] !== NULL_REST[i]) throw new RowSyntaxError(at, 'not a value');
		return at + 4;
	}
	return checkNumber(bytes, at);
}

function checkString(bytes: Uint8Array, start: number): number {
	for (let at = start + 1; at < bytes.length; at++) {
		const byte = bytes[at] as number;
		if (byte === QUOTE) return at + 1;
		if (byte < 32) throw new RowSyntaxError(at, 'a text has a control character that is not escaped');
		if (byte === BACKSLASH) {
			at++;
			if (bytes[at] === LOWER_U) {
				for (let i = 1; i <= 4; i++)
					if (!HEX_DIGIT[bytes[at + i] ?? 0]) throw new RowSyntaxError(at, 'a text has a broken \\u escape');
				at += 4;
			} else if (!ESCAPED.has(bytes[at] ?? 0)) throw new RowSyntaxError(at, 'a text has an unknown escape');
		}
	}
	throw new RowSyntaxError(start, 'a text does not end');
}

/** `{"b":"…"}` or `{"t":"…"}` with an even number of hex digits. */
function checkTag(bytes: Uint8Array, start: number): number {
	const tag = String.fromCharCode(...bytes.subarray(start, start + 6));
	if (tag !== '{"b":"' && tag !== '{"t":"') throw new RowSyntaxError(start, 'an object that is not a tagged value');
	let at = start + 6;
	while (HEX_DIGIT[bytes[at] ?? 0]) at++;
	if ((at - start) % 2 !== 0 || bytes[at] !== QUOTE || bytes[at + 1] !== 125)
		throw new RowSyntaxError(at, 'a tagged value that is not hex');
	return at + 2;
}

/** A JSON number; without fraction and exponent it must fit in 64 bits, or SQLite would make a REAL of it. */
function checkNumber(bytes: Uint8Array, start: number): number {
	let at = bytes[start] === MINUS ? start + 1 : start;
	const digits = at;
	at = skipDigits(bytes, at);
	if (at === digits) throw new RowSyntaxError(start, 'not a value');
	if (bytes[digits] === ZERO && at - digits > 1) throw new RowSyntaxError(start, 'a number with a leading zero');
	const whole = at;
	if (bytes[at] === DOT) at = someDigits(bytes, at + 1);
	if (bytes[at] === LOWER_E) {
		const sign = bytes[at + 1];
		at = someDigits(bytes, sign === MINUS || sign === PLUS ? at + 2 : at + 1);
	}
	if (at === whole && at - digits >= 19) {
		const value = BigInt(String.fromCharCode(...bytes.subarray(start, Math.min(at, start + 40))));
		if (at - digits > 19 || BigInt.asIntN(64, value) !== value)
			throw new RowSyntaxError(start, 'an integer of more than 64 bits');
	}
	return at;
}

function someDigits(bytes: Uint8Array, at: number): number {
	const end = skipDigits(bytes, at);
	if (end === at) throw new RowSyntaxError(at, 'a number without digits');
	return end;
}

function skipDigits(bytes: Uint8Array, start: number): number {
	let at = start;
	for (let byte = bytes[at]; byte !== undefined && byte >= ZERO && byte <= NINE; byte = bytes[++at]);
	return at;
}
