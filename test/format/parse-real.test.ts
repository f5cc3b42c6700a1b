import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { realText } from '../../lib/format/real-text';
import { newKernel } from '../../lib/wasm/kernel';

const kernel = newKernel();

function expectExact(literal: string): void {
	const start = kernel.CELLS.value;
	Buffer.from(kernel.memory.buffer, start).write(`${literal}]`, 'latin1');
	expect(kernel.parseReal(start), literal).toBe(Number(literal));
}

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
const whole = digits(18).map((text) => text.replace(/^0+(?=\d)/, ''));

describe('parseReal', () => {
	it('gives the double that Number gives, of whatever a writer writes', () => {
		const any = fc.oneof(
			fc.double({ noNaN: true }),
			fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
			fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100),
		);
		fc.assert(
			fc.property(any, (value) => expectExact(realText(value))),
			{ numRuns: 20_000 },
		);
	});

	it('and of any other literal of the format', () => {
		const exponent = fc.oneof(
			fc.constantFrom('', '', 'e5', 'e-017', 'e+300', 'e-320', 'e99999999999'),
			fc.integer({ min: -50, max: 50 }).map((power) => `e${power}`),
		);
		const literals = fc
			.tuple(fc.constantFrom('', '-'), whole, digits(18), exponent)
			.map(([sign, before, after, exponent]) => `${sign}${before}.${after}${exponent}`);
		fc.assert(fc.property(literals, expectExact), { numRuns: 20_000 });
	});

	it('at and beside the middle of two doubles', () => {
		const middles = fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }).chain((mantissa) =>
			// The halves, quarters and eighths of it have at most three digits after the point.
			fc.constantFrom(
				`${mantissa}.5`,
				`${mantissa}.4999999`,
				`${mantissa}.5000001`,
				`${mantissa >> 1n}.25`,
				`${mantissa >> 1n}.75`,
				`${mantissa >> 2n}.125`,
				`${2n * mantissa + 1n}.0`,
				`${4n * mantissa + 2n}.0`,
			),
		);
		fc.assert(fc.property(middles, expectExact), { numRuns: 20_000 });
	});

	it.each([
		'0.0',
		'-0.0',
		'0.00',
		'1.0',
		'9e999',
		'-9e999',
		'5e-324',
		'123456789.0',
		'999999999999999999.0',
		'1844674407370955161.5',
		'9999999999999999999e27',
		'9999999999999999999e-27',
		'18446744073709551616.0',
		'0.0e99999999999',
		'0.000000000000000000001',
		'0.1234567890123456789012345678',
	])('%s', expectExact);
});
