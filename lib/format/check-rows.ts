import { ASCII, among, skipDigits } from './ascii';
import { FormatError } from './format-error';
import { KIND, kindOfReal, kindOfText } from './value-kinds';

/**
 * The grammar of row lines, checked byte by byte before a row is trusted: a backup is data from somewhere, and the
 * JSON parser of the database it goes into accepts more than this format does.
 *
 * Every check stops at a newline of its own accord, so nothing here looks for the end of the bytes.
 */

const { NEWLINE, SPACE, QUOTE, PLUS, COMMA, MINUS, DOT, ZERO, ONE, NINE, COLON, OPEN, BACKSLASH, CLOSE } = ASCII;
const { LOWER_B, LOWER_E, LOWER_L, LOWER_N, LOWER_T, LOWER_U, OPEN_TAG, CLOSE_TAG } = ASCII;
const HEX = among('0123456789ABCDEF');
const LOWER_HEX = among('0123456789abcdef');
/** What may follow a backslash, `u` aside. */
const SHORT_ESCAPE = among('"\\bfnrt');
/** The last digit of those control characters that have a short escape, and so no other. */
const HAS_SHORT_ESCAPE = among('89acd');
/** Bytes of the longest literal of a REAL, with room to spare. */
const MAX_REAL_BYTES = 32;

/** Digits that every whole number of 64 bits may have. */
const SAFE_DIGITS = 18;

/** The `KIND` of the cell that was checked last: beside its end, which is what is returned. */
let lastKind = 0;

/** What a run of rows holds that a writer must treat apart. */
export interface RowTraits {
	/** For each cell of a row, the `KIND`s of values that it has in the run. */
	readonly kinds: Uint8Array;
	/** Bytes of the longest line. */
	longestBytes: number;
}

/** A run of row lines that has passed. */
export interface CheckedRows {
	/** The place after the run. */
	readonly end: number;
	readonly rows: number;
	readonly traits: RowTraits;
}

/**
 * Checks the row lines that `bytes` start with, up to the first line that is no row. Text is not checked to be UTF-8.
 *
 * @param bytes whole lines, the last one ended by a newline too
 * @param shape how many cells every row must have, and whether the first of them is a rowid
 * @throws FormatError at the first byte that does not fit
 */
export function checkRows(bytes: Uint8Array, shape: { cells: number; rowid: boolean }): CheckedRows {
	const traits: RowTraits = { kinds: new Uint8Array(shape.cells), longestBytes: 0 };
	let rows = 0;
	let at = 0;
	for (; bytes[at] === OPEN; rows++) {
		const end = checkRow(bytes, at, shape.cells, shape.rowid, traits.kinds);
		if (end - at > traits.longestBytes) traits.longestBytes = end - at;
		at = end;
	}
	return { end: at, rows, traits };
}

function checkRow(bytes: Uint8Array, start: number, cells: number, rowid: boolean, kinds: Uint8Array): number {
	let at = start;
	for (let seen = 1; ; seen++) {
		const cell = at + 1;
		at = checkCell(bytes, cell);
		if (seen <= cells) kinds[seen - 1] = (kinds[seen - 1] as number) | lastKind;
		if (rowid && seen === 1 && lastKind !== KIND.integer) throw new FormatError('a rowid that is no integer', cell);
		if (bytes[at] === COMMA) {
			if (seen === cells) throw new FormatError(`a row has more than ${cells} cells`, at);
			continue;
		}
		if (bytes[at] !== CLOSE) throw new FormatError('a cell is followed by neither "," nor "]"', at);
		if (seen !== cells) throw new FormatError(`a row has ${seen} cells instead of ${cells}`, at);
		break;
	}
	if (bytes[at + 1] !== NEWLINE) throw new FormatError('a row is not followed by a newline', at + 1);
	return at + 2;
}

/** Returns the place after the cell that starts at `at`, as do all that follow; its kind is {@link lastKind}. */
function checkCell(bytes: Uint8Array, at: number): number {
	const first = bytes[at];
	if (first === QUOTE) return checkText(bytes, at);
	if (first === OPEN_TAG) return checkTag(bytes, at);
	if (first !== LOWER_N) return checkNumber(bytes, at);
	if (bytes[at + 1] !== LOWER_U || bytes[at + 2] !== LOWER_L || bytes[at + 3] !== LOWER_L)
		throw new FormatError('not a value', at);
	lastKind = KIND.null;
	return at + 4;
}

