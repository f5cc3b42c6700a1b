/**
 * Floating-point numbers of 64 significant bits, which is what x86-64 calls `long double`: a number above zero is
 * `(high * 2 ** 32 + low) * 2 ** exponent`, the highest bit of `high` set.
 *
 * Of a double here, a remainder (`%`) is slow and a floor is not; what JavaScript's integers cannot hold stays below
 * 2 ** 53.
 */
interface Extended {
	readonly high: number;
	readonly low: number;
	readonly exponent: number;
}

const WORD = 2 ** 32;
const TOP = 2 ** 31;
const VIEW = new DataView(new ArrayBuffer(8));

/** A number that is scaled by powers of ten, each product rounded to the nearest, and of two to the even one. */
export class ExtendedNumber {
	// No integers at first: what is a double from the start is changed in place, without an allocation.
	#high = 0.5;
	#low = 0.5;
	#exponent = 0;
	/** The higher word of the product of two words. */
	#upper = 0.5;
	/** What {@link billions} has left over. */
	rest = 0.5;

	/** Takes up a finite double that is not zero, without its sign. */
	load(value: number): void {
		VIEW.setFloat64(0, value);
		const word = VIEW.getUint32(0);
		const power = (word >>> 20) & 0x7ff;
		let high = word & 0xfffff;
		let low = VIEW.getUint32(4);
		let exponent = -1074;
		if (power > 0) {
			high |= 0x100000;
			exponent = power - 1075;
		}
		while (high === 0) {
			high = low;
			low = 0;
			exponent -= 32;
		}
		const shift = Math.clz32(high);
		this.#high = shift === 0 ? high : ((high << shift) | (low >>> (32 - shift))) >>> 0;
		this.#low = (low << shift) >>> 0;
		this.#exponent = exponent - shift;
	}

	/** Claims that it is at least 10 to `power`. */
	isAtLeast(power: number): boolean {
		const limit = tenTo(power);
		if (this.#exponent !== limit.exponent) return this.#exponent > limit.exponent;
		return this.#high === limit.high ? this.#low >= limit.low : this.#high > limit.high;
	}

	/** Multiplies by 10 to `power`, of a size to be held here: -100 to 100. */
	scale(power: number): void {
		if (power === 1) this.#multiplyByTen();
		else this.#multiply(tenTo(power));
	}

	/** The power of two that it is at least: of the number, less than twice that. */
	get binaryPower(): number {
		return this.#exponent + 63;
	}

	/** The whole part of a number of less than 2 ** 64, divided by 1e9; what is over is in {@link rest}. */
	billions(): number {
		const shift = -this.#exponent;
		const [high, low] = [this.#high, this.#low];
		// A shift takes 0 to 31 of 32 bits.
		const wholeHigh = shift < 32 ? high >>> shift : 0;
		const wholeLow =
			shift === 0 ? low : shift < 32 ? ((high << (32 - shift)) | (low >>> shift)) >>> 0 : high >>> (shift - 32);
		// Long division, 16 bits at a time: what a double holds exactly.
		const top = Math.floor(wholeHigh / 1e9);
		const first = (wholeHigh - top * 1e9) * 65536 + (wholeLow >>> 16);
		const middle = Math.floor(first / 1e9);
		const second = (first - middle * 1e9) * 65536 + (wholeLow & 0xffff);
		const bottom = Math.floor(second / 1e9);
		this.rest = second - bottom * 1e9;
		return (top * 65536 + middle) * 65536 + bottom;
	}

	#multiply(by: Extended): void {
		const [high, low] = [this.#high, this.#low];
		const first = this.#times(low, by.low);
		let middle = this.#upper;
		middle += this.#times(low, by.high);
		let upper = this.#upper;
		middle += this.#times(high, by.low);
		upper += this.#upper;
		upper += this.#times(high, by.high);
		// The product in words of 32 bits, from `first`, the lowest, to `fourth`.
		const middleHigh = Math.floor(middle / WORD);
		const second = middle - middleHigh * WORD;
		upper += middleHigh;
		const upperHigh = Math.floor(upper / WORD);
		const third = upper - upperHigh * WORD;
		const fourth = this.#upper + upperHigh;
		this.#exponent += by.exponent + 64;
		if (fourth >= TOP) {
			this.#round(fourth, third, second - TOP + (first > 0 ? 0.5 : 0));
			return;
		}
		this.#exponent--;
		const carried = third >= TOP ? 1 : 0;
		const bit = second >= TOP ? 1 : 0;
		this.#round(
			fourth * 2 + carried,
			third * 2 - carried * WORD + bit,
			second * 2 - bit * WORD - TOP + (first > 0 ? first / WORD : 0) * 2,
		);
	}

	/** As {@link #multiply}, for which a few bits of room are enough. */
	#multiplyByTen(): void {
		const lower = this.#low * 10;
		const lowerHigh = Math.floor(lower / WORD);
		const upper = this.#high * 10 + lowerHigh;
		const rest = lower - lowerHigh * WORD;
		const bits = upper >= 2 ** 35 ? 4 : 3;
		const unit = 1 << bits;
		const high = Math.floor(upper / unit);
		const low = (upper - high * unit) * (WORD / unit) + Math.floor(rest / unit);
		this.#exponent += bits;
		this.#round(high, low, rest - Math.floor(rest / unit) * unit - unit / 2);
	}

