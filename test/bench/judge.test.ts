import { expect, it } from 'vitest';
import type { Sample } from './contestant';
import { CONTESTANTS } from './contestants';
import { judge, median } from './judge';
import { MEASURES, type Measure } from './measures';

const sample = (seconds: number, peakMb: number | null = null, answered = 0): Sample => ({
	seconds,
	cpuSeconds: null,
	peakMb,
	wire: { asked: 0, answered, requests: 1 },
});

function judged(figure: Measure['figure'], bar: number, isQuick = false) {
	const samples = new Map([
		['restore-sqld', [sample(2, 150, 25_000_000), sample(3, 170, 50_000_000), sample(90, 160, 25_000_000)]],
		['row-by-row', [sample(1, 100)]],
	]);
	const measure = { id: 'm', title: 'm', ours: 'restore-sqld', peer: 'row-by-row', figure, bar };
	const { value, isMet } = judge(measure, samples, isQuick);
	return { value, isMet };
}

it('judges medians, a part of the data scaled up, and the highest peak', () => {
	expect(judged('ratio', 0.3)).toEqual({ value: 0.3, isMet: true });
	expect(judged('ratio', 0.29).isMet).toBe(false);
	expect(judged('faster', 3.4).isMet).toBe(false);
	expect(judged('faster', 3.3).isMet).toBe(true);
	expect(judged('wire', 2)).toEqual({ value: 2, isMet: true });
	expect(judged('seconds', 2.9)).toEqual({ value: 3, isMet: false });
	expect(judged('peak', 169)).toEqual({ value: 170, isMet: false });
	expect(judged('growth', 1.7)).toEqual({ value: 1.7, isMet: true });
});

it('judges a quick run by twice the bar', () => {
	expect(judged('ratio', 0.15, true).isMet).toBe(true);
	expect(judged('faster', 6.6, true).isMet).toBe(true);
	expect(judged('faster', 6.7, true).isMet).toBe(false);
	expect(judged('growth', 1.36, true).isMet).toBe(true);
	expect(judged('growth', 1.34, true).isMet).toBe(false);
});

it('takes the mean of the two in the middle', () => {
	expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

it('has measures of contestants that there are', () => {
	const ids = CONTESTANTS.map(({ id }) => id);
	expect(ids).toEqual(expect.arrayContaining(MEASURES.flatMap(({ ours, peer = ours }) => [ours, peer])));
	expect(new Set(ids).size).toBe(ids.length);
});
