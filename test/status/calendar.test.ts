import { describe, expect, it } from 'vitest';
import { CALENDAR_DAYS, type CalendarFacts, calendarOf } from '../../lib/status/calendar';
import type { BackupPoint, CalendarDay } from '../../lib/status/view';
import { pointOf } from '../support/status-facts';
import { yearOf } from '../support/year-of-backups';

const NOW = '2026-11-20T09:00:00.000Z';
const { manifests } = yearOf({ now: NOW, nights: 30 });
const night = (ago: number, more: Partial<BackupPoint> = {}) =>
	pointOf(manifests[manifests.length - 1 - ago] as (typeof manifests)[number], more);
const NIGHTS = [5, 4, 3, 2, 1, 0];

function daysOf(points: readonly BackupPoint[], more: Partial<CalendarFacts> = {}): CalendarDay[] {
	const facts = { now: new Date(NOW), unreadable: [], failures: [], killedOn: null, isKnownDay: () => true };
	return calendarOf({ ...facts, points, ...more });
}

/** Of the last days, oldest first. */
const standings = (days: readonly CalendarDay[], count: number) => days.slice(-count).map(({ standing }) => standing);

describe('the calendar', () => {
	it('has 53 weeks of days, today the last, and none while there is no backup', () => {
		const days = daysOf([night(0)]);
		expect(days).toHaveLength(CALENDAR_DAYS);
		expect([days[0]?.day, days.at(-1)?.day]).toEqual(['2025-11-15', '2026-11-20']);
		expect(new Set(days.map(({ day }) => day)).size).toBe(CALENDAR_DAYS);
		expect(daysOf([])).toEqual([]);
	});

	it('shows the best of each day, and a gap as missed; what is older than the first as before', () => {
		const points = [
			night(5),
			night(4, { proof: 'read' }),
			night(3, { proof: 'none' }),
			night(1, { proof: 'none' }),
			night(1, { id: 'backup-20261119T120000Z-ffff', createdAt: '2026-11-19T12:00:00.000Z', day: null }),
			night(0),
		];
		expect(standings(daysOf(points), 7)).toEqual([
			'before',
			'proven',
			'read',
			'unproven',
			'missed',
			'proven',
			'proven',
		]);
	});

	it('tells failed from missed, by what was noted, and keeps the code of a day that was made good', () => {
		const failures = [
			{ day: '2026-11-18', at: '2026-11-18T02:00:00.000Z', code: 'DATABASE_REFUSED' },
			{ day: '2026-11-19', at: '2026-11-19T02:00:00.000Z', code: 'STORE_FULL' },
		];
		const days = daysOf([night(5), night(1)], { failures, killedOn: '2026-11-17' });
		expect(standings(days, 6)).toEqual(['proven', 'missed', 'failed', 'failed', 'proven', 'missed']);
		expect(days.slice(-4).map(({ code }) => code)).toEqual([null, 'DATABASE_REFUSED', 'STORE_FULL', null]);
	});

	it.each([
		['2026-11-20T00:00:00.000Z', 'pending'],
		['2026-11-20T02:59:59.999Z', 'pending'],
		['2026-11-20T03:00:00.000Z', 'missed'],
	])('waits for the backup of today until an hour after its time: at %s it is %s', (now, standing) => {
		expect(daysOf([night(1)], { now: new Date(now) }).at(-1)?.standing).toBe(standing);
	});

	it('shows a day whose backup was removed as made', () => {
		const points = NIGHTS.map((ago) => night(ago, { isThere: ago < 2 }));
		const days = daysOf(points);
		expect(standings(days, 6)).toEqual(Array(6).fill('proven'));
		expect(days.slice(-6).map(({ isRemoved }) => isRemoved)).toEqual([true, true, true, true, false, false]);
		expect(days.slice(-6).map(({ ids }) => ids.length)).toEqual([0, 0, 0, 0, 1, 1]);
	});

	it('says of no day that it was missed where that is not known', () => {
		const days = daysOf([night(5), night(0)], { isKnownDay: (day) => day >= '2026-11-18' });
		expect(standings(days, 6)).toEqual(['proven', 'before', 'before', 'missed', 'missed', 'proven']);
	});

	it('does not take a backup of some tables for that of the day, nor one that cannot be read for none', () => {
		const points = [night(2), night(1, { isPartial: true })];
		const id = 'backup-20261120T020000Z-abcd';
		const days = daysOf(points, { unreadable: [id] });
		expect(standings(days, 3)).toEqual(['proven', 'missed', 'unproven']);
		expect(days.at(-1)?.ids).toEqual([id]);
		expect(days.at(-2)).toMatchObject({ isRemoved: false, ids: [night(1).id] });
	});
});
