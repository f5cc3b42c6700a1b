import { ASCII } from './ascii';
import { ExtendedNumber } from './extended-number';

/**
 * The one spelling of a REAL in a row line: 17 significant digits, as SQLite 3.43 to 3.46 computes and writes them on
 * x86-64 by `printf('%!.17g', x)`. Its arithmetic is that of 80-bit floating point, so that one value in 300 ends in
 * another digit than correct rounding or another machine would give; any of them leads back to the same 64 bits.
 *
 * A backup has millions of these: no BigInt, and nothing allocated, for a value.
 */

const { ZERO, DOT, MINUS, PLUS, LOWER_E } = ASCII;
const DIGITS = 17;
/** The longest spelling has a sign, the digits, a point and `e-308`; or a sign, `0.000` and the digits. */
export const MAX_REAL_BYTES = 26;
const SPELT = Buffer.alloc(MAX_REAL_BYTES);
const DIGIT = new Uint8Array(DIGITS);
const LOG_2 = Math.log10(2);
/** Numbers of the usual sizes, about 1e-20 to 1e16, by their power of two. */
const [LEAST_SHORT, MOST_SHORT] = [-66, 53];
/** The one that is being spelled: there are millions. */
const NUMBER = new ExtendedNumber();

/** Spells a double; infinities as `9e999` and `-9e999`. Throws `TypeError` for NaN, which no database holds. */
export function realText(value: number): string {
	return SPELT.toString('latin1', 0, writeReal(value, SPELT, 0));
}

/**
 * Writes what {@link realText} spells into `out` at `at`, where {@link MAX_REAL_BYTES} have room.
 *
 * @returns the place after it
 */
export function writeReal(value: number, out: Uint8Array, at: number): number {
	if (Number.isNaN(value)) throw new TypeError('not a number');
	let end = at;
	if (value < 0 || Object.is(value, -0)) out[end++] = MINUS;
	if (value === 0) return writeAscii('0.0', out, end);
	if (!Number.isFinite(value)) return writeAscii('9e999', out, end);
	const power = writeDigits(value);
	let last = DIGITS - 1;
	while (last > 0 && DIGIT[last] === ZERO) last--;
	if (power < -4 || power >= DIGITS) return writeScientific(power, last, out, end);
	let nth = 0;
	if (power < 0) {
		end = writeAscii('0.', out, end);
		for (let zeros = -power - 1; zeros > 0; zeros--) out[end++] = ZERO;
	} else {
		for (; nth <= power; nth++) out[end++] = DIGIT[nth] as number;
		out[end++] = DOT;
		if (nth > last) out[end++] = ZERO;
	}
	for (; nth <= last; nth++) out[end++] = DIGIT[nth] as number;
	return end;
}

function writeScientific(power: number, last: number, out: Uint8Array, at: number): number {
	let end = at;
	out[end++] = DIGIT[0] as number;
	out[end++] = DOT;
	if (last === 0) out[end++] = ZERO;
	for (let nth = 1; nth <= last; nth++) out[end++] = DIGIT[nth] as number;
	out[end++] = LOWER_E;
	out[end++] = power < 0 ? MINUS : PLUS;
	return writeAscii(String(Math.abs(power)).padStart(2, '0'), out, end);
}

function writeAscii(text: string, out: Uint8Array, at: number): number {
	for (let nth = 0; nth < text.length; nth++) out[at + nth] = text.charCodeAt(nth);
	return at + text.length;
}

/**
 * Writes the 17 digits of a finite double that is not zero, as ASCII, into `DIGIT`.
 *
 * @returns the power of ten of the first digit
 */
function writeDigits(value: number): number {
	NUMBER.load(value);
	const binary = NUMBER.binaryPower;
	if (binary > LEAST_SHORT && binary < MOST_SHORT) {
		// At once, where no other rounding on the way could have made another digit of it.
		let power = 17 - Math.floor((binary + 1) * LOG_2);
		NUMBER.scale(power);
		let front = NUMBER.billions();
		if (front < 1e8) {
			NUMBER.scale(1);
			power++;
			front = NUMBER.billions();
		}
		const { rest } = NUMBER;
		const tenths = Math.floor(rest / 10);
		const last = rest - tenths * 10;
		if (front >= 1e8 && front < 1e9 && rest > 1 && rest < 1e9 - 10 && (last < 4 || last > 5))
			return writeParts(front, last > 5 ? tenths + 1 : tenths, 9) + 17 - power;
		NUMBER.load(value);
	}
	const power = scale();
	const front = NUMBER.billions();
	// 18 digits or 19, of which the last one or two are rounded off.
	if (front < 1e9) return writeParts(front, Math.floor((NUMBER.rest + 5) / 10), 9) + 17 + power;
	return writeParts(front, Math.floor((NUMBER.rest + 50) / 100), 10) + 18 + power;
}

/** Brings the number to 18 or 19 digits before the point, as `sqlite3FpDecode` does; returns the power of ten that makes up for it. */
function scale(): number {
	let power = 0;
	if (NUMBER.isAtLeast(19)) {
		for (; NUMBER.isAtLeast(119); power += 100) NUMBER.scale(-100);
		for (; NUMBER.isAtLeast(29); power += 10) NUMBER.scale(-10);
		for (; NUMBER.isAtLeast(19); power++) NUMBER.scale(-1);
	} else {
		for (; !NUMBER.isAtLeast(-97); power -= 100) NUMBER.scale(100);
		for (; !NUMBER.isAtLeast(7); power -= 10) NUMBER.scale(10);
		for (; !NUMBER.isAtLeast(17); power--) NUMBER.scale(1);
	}
	return power;
}

/**
 * Writes 17 digits, of which `front` has the first `count`.
 *
 * @returns 1 if rounding has made one digit more of it, of which the last is then left off; else 0
 */
function writeParts(front: number, back: number, count: 9 | 10): 0 | 1 {
	const isOver = back === 10 ** (DIGITS - count);
	let first = isOver ? front + 1 : front;
	const carried = first === 10 ** count ? 1 : 0;
	if (carried === 1) first /= 10;
	writePart(isOver ? 0 : back, count, DIGITS);
	writePart(first, 0, count);
	return carried;
}

function writePart(value: number, start: number, end: number): void {
	let rest = value;
	let at = end;
	if (rest >= 2 ** 31) {
		const tenth = Math.floor(rest / 10);
		DIGIT[--at] = ZERO + (rest - tenth * 10);
		rest = tenth;
	}
	// Of integers of 32 bits, division is fast.
	let small = rest | 0;
	while (at > start) {
		const tenth = (small / 10) | 0;
		DIGIT[--at] = ZERO + (small - tenth * 10);
		small = tenth;
	}
}
