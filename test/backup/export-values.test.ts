import { describe, expect, it } from 'vitest';
import { csvField } from '../../lib/backup/export/csv';
import { csvFileName } from '../../lib/backup/export/csv-file-name';
import { planInventory } from '../../lib/backup/export/json';
import { jsonValue } from '../../lib/backup/export/json-value';
import { cellText } from '../../lib/format/values';

const INTEGERS = ['0', '-1', '9007199254740991', '9007199254740992', '-9223372036854775808'];
const REALS = ['1.0000000000000000e+00', '-0.0', '1.0000000000000001e-01', '1.7976931348623157e+308', '5e-324', '1.5'];

describe('the JSON of a value', () => {
	it.each([
		['null', 'null'],
		['9007199254740991', '9007199254740991'],
		['9007199254740992', '"9007199254740992"'],
		['-9223372036854775808', '"-9223372036854775808"'],
		['1.0000000000000000e+00', '1.0'],
		['1.0000000000000001e-01', '0.1'],
		['-0.0', '-0.0'],
		['9e999', '"Infinity"'],
		['-9e999', '"-Infinity"'],
		['"say \\"hi\\"\\u0000\\n"', '"say \\"hi\\"\\u0000\\n"'],
		['{"b":"00FF"}', '{"$base64":"AP8="}'],
		['{"b":""}', '{"$base64":""}'],
		['{"t":"FF"}', '{"$textBase64":"/w=="}'],
	])('of %s is %s', (cell, json) => expect(jsonValue(cell)).toBe(json));

	it.each([...INTEGERS, ...REALS])('of %s has its exact value', (cell) => {
		const parsed = JSON.parse(jsonValue(cell));
		if (typeof parsed === 'string') expect(BigInt(parsed)).toBe(BigInt(cell));
		else expect(Object.is(parsed, Number(cell))).toBe(true);
	});
});

describe('the CSV field of a value', () => {
	it.each([
		['null', ''],
		['""', '""'],
		['"a,b"', '"a,b"'],
		[cellText({ type: 'text', value: 'x"\r\ny' }), '"x""\r\ny"'],
		['-9223372036854775808', '-9223372036854775808'],
		['2.0', '2.0'],
		['-9e999', '-Infinity'],
		['{"b":"0AFF"}', "x'0AFF'"],
		['{"t":"FF"}', "t'FF'"],
	])('of %s is %s', (cell, field) => expect(csvField(cell)).toBe(field));
});

describe('the name of a CSV file', () => {
	it.each([
		['User_1-a', 'User_1-a.csv'],
		['../../etc/passwd', '%2E%2E%2F%2E%2E%2Fetc%2Fpasswd.csv'],
		['C:\\x', 'C%3A%5Cx.csv'],
		['Zoë', 'Zo%C3%AB.csv'],
		['a%2Fb', 'a%252Fb.csv'],
		['', '%.csv'],
		['NUL', '%4EUL.csv'],
		['.', '%2E.csv'],
	])('of %j is %s', (table, file) => expect(csvFileName(table)).toBe(file));

	it('is cut when it is too long, and differs still', () => {
		const [one, other] = [csvFileName(`${'é'.repeat(300)}1`), csvFileName(`${'é'.repeat(300)}2`)];
		expect(one).not.toBe(other);
		expect(one.length).toBeLessThan(255);
	});
});

describe('the inventory of media', () => {
	it.each([
		[['User'], null],
		[['MediaAsset'], { table: 'MediaAsset', key: 'mediaAssetInventory' }],
		[['mediaasset', 'mediaAssetInventory'], { table: 'mediaasset', key: 'mediaAssetInventory_' }],
	])('with the tables %j is %j', (tables, plan) => expect(planInventory(tables)).toEqual(plan));
});
