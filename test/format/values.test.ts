import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRows } from '../../lib/format/check-rows';
import { KIND } from '../../lib/format/value-kinds';
import { type Cell, cellText, parseRow, rowLine } from '../../lib/format/values';
import { cells, text } from './arbitraries';

const shape = (cells: readonly Cell[]) => ({ cells: cells.length, rowid: false });

const KIND_GROUP = { null: 'null', integer: 'integer', real: 'real', text: 'text', blob: 'tagged', rawtext: 'tagged' };
const kindGroup = (kind: number) =>
	kind === KIND.wholeReal
		? 'real'
		: kind === KIND.numericText
			? 'text'
			: Object.entries(KIND).find(([, bit]) => bit === kind)?.[0];

describe('row lines', () => {
	it('come back as they went, and pass the check', () => {
		fc.assert(
			fc.property(cells, (row) => {
				const line = rowLine(row);
				expect(parseRow(line)).toEqual(row);
				expect(parseRow(line.slice(0, -1))).toEqual(row);
				const bytes = Buffer.from(line);
				const { traits, ...rest } = checkRows(bytes, shape(row));
				expect(rest).toEqual({ end: bytes.length, rows: 1 });
				expect(traits.longestBytes).toBe(bytes.length);
				expect([...traits.kinds].map(kindGroup)).toEqual(row.map(({ type }) => KIND_GROUP[type]));
			}),
		);
	});

	it('tell values that a column of numbers would convert from those that it would not', () => {
		const kindsOf = (...texts: string[]) =>
			texts.map((cell) => [cell, checkRows(Buffer.from(`[${cell}]\n`), { cells: 1, rowid: false }).traits.kinds[0]]);
		const all = (kind: number, ...texts: string[]) => texts.map((cell) => [cell, kind]);
		const numbers = ['"12"', '"-1.5"', '" 7 "', '"1e3"', '"1E+10"', '".5"', '"5."', '"\\t12\\n"', '"\\u000b1"', '"-0"'];
		const texts = ['""', '" "', '"2026-01-31"', '"a1"', '"0x10"', '"1a"', '"+"', '"12:30"', '"1+1"', '"é1"', '"\\""'];
		expect(kindsOf(...numbers)).toEqual(all(KIND.numericText, ...numbers));
		expect(kindsOf(...texts)).toEqual(all(KIND.text, ...texts));
		const whole = ['1.0', '-0.0', '12.000', '1e+17', '1.25e2'];
		const other = ['1.5', '-0.25', '10.01', '1e+20', '9e999', '-9e999', '1e-5', '-9223372036854775808.0'];
		expect(kindsOf(...whole)).toEqual(all(KIND.wholeReal, ...whole));
		expect(kindsOf(...other)).toEqual(all(KIND.real, ...other));
	});

	it('are JSON, with the same texts', () => {
		fc.assert(
			fc.property(fc.array(text, { minLength: 1 }), (values) => {
				const line = rowLine(values.map((value) => ({ type: 'text', value })));
				expect(line).toBe(`${JSON.stringify(values)}\n`);
			}),
		);
	});

	it('have texts in the one spelling that the check allows', () => {
		const every = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));
		const line = Buffer.from(rowLine([{ type: 'text', value: every.join('') }]));
		expect(checkRows(line, { cells: 1, rowid: false }).rows).toBe(1);
	});

	it('take no two spellings of one value that JSON reads alike', () => {
		const line = (code: number) => Buffer.from(`["\\u${code.toString(16).padStart(4, '0')}"]\n`);
		for (let code = 0; code < 0x300; code++) {
			const isSpelling = JSON.stringify(String.fromCharCode(code)) === line(code).toString().slice(1, -2);
			const check = () => checkRows(line(code), { cells: 1, rowid: false });
			if (isSpelling) expect(check).not.toThrow();
			else expect(check).toThrow();
		}
	});

	it('can be run on bytes that are anything, and never read past them', () => {
		const alphabet = [...'[]{}",:\\ube0123456789-+.ntlADF\n '].map((c) => c.charCodeAt(0));
		fc.assert(
			fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 30 }), (codes) => {
				const bytes = Buffer.from([91, ...codes, 10]);
				let end = 0;
				try {
					end = checkRows(bytes, { cells: 2, rowid: false }).end;
				} catch (error) {
					expect((error as { at: number }).at).toBeLessThan(bytes.length);
					return;
				}
				const lines = bytes.toString('latin1', 0, end).trimEnd().split('\n');
				for (const line of lines) expect(JSON.parse(line)).toHaveLength(2);
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe('cellText', () => {
	it.each<[Cell, string]>([
		[{ type: 'null' }, 'null'],
		[{ type: 'integer', value: -(2n ** 63n) }, '-9223372036854775808'],
		[{ type: 'integer', value: 2n ** 53n + 1n }, '9007199254740993'],
		[{ type: 'real', text: '-0.0' }, '-0.0'],
		[{ type: 'real', text: '9e999' }, '9e999'],
		[{ type: 'text', value: 'a\0"\\/é\u2028😀\x7f\x1f' }, '"a\\u0000\\"\\\\/é\u2028😀\x7f\\u001f"'],
		[{ type: 'blob', bytes: Buffer.from([0, 171]) }, '{"b":"00AB"}'],
		[{ type: 'blob', bytes: Buffer.alloc(0) }, '{"b":""}'],
		[{ type: 'rawtext', bytes: Buffer.from([255]) }, '{"t":"FF"}'],
	])('%o', (cell, expected) => {
		expect(cellText(cell)).toBe(expected);
		expect(parseRow(`[${expected}]`)).toEqual([cell]);
	});

	it.each(['\ud800', 'a\udc00', '\udc00\ud800'])('refuses a text that UTF-8 cannot hold', (value) => {
		expect(() => cellText({ type: 'text', value })).toThrow(TypeError);
	});
});

describe('parseRow', () => {
	it.each(['', '[', '["a', '["a\\"]', '[1', '[{"b":"00"', '["a"x]', '[x]'])('ends on %j, which is no row', (line) => {
		expect(() => parseRow(line)).toThrow();
	});
});
