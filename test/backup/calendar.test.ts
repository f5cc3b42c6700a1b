import { describe, expect, it } from 'vitest';
import { SPANS, spanOf } from '../../lib/backup/calendar';
import { DAY_MS } from '../support/backup-facts';

const spansOf = (at: string) => SPANS.map((span) => spanOf(span, new Date(at)));

describe('the spans of a moment', () => {
	it.each([
		['2026-11-20T02:00:00Z', '2026-11-20', '2026-W47', '2026-11', '2026'],
		['2026-01-01T00:00:00Z', '2026-01-01', '2026-W01', '2026-01', '2026'],
		// Weeks are of the year of their Thursday.
		['2021-01-03T23:59:59.999Z', '2021-01-03', '2020-W53', '2021-01', '2021'],
		['2021-01-04T00:00:00Z', '2021-01-04', '2021-W01', '2021-01', '2021'],
		['2024-12-30T12:00:00Z', '2024-12-30', '2025-W01', '2024-12', '2024'],
		['2027-01-01T12:00:00Z', '2027-01-01', '2026-W53', '2027-01', '2027'],
		['2028-01-01T12:00:00Z', '2028-01-01', '2027-W52', '2028-01', '2028'],
		// A leap day, and a leap year's end.
		['2028-02-29T23:59:59Z', '2028-02-29', '2028-W09', '2028-02', '2028'],
		['2028-12-31T02:00:00Z', '2028-12-31', '2028-W52', '2028-12', '2028'],
		['2029-12-31T02:00:00Z', '2029-12-31', '2030-W01', '2029-12', '2029'],
	])('%s', (at, ...spans) => {
		expect(spansOf(at)).toEqual(spans);
	});

	it('follow one another: a week begins on each Monday of forty years, and no name comes twice', () => {
		let before = spansOf('2000-01-01T02:00:00Z');
		for (let at = Date.parse('2000-01-02T02:00:00Z'); at < Date.parse('2040-01-01'); at += DAY_MS) {
			const now = spansOf(new Date(at).toISOString());
			const date = new Date(at);
			const begins = [
				true,
				date.getUTCDay() === 1,
				date.getUTCDate() === 1,
				date.getUTCMonth() + date.getUTCDate() === 1,
			];
			expect(now.map((name, nth) => name > (before[nth] as string))).toEqual(begins);
			before = now;
		}
	});
});