function checkText(bytes: Uint8Array, start: number): number {
	let at = start + 1;
	for (;;) {
		let byte = bytes[at] as number;
		while (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) byte = bytes[++at] as number;
		if (byte === QUOTE) {
			lastKind = kindOfText(bytes, start + 1, at);
			return at + 1;
		}
		if (byte !== BACKSLASH) throw new FormatError('a text has a control character that is not escaped', at);
		at = checkEscape(bytes, at);
	}
}

/** One spelling for each character: equal texts have equal bytes, and digests. Surrogates have none. */
function checkEscape(bytes: Uint8Array, start: number): number {
	const at = start + 1;
	if (SHORT_ESCAPE[bytes[at] as number]) return at + 1;
	const [tens, ones] = [bytes[at + 3], bytes[at + 4] as number];
	const isControl =
		bytes[at] === LOWER_U &&
		bytes[at + 1] === ZERO &&
		bytes[at + 2] === ZERO &&
		LOWER_HEX[ones] &&
		(tens === ONE || (tens === ZERO && !HAS_SHORT_ESCAPE[ones]));
	if (!isControl) throw new FormatError('a text has an escape that the format does not have', start);
	return at + 5;
}

/** `{"b":"…"}` or `{"t":"…"}` with an even number of upper-case hex digits. */
function checkTag(bytes: Uint8Array, start: number): number {
	const tag = bytes[start + 2];
	const isTag =
		bytes[start + 1] === QUOTE &&
		(tag === LOWER_B || tag === LOWER_T) &&
		bytes[start + 3] === QUOTE &&
		bytes[start + 4] === COLON &&
		bytes[start + 5] === QUOTE;
	if (!isTag) throw new FormatError('an object that is not a tagged value', start);
	let at = start + 6;
	while (HEX[bytes[at] as number]) at++;
	if (bytes[at] !== QUOTE) throw new FormatError('a tagged value that is not hex', at);
	if ((at - start) % 2 !== 0) throw new FormatError('a tagged value with half a byte', at);
	if (bytes[at + 1] !== CLOSE_TAG) throw new FormatError('a tagged value that does not end', at + 1);
	lastKind = KIND.tagged;
	return at + 2;
}

function checkNumber(bytes: Uint8Array, start: number): number {
	const digits = bytes[start] === MINUS ? start + 1 : start;
	const point = skipDigits(bytes, digits);
	if (point === digits) throw new FormatError('not a value', start);
	if (bytes[digits] === ZERO && point - digits > 1) throw new FormatError('a number with a leading zero', start);
	if (bytes[point] !== DOT && bytes[point] !== LOWER_E) {
		checkInteger(bytes, start, digits, point);
		lastKind = KIND.integer;
		return point;
	}
	let at = point;
	let fraction = 0;
	if (bytes[at] === DOT) {
		let byte = bytes[++at] as number;
		for (; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) fraction |= byte - ZERO;
		if (at === point + 1) throw new FormatError('a number without digits', at);
	}
	if (bytes[at] === LOWER_E) {
		const sign = bytes[at + 1];
		at = someDigits(bytes, sign === MINUS || sign === PLUS ? at + 2 : at + 1);
		lastKind = 0;
	} else lastKind = fraction !== 0 ? KIND.real : point - digits <= SAFE_DIGITS ? KIND.wholeReal : 0;
	if (at - start > MAX_REAL_BYTES) throw new FormatError('a number with too many digits', start);
	if (lastKind === 0) lastKind = kindOfReal(bytes, start, at);
	return at;
}

/** SQLite would make a REAL of more than 64 bits. */
function checkInteger(bytes: Uint8Array, start: number, digits: number, end: number): void {
	if (bytes[digits] === ZERO && digits > start) throw new FormatError('an integer minus zero', start);
	if (end - digits <= SAFE_DIGITS) return;
	const fits = end - digits === 19 && isInt64(BigInt(String.fromCharCode(...bytes.subarray(start, end))));
	if (!fits) throw new FormatError('an integer of more than 64 bits', start);
}

function someDigits(bytes: Uint8Array, at: number): number {
	const end = skipDigits(bytes, at);
	if (end === at) throw new FormatError('a number without digits', at);
	return end;
}

function isInt64(value: bigint): boolean {
	return BigInt.asIntN(64, value) === value;
}
