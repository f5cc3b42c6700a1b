import type { FailedRun } from '../backup/history';
import { isDue } from './schedule';
import type { BackupPoint, CalendarDay, DayStanding } from './view';

/** 53 weeks. */
export const CALENDAR_DAYS = 371;
const DAY_MS = 86_400_000;

export interface CalendarFacts {
	readonly now: Date;
	readonly points: readonly BackupPoint[];
	/** Ids of backups that are there, and of which nobody knows more. */
	readonly unreadable: readonly string[];
	readonly failures: readonly FailedRun[];
	/** The day of a run that was killed; null: none was. */
	readonly killedOn: string | null;
	readonly isKnownDay: (day: string) => boolean;
}

/** What became of each day of the last 53 weeks, oldest first, today the last. Empty while there has been no backup. */
export function calendarOf({ now, points, unreadable, failures, killedOn, isKnownDay }: CalendarFacts): CalendarDay[] {
	const byDay = byDayOf(points, dayOf);
	const unknown = byDayOf(unreadable, dayOfId);
	const codes = new Map(failures.map(({ day, code }) => [day, code]));
	const first = [...byDay.keys(), ...unknown.keys()].sort()[0];
	if (first === undefined) return [];
	const today = now.toISOString().slice(0, 10);
	const standingOf = (day: string): DayStanding => {
		const made = bestOf(byDay.get(day) ?? [], unknown.has(day));
		if (made !== null) return made;
		if (codes.has(day) || day === killedOn) return 'failed';
		if (day === today && !isDue(day, now)) return 'pending';
		return day < first || !isKnownDay(day) ? 'before' : 'missed';
	};
	return Array.from({ length: CALENDAR_DAYS }, (_, nth) => {
		const day = new Date(Date.parse(today) - (CALENDAR_DAYS - 1 - nth) * DAY_MS).toISOString().slice(0, 10);
		const made = byDay.get(day) ?? [];
		const there = made.filter(({ isThere }) => isThere).map(({ id }) => id);
		const ids = [...there, ...(unknown.get(day) ?? [])].sort();
		return {
			day,
			standing: standingOf(day),
			ids,
			isRemoved: made.length > 0 && ids.length === 0,
			code: codes.get(day) ?? null,
		};
	});
}

/** Null where no backup of all tables was made. */
function bestOf(made: readonly BackupPoint[], hasUnreadable: boolean): DayStanding | null {
	const proofs = made.filter(({ isPartial }) => !isPartial).map(({ proof }) => proof);
	if (proofs.includes('restored')) return 'proven';
	if (proofs.includes('read')) return 'read';
	return proofs.length > 0 || hasUnreadable ? 'unproven' : null;
}

function byDayOf<T>(items: readonly T[], dayOf: (item: T) => string): Map<string, T[]> {
	const days = new Map<string, T[]>();
	for (const item of items) days.set(dayOf(item), [...(days.get(dayOf(item)) ?? []), item]);
	return days;
}

/** The day that it was scheduled for, else that on which it was begun. */
function dayOf({ day, createdAt }: BackupPoint): string {
	return day ?? new Date(createdAt).toISOString().slice(0, 10);
}

function dayOfId(id: string): string {
	return id.replace(/^backup-(\d{4})(\d\d)(\d\d)T.*$/, '$1-$2-$3');
}