	/** Takes the highest 64 bits of a product. `past` is by how much the bits left off are more than half of the last. */
	#round(high: number, low: number, past: number): void {
		this.#high = high;
		this.#low = low;
		if (past < 0 || (past === 0 && (low & 1) === 0)) return;
		this.#low = low + 1;
		if (this.#low < WORD) return;
		this.#low = 0;
		this.#high = high + 1;
		if (this.#high < WORD) return;
		this.#high = TOP;
		this.#exponent++;
	}

	/** The lower word of a product of two words; the higher one is in `#upper` afterwards. */
	#times(a: number, b: number): number {
		const upperB = b >>> 16;
		const lower = a * (b & 0xffff);
		const lowerHigh = Math.floor(lower / 65536);
		const upper = a * upperB + lowerHigh;
		const upperHigh = Math.floor(upper / 65536);
		this.#upper = upperHigh;
		return (upper - upperHigh * 65536) * 65536 + (lower - lowerHigh * 65536);
	}
}

const POWERS: Extended[] = [];
/** Of the powers of ten in use, none is smaller than this one's opposite. */
const LARGEST_POWER = 119;

/** The power of ten as a compiler rounds it to 64 bits. */
function tenTo(power: number): Extended {
	const known = POWERS[power + LARGEST_POWER];
	if (known !== undefined) return known;
	const ten = 10n ** BigInt(Math.abs(power));
	// 500 bits of the fraction, and one that says that there are more.
	const found = power < 0 ? rounded((((1n << 500n) / ten) << 1n) | 1n, -501) : rounded(ten, 0);
	POWERS[power + LARGEST_POWER] = found;
	return found;
}

function rounded(bits: bigint, exponent: number): Extended {
	const excess = bits.toString(2).length - 64;
	if (excess <= 0) return extended(bits << BigInt(-excess), exponent + excess);
	const shift = BigInt(excess);
	const half = 1n << (shift - 1n);
	const rest = bits & ((1n << shift) - 1n);
	const kept = bits >> shift;
	const up = rest > half || (rest === half && (kept & 1n) === 1n);
	// Of 65 bits after a carry, all but the first are zero.
	return up ? rounded(kept + 1n, exponent + excess) : extended(kept, exponent + excess);
}

function extended(bits: bigint, exponent: number): Extended {
	return { high: Number(bits >> 32n), low: Number(bits & 0xffffffffn), exponent };
}
