import { ASCII, among, skipDigits } from './ascii';

const { SPACE, PLUS, MINUS, DOT, ZERO, BACKSLASH, LOWER_B, LOWER_U } = ASCII;
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

/** Bytes that a text which reads as a number may start with: few others do. */
const STARTS_NUMBER = among(' \\+-.0123456789');

/** The {@link KIND} of the TEXT of which `start` to `end` is the inside, which `checkRows` has let pass. */
export function kindOfText(bytes: Uint8Array, start: number, end: number): number {
	return STARTS_NUMBER[bytes[start] as number] && readsAsNumber(bytes, start, end) ? KIND.numericText : KIND.text;
}

/** The {@link KIND} of any REAL from `start` to `end`, which `checkRows` has let pass. */
export function kindOfReal(bytes: Uint8Array, start: number, end: number): number {
	const value = Number(String.fromCharCode(...bytes.subarray(start, end)));
	return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? KIND.wholeReal : KIND.real;
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
