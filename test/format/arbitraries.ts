import fc from 'fast-check';
import type { Cell } from '../../lib/format/values';

/** Text that UTF-8 can hold, with more of the characters that make trouble. */
export const text = fc
	.array(
		fc.oneof(
			fc.string({ unit: 'binary', maxLength: 5 }),
			fc.constantFrom('\0', '"', '\\', '\n', '\u2028', '😀', ']', ','),
		),
	)
	.map((parts) => parts.join(''));

/** A REAL's literal, as the database's `printf('%!.17g')` or the format itself would spell it. */
const real = fc.oneof(
	fc.constantFrom('0.0', '-0.0', '9e999', '-9e999', '1.0e+300', '4.9406564584124654e-324'),
	fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential(16)),
);

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));

export const cell: fc.Arbitrary<Cell> = fc.oneof(
	fc.constant({ type: 'null' } as const),
	fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ type: 'integer', value }) as const),
	real.map((literal) => ({ type: 'real', text: literal }) as const),
	text.map((value) => ({ type: 'text', value }) as const),
	bytes.map((value) => ({ type: 'blob', bytes: value }) as const),
	bytes.map((value) => ({ type: 'rawtext', bytes: value }) as const),
);

export const cells = fc.array(cell, { minLength: 1, maxLength: 8 });
