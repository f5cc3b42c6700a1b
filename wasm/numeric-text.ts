import {
	BACKSLASH,
	DOT,
	LOWER_B,
	LOWER_E,
	LOWER_F,
	LOWER_N,
	LOWER_R,
	LOWER_T,
	LOWER_U,
	MINUS,
	PLUS,
	SPACE,
	skipDigits,
	UPPER_E,
	ZERO,
} from './ascii';

/**
 * Claims that SQLite takes a text for a number: white space, sign, digits, a point, an exponent, white space.
 *
 * @param start of the inside of a text that is in the grammar of row lines, which ends at `end` with its quote
 */
export function isNumericText(start: usize, end: usize): bool {
	const whole = skipSign(skipSpace(start));
	let at = skipDigits(whole);
	let digits = at - whole;
	if (load<u8>(at) === DOT) {
		const point = at + 1;
		at = skipDigits(point);
		digits += at - point;
	}
	if (digits === 0) return false;
	const mark = load<u8>(at);
	if (mark === LOWER_E || mark === UPPER_E) {
		const exponent = skipSign(at + 1);
		at = skipDigits(exponent);
		if (at === exponent) return false;
	}
	return skipSpace(at) === end;
}

function skipSign(at: usize): usize {
	const byte = load<u8>(at);
	return byte === PLUS || byte === MINUS ? at + 1 : at;
}

/** The white space of SQLite, in the one spelling that each has in a text. */
function skipSpace(start: usize): usize {
	let at = start;
	while (true) {
		const byte = load<u8>(at);
		if (byte === SPACE) at++;
		else if (byte !== BACKSLASH) return at;
		else {
			const letter = load<u8>(at + 1);
			if (letter === LOWER_T || letter === LOWER_N || letter === LOWER_F || letter === LOWER_R) at += 2;
			else if (letter === LOWER_U && load<u8>(at + 4) === ZERO && load<u8>(at + 5) === LOWER_B) at += 6;
			else return at;
		}
	}
}
