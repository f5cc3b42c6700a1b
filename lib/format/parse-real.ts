import { ASCII } from './ascii';

const { MINUS, DOT, ZERO, NINE } = ASCII;

/** Powers of ten that are exact as doubles. */
const TENS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Digits in each of two halves, whose product and sum are exact below. */
const HALF_DIGITS = 9;
/** Splits a double into two of 26 bits each. */
const SPLITTER = 2 ** 27 + 1;
/** What the quotient below may be off by, as a share of it, with much room: it is 2^-101. */
const DOUBT = 2 ** -85;

/** The low half of a product, of which the high half is rounded (T. J. Dekker, 1971). */
function restOfProduct(a: number, b: number, product: number): number {
	const bigA = SPLITTER * a;
	const highA = bigA - (bigA - a);
	const lowA = a - highA;
	const bigB = SPLITTER * b;
	const highB = bigB - (bigB - b);
	const lowB = b - highB;
	return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

/**
 * The double nearest to a REAL of the format, as `Number` has it of the text, in a fraction of the time: digits of
 * two doubles are divided by a power of ten with twice the precision, and where the quotient is too near to the middle
 * of two doubles, `Number` is asked.
 *
 * @param start of the literal, which `checkRows` has let pass
 */
export function parseReal(bytes: Buffer, start: number, end: number): number {
	const isNegative = bytes[start] === MINUS;
	let high = 0;
	let low = 0;
	let digits = 0;
	let point = end;
	for (let at = isNegative ? start + 1 : start; at < end; at++) {
		const byte = bytes[at] as number;
		if (byte === DOT) {
			point = at + 1;
			continue;
		}
		if (byte < ZERO || byte > NINE) return parseSlowly(bytes, start, end);
		if (digits < HALF_DIGITS) high = high * 10 + byte - ZERO;
		else low = low * 10 + byte - ZERO;
		if (high !== 0) digits++;
	}
	const fraction = end - point;
	if (digits > 2 * HALF_DIGITS || fraction >= TENS.length) return parseSlowly(bytes, start, end);
	const shift = TENS[digits > HALF_DIGITS ? digits - HALF_DIGITS : 0] as number;
	const shifted = high * shift;
	const rest = restOfProduct(high, shift, shifted) + low;
	const whole = shifted + rest;
	const wholeRest = rest - (whole - shifted);
	const ten = TENS[fraction] as number;
	const quotient = whole / ten;
	const product = quotient * ten;
	const correction = (whole - product - restOfProduct(quotient, ten, product) + wholeRest) / ten;
	const doubt = quotient * DOUBT;
	const least = quotient + (correction - doubt);
	if (least !== quotient + (correction + doubt)) return parseSlowly(bytes, start, end);
	return isNegative ? -least : least;
}

function parseSlowly(bytes: Buffer, start: number, end: number): number {
	return Number(bytes.toString('latin1', start, end));
}
