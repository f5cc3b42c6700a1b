import { DOT, isDigit, LOWER_E, MINUS, ZERO } from './ascii';

/**
 * The double nearest to a REAL of a row line, of two the even one (D. Lemire, Number Parsing at a Gigabyte per Second,
 * 2021): its digits as an integer of 64 bits, times the first 128 bits of a power of ten.
 */

/** JavaScript's `Number`, of the literal from `start` to `end`: of what is not done here. */
declare function numberOf(start: usize, end: usize): f64;

/** Digits that an integer of 64 bits has room for. */
const MOST_DIGITS: i32 = 19;
/** Of ten. So far, five to it is below 2^63, and no product leaves it open to which side the number is to be rounded. */
const MOST_POWER: i32 = 27;
/** Above all that a literal of the format may have. */
const ENDLESS_POWER: i32 = 1_000_000;
const MANTISSA_BITS: i32 = 52;
/** Of a mantissa, the bit that is not written. */
const HIDDEN: u64 = 1 << 52;
const SIGN: u64 = 1 << 63;
const BIAS: i32 = 1023;
/** Of a product, the bits below those that a double takes, and the two by which it is rounded. */
const LOW_BITS: u64 = 0x1ff;

/** The first 128 bits of five to each power from `-MOST_POWER`, the high half first; rounded up where there are more. */
const FIVES: usize = memory.data(16 * (2 * MOST_POWER + 1));

/** The place after the literal that was read last. */
export let realEnd: usize = 0;

/** @param start of a literal of the grammar, which a byte follows that is not of it */
export function parseReal(start: usize): f64 {
	const isNegative = load<u8>(start) === MINUS;
	let at = isNegative ? start + 1 : start;
	let digits: u64 = 0;
	let count = 0;
	let power = 0;
	for (let byte = load<u8>(at); isDigit(byte); byte = load<u8>(++at)) {
		digits = digits * 10 + (byte - ZERO);
		if (count > 0 || digits !== 0) count++;
	}
	if (load<u8>(at) === DOT) {
		for (let byte = load<u8>(++at); isDigit(byte); byte = load<u8>(++at)) {
			digits = digits * 10 + (byte - ZERO);
			if (count > 0 || digits !== 0) count++;
			power--;
		}
	}
	if (load<u8>(at) === LOWER_E) {
		const sign = load<u8>(++at);
		if (!isDigit(sign)) at++;
		let exponent = 0;
		for (let byte = load<u8>(at); isDigit(byte); byte = load<u8>(++at))
			if (exponent < ENDLESS_POWER) exponent = exponent * 10 + (byte - ZERO);
		power += sign === MINUS ? -exponent : exponent;
	}
	realEnd = at;
	if (count === 0) return isNegative ? -0.0 : 0.0;
	if (count > MOST_DIGITS || abs(power) > MOST_POWER) return numberOf(start, at);
	const bits = nearest(digits, power);
	return reinterpret<f64>(isNegative ? bits | SIGN : bits);
}

/** The bits of the double nearest to `digits * 10 ** power`; neither is beyond its limit, nor `digits` zero. */
function nearest(digits: u64, power: i32): u64 {
	const shift = clz(digits);
	const factor = digits << shift;
	const five = FIVES + 16 * (power + MOST_POWER);
	let high = highProduct(factor, load<u64>(five));
	let low = factor * load<u64>(five);
	if ((high & LOW_BITS) === LOW_BITS) {
		const rest = highProduct(factor, load<u64>(five, 8));
		low += rest;
		if (low < rest) high++;
	}
	const top = <i32>(high >> 63);
	const below = top + 64 - MANTISSA_BITS - 3;
	let mantissa = high >> below;
	// The binary logarithm of ten is 217706 / 2^16, near enough.
	let exponent = ((217_706 * power) >> 16) + 63 + top - <i32>shift + BIAS;
	// In the middle of two doubles, which no other powers have digits for.
	const isExact = low <= 1 && mantissa << below === high;
	if (isExact && power >= -4 && power <= 23 && (mantissa & 3) === 1) mantissa--;
	mantissa = (mantissa + (mantissa & 1)) >> 1;
	if (mantissa >> (MANTISSA_BITS + 1)) {
		mantissa = HIDDEN;
		exponent++;
	}
	return (mantissa & ~HIDDEN) | ((<u64>exponent) << MANTISSA_BITS);
}

/** The upper half of a product of 128 bits. */
function highProduct(a: u64, b: u64): u64 {
	const highA = a >> 32;
	const lowA = a & 0xffffffff;
	const highB = b >> 32;
	const lowB = b & 0xffffffff;
	const middle = highA * lowB + ((lowA * lowB) >> 32);
	const other = lowA * highB + (middle & 0xffffffff);
	return highA * highB + (middle >> 32) + (other >> 32);
}

function fillFives(): void {
	let five: u64 = 1;
	for (let power = 0; power <= MOST_POWER; power++, five *= 5) {
		store<u64>(FIVES + 16 * (MOST_POWER + power), five << clz(five));
		if (power > 0) storeInverse(five, FIVES + 16 * (MOST_POWER - power));
	}
}

/** Divides a power of two by `five`, bit by bit. */
function storeInverse(five: u64, at: usize): void {
	let high: u64 = 0;
	let low: u64 = 0;
	for (let rest: u64 = 1; high >> 63 === 0; ) {
		rest <<= 1;
		const bit: u64 = rest >= five ? 1 : 0;
		rest -= bit * five;
		high = (high << 1) | (low >> 63);
		low = (low << 1) | bit;
	}
	low++;
	store<u64>(at, low === 0 ? high + 1 : high);
	store<u64>(at, low, 8);
}

fillFives();
