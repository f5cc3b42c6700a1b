import { describe, expect, it } from 'vitest';
import { checkRows } from '../../lib/format/check-rows';
import type { FormatError } from '../../lib/format/format-error';
import { linePieces } from '../../lib/format/line-pieces';
import { KIND } from '../../lib/format/value-kinds';

const shape = { cells: 2, rowid: true };
/** Lines of all lengths, some of them longer than what is looked at in one go. */
const LENGTHS = [1, 300, 65_000, 65_535, 65_536, 200_000, 5, 90_000, 16, 17];
const lines = LENGTHS.map((length, nth) => `[${nth},"${'x'.repeat(length)}"]\n`);

describe('checkRows', () => {
	it('takes lines of any length together, up to the first that is no row', () => {
		const rows = Buffer.from(lines.join(''));
		const checked = checkRows(Buffer.concat([rows, Buffer.from('{"kind":"end"}\n')]), shape);
		expect(checked).toEqual({
			end: rows.length,
			rows: lines.length,
			traits: {
				kinds: Uint8Array.of(KIND.integer, KIND.text),
				longestBytes: Math.max(...lines.map((line) => line.length)),
			},
		});
	});

	it('tells the place of damage in each of them', () => {
		let start = 0;
		for (const [nth, line] of lines.entries()) {
			const damaged = [...lines];
			damaged[nth] = `${line.slice(0, -3)}\\x"]\n`;
			let at = -1;
			try {
				checkRows(Buffer.from(damaged.join('')), shape);
			} catch (error) {
				at = (error as FormatError).at;
			}
			expect(at).toBe(start + line.length - 3);
			start += line.length;
		}
	});

	it('stops where the bytes do, whatever stood there before', () => {
		checkRows(Buffer.from(`[1,"${'x'.repeat(40)}"]\n`), shape);
		for (const cut of ['[1,"x', '[1,"x"', '[1,"x"]', '[1,', '[1,nu', '[1,{"b":"00', '[1,1.', '[1,"\\u00', '[1'])
			expect(() => checkRows(Buffer.from(cut), shape), cut).toThrow(
				expect.objectContaining({ at: expect.any(Number) }),
			);
	});
});

describe('linePieces', () => {
	it('leaves nothing out, and cuts no line', () => {
		const bytes = Buffer.from(lines.join(''));
		const pieces = [...linePieces(bytes)];
		expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
		for (const piece of pieces) {
			expect(piece.at(-1)).toBe(10);
			expect(piece.length <= 65_536 || piece.indexOf(10) === piece.length - 1).toBe(true);
		}
	});
});
