import { ASCII, among, skipDigits } from './ascii';

const { SPACE, QUOTE, PLUS, MINUS, DOT, ZERO, BACKSLASH, LOWER_B, LOWER_E, LOWER_N, LOWER_U, OPEN_TAG } = ASCII;
/** What follows the backslash in the short escapes of white space. */
const IS_SPACE_ESCAPE = among('tnfr');
const IS_EXPONENT = among('eE');

/**
 * What kinds of values a run of rows has, as bits. Those that SQLite would convert on their way into a column of
 * another affinity (sqlite.org/datatype3.html) are told from those that it would not.
 */
export const KIND = {
	null: 1,
	integer: 2,
	/** Any other REAL. */
	real: 4,
	/** A REAL that is a whole number between those of 64 bits: `1.0`. */
	wholeReal: 8,
	text: 16,
	/** A TEXT that reads as a number. */
	numericText: 32,
	/** A tagged hex object. */
	tagged: 64,
} as const;

/** The {@link KIND} of the cell from `start` to `end`, which `checkRows` has let pass. */
export function kindOf(bytes: Uint8Array, start: number, end: number): number {
	const first = bytes[start] as number;
	if (first === QUOTE) return readsAsNumber(bytes, start + 1, end - 1) ? KIND.numericText : KIND.text;
	if (first === LOWER_N) return KIND.null;
	if (first === OPEN_TAG) return KIND.tagged;
	const digits = first === MINUS ? start + 1 : start;
	const point = skipDigits(bytes, digits);
	if (point === end) return KIND.integer;
	let at = point;
	if (bytes[at] === DOT) while (bytes[++at] === ZERO);
	if (at === end && point - digits < 19) return KIND.wholeReal;
	if (at < end && !hasExponent(bytes, at, end)) return KIND.real;
	const value = Number(String.fromCharCode(...bytes.subarray(start, end)));
	return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? KIND.wholeReal : KIND.real;
}

function hasExponent(bytes: Uint8Array, start: number, end: number): boolean {
	for (let at = start; at < end; at++) if (bytes[at] === LOWER_E) return true;
	return false;
}

/** Claims that SQLite takes a text for a number: white space, sign, digits, a point, an exponent, white space. */
function readsAsNumber(bytes: Uint8Array, start: number, end: number): boolean {
	const whole = skipSign(bytes, skipSpace(bytes, start));
	let at = skipDigits(bytes, whole);
	let digits = at - whole;
	if (bytes[at] === DOT) {
		const point = at;
		at = skipDigits(bytes, point + 1);
		digits += at - point - 1;
	}
	if (digits === 0) return false;
	if (IS_EXPONENT[bytes[at] as number]) {
		const exponent = skipSign(bytes, at + 1);
		at = skipDigits(bytes, exponent);
		if (at === exponent) return false;
	}
	return skipSpace(bytes, at) === end;
}

function skipSign(bytes: Uint8Array, at: number): number {
	return bytes[at] === PLUS || bytes[at] === MINUS ? at + 1 : at;
}

/** The white space of SQLite, in the one spelling that each has in a text. */
function skipSpace(bytes: Uint8Array, start: number): number {
	for (let at = start; ; ) {
		if (bytes[at] === SPACE) at++;
		else if (bytes[at] !== BACKSLASH) return at;
		else if (IS_SPACE_ESCAPE[bytes[at + 1] as number]) at += 2;
		else if (bytes[at + 1] === LOWER_U && bytes[at + 4] === ZERO && bytes[at + 5] === LOWER_B) at += 6;
		else return at;
	}
}
