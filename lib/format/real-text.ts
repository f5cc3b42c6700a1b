/**
 * The one spelling of a REAL in a row line: 17 significant digits, as SQLite 3.43 to 3.46 computes and writes them on
 * x86-64 by `printf('%!.17g', x)`. Its arithmetic is that of 80-bit floating point, so that one value in 300 ends in
 * another digit than correct rounding or another machine would give; any of them leads back to the same 64 bits.
 */

/** Numbers of 64 significant bits, the highest of them set: `bits * 2 ** exponent`. */
interface Extended {
	readonly bits: bigint;
	readonly exponent: number;
}

const DIGITS = 17;
const VIEW = new DataView(new ArrayBuffer(8));

/** Spells a double; infinities as `9e999` and `-9e999`. Throws `TypeError` for NaN, which no database holds. */
export function realText(value: number): string {
	if (Number.isNaN(value)) throw new TypeError('not a number');
	const sign = value < 0 || Object.is(value, -0) ? '-' : '';
	if (value === 0) return `${sign}0.0`;
	if (!Number.isFinite(value)) return `${sign}9e999`;
	const { digits, exponent } = significant(value);
	if (exponent < -4 || exponent >= DIGITS) {
		const power = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
		return `${sign}${digits[0]}.${digits.slice(1) || '0'}e${power}`;
	}
	if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
	const padded = digits.padEnd(exponent + 1, '0');
	return `${sign}${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1) || '0'}`;
}

/** The digits, without zeros at their end, and the power of ten of the first: as `sqlite3FpDecode` finds them. */
function significant(value: number): { digits: string; exponent: number } {
	let real = extended(value);
	let power = 0;
	const scale = (by: number) => {
		real = times(real, tenTo(by));
		power -= by;
	};
	if (atLeast(real, 19)) {
		while (atLeast(real, 119)) scale(-100);
		while (atLeast(real, 29)) scale(-10);
		while (atLeast(real, 19)) scale(-1);
	} else {
		while (!atLeast(real, -97)) scale(100);
		while (!atLeast(real, 7)) scale(10);
		while (!atLeast(real, 17)) scale(1);
	}
	const whole = String(real.exponent < 0 ? real.bits >> BigInt(-real.exponent) : real.bits << BigInt(real.exponent));
	const kept = BigInt(whole.slice(0, DIGITS)) + ((whole[DIGITS] ?? '0') >= '5' ? 1n : 0n);
	const carried = String(kept).length > Math.min(DIGITS, whole.length) ? 1 : 0;
	return { digits: String(kept).replace(/0+$/, ''), exponent: whole.length - 1 + power + carried };
}

function extended(value: number): Extended {
	VIEW.setFloat64(0, Math.abs(value));
	const bits = VIEW.getBigUint64(0);
	const [power, fraction] = [Number(bits >> 52n), bits & 0xfffffffffffffn];
	return power === 0 ? rounded(fraction, -1074) : rounded(fraction | (1n << 52n), power - 1075);
}

function times(a: Extended, b: Extended): Extended {
	return rounded(a.bits * b.bits, a.exponent + b.exponent);
}

function atLeast(real: Extended, power: number): boolean {
	const limit = tenTo(power);
	return real.exponent === limit.exponent ? real.bits >= limit.bits : real.exponent > limit.exponent;
}

/** To 64 bits: to the nearest, and of two to the even one. */
function rounded(bits: bigint, exponent: number): Extended {
	const excess = bits.toString(2).length - 64;
	if (excess <= 0) return { bits: bits << BigInt(-excess), exponent: exponent + excess };
	const shift = BigInt(excess);
	const half = 1n << (shift - 1n);
	const rest = bits & ((1n << shift) - 1n);
	const kept = bits >> shift;
	const up = rest > half || (rest === half && (kept & 1n) === 1n);
	// Of 65 bits after a carry, all but the first are zero.
	return up ? rounded(kept + 1n, exponent + excess) : { bits: kept, exponent: exponent + excess };
}

const POWERS = new Map<number, Extended>();

/** The power of ten as a compiler rounds it to 80 bits. */
function tenTo(power: number): Extended {
	let found = POWERS.get(power);
	if (found === undefined) {
		const ten = 10n ** BigInt(Math.abs(power));
		// 500 bits of the fraction, and one that says that there are more.
		found = power < 0 ? rounded((((1n << 500n) / ten) << 1n) | 1n, -501) : rounded(ten, 0);
		POWERS.set(power, found);
	}
	return found;
}
