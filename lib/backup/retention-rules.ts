import { SPANS, type Span, spanOf } from './calendar';
import { type BackupFacts, byNewest, isGood, kindOf } from './facts';

/** Of how many days, weeks, months and years, of those that have a backup, one is kept: the newest scheduled one, or the newest. */
export type Retention = Readonly<Record<Span, number>>;

/** Why a backup is kept, or is not. `docs/retention.md` says what each means. */
export interface Reason {
	readonly rule: KeepRule | RemoveRule;
	/** The day, week, month or year; the kind; until when; for what. */
	readonly detail: string | null;
}

export type KeepRule =
	| Span
	| 'all'
	| 'newest'
	| 'newest-restored'
	| 'last'
	| 'recent'
	| 'held'
	| 'locked'
	| 'future'
	| 'data-missing'
	| 'backups-stopped'
	| 'clock-wrong';
export type RemoveRule = 'superseded' | 'unproven' | 'partial' | 'data-gone';

const DAY_MS = 86_400_000;
/** Clocks may differ by this much, in ms: what is dated later than that is of the future. */
export const CLOCKS_MS = 3_600_000;
/** Days that a backup with a label is kept at the least. */
const LABELLED_DAYS = 35;
/** Days that one made by hand is kept at the least, and one that counts towards no rule. */
const OTHER_DAYS = 7;

/** Claims that a backup may stand for its day, and for all others: it is good, and not dated in the future. */
export function isCounted(backup: BackupFacts, now: Date): boolean {
	return isGood(backup) && !isOfFuture(backup, now);
}

/**
 * Every reason to keep each of some backups, by the clock; none for one that is not needed. One good one of each span
 * stands for it, so that the answer for tomorrow is the same whether or not today's has been carried out.
 *
 * @param retention null: all are kept
 */
export function reasonsToKeep(
	backups: readonly BackupFacts[],
	retention: Retention | null,
	now: Date,
): Map<BackupFacts, Reason[]> {
	const reasons = new Map(backups.map((backup) => [backup, reasonsByItself(backup, retention, now)]));
	const keep = (backup: BackupFacts | undefined, rule: KeepRule, detail: string | null = null) => {
		if (backup) reasons.get(backup)?.push({ rule, detail });
	};
	const counted = backups.filter((backup) => isCounted(backup, now)).sort(byNewest);
	for (const span of SPANS)
		for (const [name, backup] of newestOfEach(counted, (one) => spanOf(span, one.createdAt), retention?.[span] ?? 0))
			keep(backup, span, name);
	keep(counted[0], 'newest');
	const restored = counted.find(({ proof }) => proof === 'restored');
	if (restored !== counted[0]) keep(restored, 'newest-restored');
	for (const [kind, backup] of newestOfEach(counted, kindOf)) keep(backup, 'last', kind);
	return reasons;
}

/** The reasons that no other backup has a part in. */
function reasonsByItself(backup: BackupFacts, retention: Retention | null, now: Date): Reason[] {
	const { heldFor, lockedUntil, label } = backup;
	const reasons: Reason[] = [];
	if (retention === null) reasons.push({ rule: 'all', detail: null });
	if (heldFor !== null) reasons.push({ rule: 'held', detail: heldFor });
	if (lockedUntil !== null && lockedUntil > now) reasons.push({ rule: 'locked', detail: lockedUntil.toISOString() });
	const days = label !== null ? LABELLED_DAYS : backup.isScheduled && isGood(backup) ? 0 : OTHER_DAYS;
	const isRecent = now.getTime() - backup.createdAt.getTime() < days * DAY_MS;
	if (isOfFuture(backup, now)) reasons.push({ rule: 'future', detail: null });
	else if (isRecent) reasons.push({ rule: 'recent', detail: `${days} days` });
	return reasons;
}

function isOfFuture({ createdAt }: BackupFacts, now: Date): boolean {
	return createdAt.getTime() > now.getTime() + CLOCKS_MS;
}

/**
 * The newest of each name, of the `most` names that sort last; a scheduled one before any other, as those have a time of
 * their own: what is made by hand after an accident must not stand for the day in place of the backup from before it.
 */
function newestOfEach(
	newestFirst: readonly BackupFacts[],
	nameOf: (backup: BackupFacts) => string,
	most = Number.POSITIVE_INFINITY,
): [string, BackupFacts][] {
	const first = new Map<string, BackupFacts>();
	for (const backup of newestFirst) {
		const name = nameOf(backup);
		const found = first.get(name);
		if (!found || (backup.isScheduled && !found.isScheduled)) first.set(name, backup);
	}
	// Newest first, and by its own time: the names come in order.
	return [...first].slice(0, most);
}
