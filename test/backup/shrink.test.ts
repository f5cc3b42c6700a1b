import { describe, expect, it } from 'vitest';
import { findShrinks, type ShrinkLimits, type Size } from '../../lib/backup/shrink';

const LIMITS: ShrinkLimits = { rowsDropPercent: 50, sizeDropPercent: 50, ignoredTables: [] };

const size = (rows: Record<string, number>, plainBytes = 1000): Size => ({
	id: 'backup',
	plainBytes,
	rows: new Map(Object.entries(rows)),
});
const times = (count: number, one: Size) => Array.from({ length: count }, () => one);
const told = (now: Size, earlier: Size[], limits = LIMITS) =>
	findShrinks(now, earlier, limits).map(
		({ what, table, before, now: rows }) => `${what} ${table ?? ''} ${before}>${rows}`,
	);

describe('a backup', () => {
	it.each<[string, Size, Size[], string[]]>([
		['with nothing before it', size({}), [], []],
		['that is as before', size({ t: 100 }), times(7, size({ t: 100 })), []],
		['that has grown', size({ t: 900, u: 1 }, 9000), times(7, size({ t: 100 })), []],
		['with a table emptied', size({ t: 0 }), times(7, size({ t: 1 })), ['table-emptied t 1>0']],
		['with a table gone', size({ u: 1 }), times(7, size({ t: 5, u: 1 })), ['table-gone t 5>0']],
		['with an empty table gone', size({}), times(7, size({ t: 0 })), ['table-gone t 0>0']],
		['with a table of yesterday gone', size({}), [...times(6, size({})), size({ t: 9 })], ['table-gone t 9>0']],
		['with one gone that went yesterday', size({}), [...times(6, size({ t: 9 })), size({})], ['table-gone t 9>0']],
		['with one gone that went long ago', size({}), [...times(3, size({ t: 9 })), ...times(4, size({}))], []],
		['of half of the rows', size({ t: 50 }), times(7, size({ t: 100 })), ['rows t 100>50']],
		['of a little more', size({ t: 51 }), times(7, size({ t: 100 })), []],
		['of few rows less', size({ t: 5 }), times(7, size({ t: 24 })), []],
		['of twenty rows less', size({ t: 5 }), times(7, size({ t: 25 })), ['rows t 25>5']],
		['of half of the size', size({ t: 1 }, 500), times(7, size({ t: 1 })), ['size  1000>500']],
		['of a byte more', size({ t: 1 }, 501), times(7, size({ t: 1 })), []],
		['after one odd night', size({ t: 100 }), [...times(6, size({ t: 100 })), size({ t: 9000 }, 90_000)], []],
		['after one empty night', size({ t: 0 }), [...times(6, size({ t: 9 })), size({ t: 0 })], ['table-emptied t 9>0']],
		['after many empty nights', size({ t: 0 }), [...times(3, size({ t: 9 })), ...times(4, size({ t: 0 }))], []],
		[
			'that shrinks slowly',
			size({ t: 49 }),
			[size({ t: 100 }), size({ t: 100 }), size({ t: 100 }), size({ t: 70 })],
			['rows t 100>49'],
		],
		['after only one', size({ t: 0 }), [size({ t: 9 })], ['table-emptied t 9>0']],
	])('%s', (_, now, earlier, wanted) => {
		expect(told(now, earlier)).toEqual(wanted);
	});

	it('is told of the worst first, its size before all', () => {
		const now = size({ a: 0, b: 10, d: 100 }, 10);
		expect(told(now, [size({ a: 5, b: 1000, c: 50, d: 100 })])).toEqual([
			'size  1000>10',
			'rows b 1000>10',
			'table-gone c 50>0',
			'table-emptied a 5>0',
		]);
	});

	it('is measured by the limits that are set', () => {
		const limits = { rowsDropPercent: 10, sizeDropPercent: 100, ignoredTables: ['jobs', 'gone'] };
		const earlier = [size({ t: 1000, jobs: 500, gone: 3 })];
		expect(told(size({ t: 900, jobs: 0 }, 1), earlier, limits)).toEqual(['rows t 1000>900']);
		expect(told(size({ t: 901, jobs: 0 }, 0), earlier, limits)).toEqual(['size  1000>0']);
	});
});
