import { expect, it } from 'vitest';
import { ageWords, dayWords, momentWords, spanWords } from '../../lib/status/words';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

it.each([
	[0, 'less than a minute'],
	[59 * SECOND, 'less than a minute'],
	[MINUTE, '1 minute'],
	[59 * MINUTE + 59 * SECOND, '59 minutes'],
	[HOUR, '1 hour'],
	[7 * HOUR + 59 * MINUTE, '7 hours'],
	[2 * DAY - 1, '47 hours'],
	[2 * DAY, '2 days'],
	[400 * DAY, '400 days'],
])('an age of %i ms is never said to be more than it is: %s', (ms, words) => {
	expect(ageWords(ms)).toBe(words);
});

it.each([
	[0, '1 second'],
	[351, '1 second'],
	[19_001, '20 seconds'],
	[90 * SECOND, '90 seconds'],
	[91 * SECOND, '2 minutes'],
	[111_500, '2 minutes'],
	[90 * MINUTE, '90 minutes'],
	[91 * MINUTE, '2 hours'],
])('a recovery of %i ms is never said to take less: %s', (ms, words) => {
	expect(spanWords(ms)).toBe(words);
});

it('names the day of a moment, and its year, only where they are others', () => {
	const now = new Date('2026-01-02T09:00:00Z');
	expect(momentWords(new Date('2026-01-02T02:00:59Z'), now)).toBe('02:00 UTC');
	expect(momentWords(new Date('2026-01-01T23:59:59Z'), now)).toBe('23:59 UTC on 1 January');
	expect(momentWords(new Date('2025-12-31T02:00:00Z'), now)).toBe('02:00 UTC on 31 December 2025');
	expect(dayWords(new Date('2026-11-20T02:00:00Z'), now)).toBe('20 November');
});
