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
	NUMBER.load(value);
	const power = writeDigits(scale());
	let count = DIGITS;
	while (count > 1 && DIGIT[count - 1] === 0) count--;
	const last = count - 1;
	if (power < -4 || power >= DIGITS) return writeScientific(power, last, out, end);
	let nth = 0;
	if (power < 0) {
		end = writeAscii('0.', out, end);
		for (let zeros = -power - 1; zeros > 0; zeros--) out[end++] = ZERO;
	} else {
		for (; nth <= power; nth++) out[end++] = ZERO + (nth <= last ? (DIGIT[nth] as number) : 0);
		out[end++] = DOT;
		if (nth > last) out[end++] = ZERO;
	}
	for (; nth <= last; nth++) out[end++] = ZERO + (DIGIT[nth] as number);
	return end;
}

function writeScientific(power: number, last: number, out: Uint8Array, at: number): number {
	let end = at;
	out[end++] = ZERO + (DIGIT[0] as number);
	out[end++] = DOT;
	if (last === 0) out[end++] = ZERO;
	for (let nth = 1; nth <= last; nth++) out[end++] = ZERO + (DIGIT[nth] as number);
	out[end++] = LOWER_E;
	out[end++] = power < 0 ? MINUS : PLUS;
	return writeAscii(String(Math.abs(power)).padStart(2, '0'), out, end);
}

function writeAscii(text: string, out: Uint8Array, at: number): number {
	for (let nth = 0; nth < text.length; nth++) out[at + nth] = text.charCodeAt(nth);
	return at + text.length;
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
 * Writes the digits of the number, cut to a whole one and rounded by the digit after the last that is kept, into
 * `DIGIT`.
 *
 * @param power the number stands for itself times 10 to this
 * @returns the power of ten of the first digit
 */
function writeDigits(power: number): number {
	let front = NUMBER.billions();
	const isLong = front >= 1e9;
	const frontDigits = isLong ? 10 : 9;
	let back = Math.floor((NUMBER.rest + (isLong ? 50 : 5)) / (isLong ? 100 : 10));
	if (back === (isLong ? 1e7 : 1e8)) {
		back = 0;
		front++;
	}
	// All nines have become one digit more.
	const carried = front === (isLong ? 1e10 : 1e9) ? 1 : 0;
	if (carried === 1) front /= 10;
	for (let nth = DIGITS - 1; nth >= frontDigits; nth--) {
		const rest = Math.floor(back / 10);
		DIGIT[nth] = back - rest * 10;
		back = rest;
	}
	for (let nth = frontDigits - 1; nth >= 0; nth--) {
		const rest = Math.floor(front / 10);
		DIGIT[nth] = front - rest * 10;
		front = rest;
	}
	return frontDigits + 8 + power + carried;
}
