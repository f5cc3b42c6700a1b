import { DOT, LOWER_E, MINUS, PLUS, ZERO } from './ascii';

/**
 * The one spelling of a REAL in a row line: 17 significant digits, as SQLite 3.43 to 3.46 computes and writes them on
 * x86-64 by `printf('%!.17g', x)`. Its arithmetic is that of 80-bit floating point, so that one value in 300 ends in
 * another digit than correct rounding or another machine would give; any of them leads back to the same 64 bits.
 */

const DIGITS: i32 = 17;
/** The smallest number of so many digits, and the first that has one more. */
const LEAST: u64 = 10_000_000_000_000_000;
const ABOVE: u64 = 100_000_000_000_000_000;
const TOP: u64 = 1 << 63;

/** A number above zero, in 64 significant bits as `long double` has them: `mantissa * 2 ** exponent`, its top bit set. */
let mantissa: u64 = 0;
let exponent: i32 = 0;

/**
 * Writes a REAL that is not NaN at `start`, in at most 26 bytes; infinities as `9e999` and `-9e999`.
 *
 * @returns the place after it
 */
export function writeReal(value: f64, start: usize): usize {
	const bits = reinterpret<u64>(value);
	let at = start;
	if (bits >> 63) store<u8>(at++, MINUS);
	if (value === 0) {
		// '0.0'
		store<u32>(at, 0x302e30);
		return at + 3;
	}
	if (((bits >> 52) & 0x7ff) === 0x7ff) {
		// '9e999'
		store<u64>(at, 0x39_39_39_65_39);
		return at + 5;
	}
	take(bits);
	let power = scale();
	// 18 digits or 19, of which the last one or two are rounded off.
	let digits = mantissa >> -exponent;
	const isLonger = digits >= 10 * ABOVE;
	digits = isLonger ? (digits + 50) / 100 : (digits + 5) / 10;
	power += isLonger ? 18 : 17;
	if (digits >= ABOVE) {
		digits = LEAST;
		power++;
	}
	return layOut(digits, power, at);
}

/** Takes up a finite double that is not zero, without its sign. */
function take(bits: u64): void {
	const power = <i32>((bits >> 52) & 0x7ff);
	mantissa = bits & 0xfffffffffffff;
	exponent = -1074;
	if (power > 0) {
		mantissa |= 1 << 52;
		exponent = power - 1075;
	}
	const shift = clz(mantissa);
	mantissa <<= shift;
	exponent -= <i32>shift;
}

/** Brings the number to 18 or 19 digits before the point, as `sqlite3FpDecode` does; returns the power of ten that makes up for it. */
function scale(): i32 {
	let power = 0;
	// Powers of ten as a compiler rounds them to 64 bits.
	if (isAtLeast(0x8ac7230489e80000, 0)) {
		for (; isAtLeast(0x9e9f11c4014dda7e, 332); power += 100) multiply(0xdff9772470297ebd, -396);
		for (; isAtLeast(0xa18f07d736b90be5, 33); power += 10) multiply(0xdbe6fecebdedd5bf, -97);
		for (; isAtLeast(0x8ac7230489e80000, 0); power++) multiply(0xcccccccccccccccd, -67);
	} else {
		for (; !isAtLeast(0xdab99e59958885c5, -386); power -= 100) multiply(0x924d692ca61be758, 269);
		for (; !isAtLeast(0x9896800000000000, -40); power -= 10) multiply(0x9502f90000000000, -30);
		for (; !isAtLeast(0xb1a2bc2ec5000000, -7); power--) multiply(0xa000000000000000, -60);
	}
	return power;
}

function isAtLeast(limit: u64, limitExponent: i32): bool {
	return exponent === limitExponent ? mantissa >= limit : exponent > limitExponent;
}

/** The product, rounded to the nearest, and of two to the even one. */
function multiply(by: u64, byExponent: i32): void {
	const high = mantissa >> 32;
	const low = mantissa & 0xffffffff;
	const byHigh = by >> 32;
	const byLow = by & 0xffffffff;
	const middle = high * byLow + ((low * byLow) >> 32);
	const other = low * byHigh + (middle & 0xffffffff);
	let upper = high * byHigh + (middle >> 32) + (other >> 32);
	let lower = mantissa * by;
	exponent += byExponent + 64;
	if (!(upper & TOP)) {
		upper = (upper << 1) | (lower >> 63);
		lower <<= 1;
		exponent--;
	}
	if (lower > TOP || (lower === TOP && upper & 1)) {
		upper++;
		if (upper === 0) {
			upper = TOP;
			exponent++;
		}
	}
	mantissa = upper;
}

/** Writes 17 digits, of which the first stands for so many powers of ten, without zeros at the end. */
function layOut(digits: u64, power: i32, start: usize): usize {
	let count = DIGITS;
	let rest = digits;
	// Most have few digits, or all.
	if (rest % 100_000_000 === 0) {
		rest /= 100_000_000;
		count -= 8;
	}
	for (let tenth = rest / 10; rest === tenth * 10 && count > 1; tenth = rest / 10) {
		rest = tenth;
		count--;
	}
	if (power < -4 || power >= DIGITS) return scientific(rest, count, power, start);
	let at = start;
	if (power < 0) {
		// '0.'
		store<u16>(at, 0x2e30);
		at += 2;
		for (let zeros = -power - 1; zeros > 0; zeros--) store<u8>(at++, ZERO);
		writeDigits(rest, count, at);
		return at + count;
	}
	const whole = power + 1;
	if (count <= whole) {
		writeDigits(rest, count, at);
		at += count;
		for (let zeros = whole - count; zeros > 0; zeros--) store<u8>(at++, ZERO);
		// '.0'
		store<u16>(at, 0x302e);
		return at + 2;
	}
	// All of them one place on, then the whole ones back, and the point between.
	writeDigits(rest, count, at + 1);
	for (let nth = 0; nth < whole; nth++, at++) store<u8>(at, load<u8>(at + 1));
	store<u8>(at, DOT);
	return at + 1 + (count - whole);
}

function scientific(digits: u64, count: i32, power: i32, start: usize): usize {
	let at = start;
	writeDigits(digits, count, at + 1);
	store<u8>(at, load<u8>(at + 1));
	store<u8>(at + 1, DOT);
	at += 1 + count;
	if (count === 1) store<u8>(at++, ZERO);
	store<u8>(at++, LOWER_E);
	store<u8>(at++, power < 0 ? MINUS : PLUS);
	const size = <u64>abs(power);
	const exponentDigits = size > 99 ? 3 : 2;
	writeDigits(size, exponentDigits, at);
	return at + exponentDigits;
}

/** Writes exactly `count` digits, up to 19. */
export function writeDigits(value: u64, count: i32, start: usize): void {
	let at = start + count;
	let rest = value;
	// Of integers of 32 bits, division is fast.
	while (rest > 0xffffffff) {
		const above = rest / 100_000_000;
		let part = <u32>(rest - above * 100_000_000);
		for (let nth = 0; nth < 8; nth++) {
			const tenth = part / 10;
			store<u8>(--at, ZERO + <u8>(part - tenth * 10));
			part = tenth;
		}
		rest = above;
	}
	let small = <u32>rest;
	while (at > start) {
		const tenth = small / 10;
		store<u8>(--at, ZERO + <u8>(small - tenth * 10));
		small = tenth;
	}
}
