import { createClient } from '@libsql/client';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { refusedKinds } from '../../lib/engine/libsql/declared';
import { checkRows } from '../../lib/format/check-rows';
import { realText } from '../../lib/format/real-text';
import { type Cell, rowLine } from '../../lib/format/values';

const TYPES = ['INTEGER', 'NUMERIC', 'REAL', 'TEXT', 'BLOB'];

const digits = fc.stringMatching(/^[0-9]{0,25}$/);
const sign = fc.constantFrom('', '', '+', '-');
const space = fc.constantFrom('', '', ' ', '\t\v', '\f\r\n', '\0', '\u001b');
const exponent = fc.tuple(fc.constantFrom('', '', 'e', 'E'), sign, fc.stringMatching(/^[0-9]{0,3}$/));
const numberLike = fc
	.tuple(space, sign, digits, fc.constantFrom('', '.'), digits, exponent, space)
	.map((parts) => parts.flat().join(''));
const text = fc.oneof(numberLike, fc.string({ unit: fc.constantFrom(...' \t\v\0+-.eE0x19_:é'), maxLength: 8 }));
const real = fc.oneof(
	fc.double({ noNaN: true }),
	fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(Number),
	fc.constantFrom(2 ** 63, -(2 ** 63), 2 ** 63 - 1024, -(2 ** 63) + 1024, -0, 1e18, 1e15),
);
const cell: fc.Arbitrary<Cell> = fc.oneof(
	text.map((value): Cell => ({ type: 'text', value })),
	real.map((value): Cell => ({ type: 'real', text: realText(value) })),
	fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Cell => ({ type: 'integer', value })),
);

it('values that a column is said to convert are those, and only those, that the database converts', async () => {
	const client = createClient({ url: ':memory:', intMode: 'bigint' });
	try {
		await client.execute(`CREATE TABLE t(v, ${TYPES.map((type, nth) => `c${nth} ${type}`).join(', ')})`);
		const cells = `value ->> 0, ${TYPES.map(() => 'value ->> 0').join(', ')}`;
		await fc.assert(
			fc.asyncProperty(cell, async (value) => {
				const line = rowLine([value]);
				const kinds = checkRows(Buffer.from(line), { cells: 1, rowid: false }).traits.kinds[0] as number;
				await client.execute({ sql: `INSERT INTO t SELECT ${cells} FROM json_each(?)`, args: [`[${line.trim()}]`] });
				const compared = TYPES.map((_, nth) => `typeof(c${nth}) IS NOT typeof(v)`).join(', ');
				const [row] = (await client.execute(`SELECT ${compared} FROM t`)).rows;
				await client.execute('DELETE FROM t');
				const converted = TYPES.filter((_, nth) => row?.[nth] === 1n);
				expect(TYPES.filter((type) => (refusedKinds(type, false, false) & kinds) !== 0)).toEqual(converted);
			}),
			{ numRuns: 3_000 },
		);
	} finally {
		client.close();
	}
});
