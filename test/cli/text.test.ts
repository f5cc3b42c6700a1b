import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../lib/cli/exit';
import { formatError, formatResult } from '../../lib/cli/output';
import { formatProgressLine } from '../../lib/cli/progress-line';
import { formatTable } from '../../lib/cli/table';
import { type ErrorCode, LifeboatError } from '../../lib/core/errors';
import { formatBytes, formatCount, formatDurationMs } from '../../lib/core/quantities';

describe('quantities', () => {
	it.each([
		[0, '0'],
		[999, '999'],
		[1000, '1,000'],
		[-1234567, '-1,234,567'],
		[12345678901234567890n, '12,345,678,901,234,567,890'],
	])('count %s', (count, text) => expect(formatCount(count)).toBe(text));

	it.each([
		[0, '0 B'],
		[999, '999 B'],
		[1000, '1.0 kB'],
		[999_949, '999.9 kB'],
		[999_950, '1.0 MB'],
		[235_000_000, '235.0 MB'],
		[5e15, '5000.0 TB'],
	])('bytes %d', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

	it.each([
		[0, '0 ms'],
		[999.4, '999 ms'],
		[999.6, '1.0 s'],
		[59_949, '59.9 s'],
		[59_960, '1 min 00 s'],
		[65_000, '1 min 05 s'],
		[3_599_600, '1 h 00 min'],
		[7_380_000, '2 h 03 min'],
	])('duration %d', (ms, text) => expect(formatDurationMs(ms)).toBe(text));
});

describe('formatTable', () => {
	const columns = [{ heading: 'table' }, { heading: 'rows', align: 'right' }] as const;

	it('is plain, with numbers to the right', () => {
		const rows = [
			['users', 1234567],
			['日本', 3n],
			['none', null],
		];
		expect(formatTable(columns, rows)).toBe(
			['table       rows', 'users  1,234,567', '日本           3', 'none           -'].join('\n'),
		);
	});

	it('keeps a row on its line, however long, and shows what would steer a terminal', () => {
		const name = `${'x'.repeat(500)}\n\u001b[2Jgone\u202e`;
		const lines = formatTable(columns, [[name, 1]]).split('\n');
		expect(lines).toHaveLength(2);
		expect(lines[1]).toBe(`${'x'.repeat(500)}\\n\\u{1b}[2Jgone\\u{202e}  ${'1'.padStart(4)}`);
	});

	it('is a line of headings when there are no rows', () => {
		expect(formatTable(columns, [])).toBe('table  rows');
	});
});

describe('output', () => {
	it('shows control characters instead of obeying them', () => {
		expect(formatResult({ data: null, text: 'a\tb\n\u001b]0;x\u0007' }, false)).toBe('a\tb\n\\u{1b}]0;x\\u{7}\n');
		const error = new LifeboatError('INTERNAL', 'a\nhint: \u001b[31mfalse', { hint: 'x' });
		expect(formatError(error)).toBe('error: a\\nhint: \\u{1b}[31mfalse\nhint: x\n');
	});

	it('prints an empty result as nothing', () => {
		expect(formatResult({ data: undefined, text: '' }, false)).toBe('');
		expect(formatResult({ data: undefined, text: '' }, true)).toBe('null\n');
	});
});

it.each<[ErrorCode, number]>([
	['INTERNAL', 1],
	['ABORTED', 1],
	['USAGE_INVALID', 2],
	['CONFIG_INVALID', 2],
	['LEASE_HELD', 3],
	['TARGET_NOT_EMPTY', 3],
	['BACKUP_DAMAGED', 4],
	['PROOF_FAILED', 4],
	['BACKUP_NOT_FOUND', 5],
	['DATABASE_UNREACHABLE', 6],
	['STORE_REFUSED', 6],
])('%s is exit %i', (code, exit) => expect(exitCodeOf(new LifeboatError(code, 'x'))).toBe(exit));

describe('formatProgressLine', () => {
	const state = { label: 'restoring', rows: 500, bytes: 2_000_000, startedAtMs: 0 };

	it('has a bar and the time left where a total is known', () => {
		expect(formatProgressLine({ ...state, totalBytes: 8_000_000, totalRows: 2000 }, 10_000, 200)).toBe(
			'restoring  [=====               ] 25%  500 of 2,000 rows  2.0 MB of 8.0 MB  30.0 s left',
		);
	});

	it('counts where none is', () => {
		expect(formatProgressLine(state, 10_000, 200)).toBe('restoring  500 rows  2.0 MB  10.0 s');
	});

	it('stays within its bounds', () => {
		const odd = { ...state, bytes: 9e9, totalBytes: 8_000_000 };
		expect(formatProgressLine(odd, 10_000, 200)).toContain('100%');
		expect(formatProgressLine(odd, 10_000, 40).length).toBe(39);
		expect(formatProgressLine({ ...state, bytes: 0, totalBytes: 0 }, 0, 200)).not.toContain('NaN');
	});
});
