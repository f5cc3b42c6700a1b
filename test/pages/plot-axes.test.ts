import { describe, expect, it } from 'vitest';
import { ladderAxis, linearAxis, PLOT, timeAxis } from '../../app/_view/plot-axes';
import { splitAtPauses } from '../../app/_view/plot-runs';

const labels = ({ ticks }: { readonly ticks: readonly { readonly label: string }[] }) =>
	ticks.map(({ label }) => label);
const DAY_MS = 86_400_000;
const at = (day: string) => Date.parse(day);

describe('an axis of values', () => {
	it.each([
		[[0], 'bytes', ['0.0 B', '0.2 B', '0.4 B', '0.6 B', '0.8 B', '1.0 B']],
		[[12_000_000, 18_300_000], 'bytes', ['0 MB', '5 MB', '10 MB', '15 MB', '20 MB']],
		[[950], 'bytes', ['0 B', '200 B', '400 B', '600 B', '800 B', '1,000 B']],
		[[21_000, 26_000], 'duration', ['0 s', '10 s', '20 s', '30 s']],
		[[600_000], 'duration', ['0 min', '2 min', '4 min', '6 min', '8 min', '10 min']],
	] as const)('of %j %s has round steps from zero', (values, quantity, expected) => {
		expect(labels(linearAxis(values, quantity))).toEqual(expected);
	});

	it('goes from the bottom to the top, and puts a value where it belongs', () => {
		const axis = linearAxis([10_000_000], 'bytes');
		expect([0, 5_000_000, 10_000_000].map(axis.place)).toEqual([PLOT.bottom, (PLOT.bottom + PLOT.top) / 2, PLOT.top]);
	});

	it('leaves a few values far above the rest off, and no growth', () => {
		const usual = Array.from({ length: 40 }, (_, index) => 1_000 + index);
		const { cap, place } = linearAxis([...usual, 90_000], 'duration');
		expect(cap).toBeLessThan(5_000);
		expect(place(90_000)).toBe(PLOT.top);
		expect(
			linearAxis(
				Array.from({ length: 40 }, (_, index) => 1_000 * (index + 1)),
				'duration',
			).cap,
		).toBeNull();
		expect(linearAxis([1_000, 90_000], 'duration').cap).toBeNull();
	});
});

describe('an axis of steps', () => {
	it('has room for the least and the most', () => {
		expect(labels(ladderAxis([112_000, 3_600_000]))).toEqual(['1 min', '10 min', '1 h', '10 h']);
		expect(labels(ladderAxis([0]))).toEqual(['1 ms', '10 ms']);
		expect(labels(ladderAxis([60_000]))).toEqual(['1 min', '10 min']);
		const { place } = ladderAxis([0, 1e13]);
		expect([0, 1e13].map(place)).toEqual([PLOT.bottom, PLOT.top]);
	});
});

describe('an axis of time', () => {
	it('names months over a year, days over weeks', () => {
		expect(labels(timeAxis([at('2025-11-15'), at('2026-11-20')]))).toEqual(['2026', 'Apr', 'Jul', 'Oct']);
		expect(labels(timeAxis([at('2026-11-01'), at('2026-11-20')]))).toEqual(['1 Nov', '8 Nov', '15 Nov']);
	});

	it('has room for one moment and for two, in order', () => {
		const one = timeAxis([at('2026-11-20')]);
		expect(one.place(at('2026-11-20'))).toBe(50);
		expect(labels(one)).toEqual(['20 Nov']);
		const two = timeAxis([at('2026-11-19'), at('2026-11-20')]);
		expect([at('2026-11-19'), at('2026-11-20')].map(two.place)).toEqual([2, 98]);
		expect(labels(two)).toEqual(['19 Nov', '20 Nov']);
	});

	it('keeps labels apart, whatever the span', () => {
		for (let days = 1; days < 1200; days = Math.ceil(days * 1.13)) {
			const { ticks } = timeAxis([at('2026-11-20') - days * DAY_MS, at('2026-11-20')]);
			expect(ticks.length).toBeGreaterThan(0);
			ticks.slice(1).forEach((tick, index) => {
				expect(tick.at - (ticks[index]?.at ?? 0)).toBeGreaterThan(9);
				expect(tick.label).not.toBe(ticks[index]?.label);
			});
		}
	});
});

describe('a line', () => {
	const days = (...ago: number[]) => ago.map((index) => ({ atMs: index * DAY_MS }));

	it.each([
		[[], []],
		[[1], [1]],
		[[1, 2, 3], [3]],
		[
			[1, 2, 3, 20, 21],
			[3, 2],
		],
		[[1, 8, 15, 22], [4]],
		[[1, 2, 3, 5], [4]],
	])('through days %j has runs of %j', (given, lengths) => {
		expect(splitAtPauses(days(...given)).map(({ length }) => length)).toEqual(lengths);
	});
});
