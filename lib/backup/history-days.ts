import { spanOf } from './calendar';
import type { FailedRun, History, HistoryEntry } from './history';

const DAY_MS = 86_400_000;
/** An entry of a backup that was removed stays so long, in days: a year's calendar tells of it. */
const DAYS_KEPT = 400;

/** What there is, as it was just looked up. */
export interface Present {
	/** Of the backups that are there. */
	readonly entries: readonly HistoryEntry[];
	/** Ids of those that are there, and of which nobody knows more. */
	readonly unreadable: ReadonlySet<string>;
	/** Of those that were there a moment ago. */
	readonly before?: readonly HistoryEntry[];
}

/**
 * Brings a summary up to date with what there is. What was removed stays in it, for a good year.
 *
 * @param daily of how many days a backup is kept by the rules; null: of all
 */
export function upToDate(history: History, present: Present, now: Date, daily: number | null): History {
	const isThere = new Set([...present.entries.map(({ id }) => id), ...present.unreadable]);
	const oldest = now.getTime() - DAYS_KEPT * DAY_MS;
	const gone = new Map<string, HistoryEntry>();
	for (const entry of [...history.entries, ...(present.before ?? [])])
		if (!isThere.has(entry.id) && Date.parse(entry.createdAt) >= oldest) gone.set(entry.id, entry);
	const entries = [...gone.values(), ...present.entries].sort((a, b) => (a.id < b.id ? -1 : 1));
	const failures = history.failures.filter(({ at }) => Date.parse(at) >= oldest);
	return { at: now.toISOString(), since: sinceOf(history, present.entries, now, daily), entries, failures };
}

function sinceOf(
	{ at, since }: History,
	there: readonly HistoryEntry[],
	now: Date,
	daily: number | null,
): string | null {
	const from = knownFrom(there, daily) ?? spanOf('daily', now);
	if (at === null || since === null) return from;
	// Nothing can have come and gone between the last look and what the rules keep whole.
	const isUnbroken = spanOf('daily', new Date(Date.parse(at) + DAY_MS)) >= from;
	return isUnbroken && since < from ? since : from;
}

/**
 * The day from which on a day without a backup is one on which none was made, by what is there: the rules remove no day's
 * last backup of so many days that have one. Null: that cannot be told of any day.
 */
export function knownFrom(there: readonly HistoryEntry[], daily: number | null): string | null {
	const good = there.filter(({ proof, isPartial }) => proof !== 'none' && !isPartial);
	const days = [...new Set(good.map(({ createdAt }) => spanOf('daily', new Date(createdAt))))].sort();
	if (daily === 0) return null;
	return (daily === null || days.length <= daily ? days[0] : days[days.length - daily]) ?? null;
}

/** Claims that a summary, with what is there, tells of a day even that no backup was made. */
export function isKnownDay(day: string, { at, since }: History, there: readonly HistoryEntry[], daily: number | null) {
	const from = knownFrom(there, daily);
	if (from !== null && day >= from) return true;
	return at !== null && since !== null && day >= since && day <= at.slice(0, 10);
}

/** Notes that the run of a day failed: the last one counts. */
export function withFailure(history: History, failure: FailedRun): History {
	const others = history.failures.filter(({ day }) => day !== failure.day);
	return { ...history, failures: [...others, failure].sort((a, b) => (a.day < b.day ? -1 : 1)) };
}
