import { LifeboatError } from '../core/errors';
import { type BackupFacts, byNewest } from './facts';
import {
	CLOCKS_MS,
	isCounted,
	type KeepRule,
	type Reason,
	type RemoveRule,
	type Retention,
	reasonsToKeep,
} from './retention-rules';

/** What is to become of one backup. */
export interface Verdict {
	readonly backup: BackupFacts;
	readonly keep: boolean;
	/** At least one. */
	readonly reasons: readonly Reason[];
}

export interface RetentionPlan {
	/** Of every backup, newest first. */
	readonly verdicts: readonly Verdict[];
	/** Why nothing of it may be carried out: `CLOCK_WRONG`, `BACKUPS_STALE` or `PRUNE_TOO_LARGE`; null if it may. */
	readonly refusal: LifeboatError | null;
}

export interface RetentionOptions {
	/** Null: all are kept. */
	readonly retention: Retention | null;
	readonly now: Date;
	/** Let more than half of them go at once. */
	readonly allowLarge: boolean;
}

/**
 * Nothing is removed while the newest good backup is older than this, in ms: a day, and two hours for a schedule that
 * is not to the minute.
 */
const STALE_MS = 26 * 3_600_000;

/**
 * Decides which backups of a store are kept and which removed, and why. Their order is of no matter.
 *
 * One whose data is gone counts towards no rule. If the rules would not keep it anyway, its removal was interrupted, and
 * is to be finished; else its data was lost otherwise, which the manifest that stays tells.
 */
export function planRetention(backups: readonly BackupFacts[], options: RetentionOptions): RetentionPlan {
	const { retention, now } = options;
	const there = backups.filter(({ data }) => data.length > 0);
	const reasons = reasonsToKeep(there, retention, now);
	const wanted = there.length === backups.length ? reasons : reasonsToKeep(backups, retention, now);
	const verdicts = [...backups].sort(byNewest).map((backup): Verdict => {
		const isThere = backup.data.length > 0;
		const found = (isThere ? reasons : wanted).get(backup) ?? [];
		if (found.length === 0) return { backup, keep: false, reasons: [{ rule: removeRuleOf(backup), detail: null }] };
		return { backup, keep: true, reasons: isThere ? found : [{ rule: 'data-missing', detail: null }, ...found] };
	});
	const removed = verdicts.filter(({ keep }) => !keep);
	if (removed.length === 0) return { verdicts, refusal: null };
	const newest = there.filter((backup) => isCounted(backup, now)).sort(byNewest)[0];
	const keepAll = (rule: KeepRule) => verdicts.map((verdict) => keepAnyway(verdict, rule));
	const witness = witnessOfWrongClock(there, now);
	if (witness !== undefined) return { verdicts: keepAll('clock-wrong'), refusal: clockWrong(witness, now) };
	if (newest === undefined || now.getTime() - newest.createdAt.getTime() > STALE_MS)
		return { verdicts: keepAll('backups-stopped'), refusal: stale(newest) };
	const count = removed.filter(({ backup }) => backup.data.length > 0).length;
	const isLarge = count * 2 > there.length && !options.allowLarge;
	return { verdicts, refusal: isLarge ? tooLarge(count, there.length) : null };
}

function removeRuleOf({ data, proof, isPartial }: BackupFacts): RemoveRule {
	if (data.length === 0) return 'data-gone';
	if (proof === 'none') return 'unproven';
	return isPartial ? 'partial' : 'superseded';
}

/**
 * The backup which shows that the clock by which `now` was told is wrong: one that the store got at a time to come; or
 * the newest up to now, if it is dated later than the store got it. A clock that is ahead would end every protection by
 * age before its time, and the backup that was just made by it would hide that.
 */
function witnessOfWrongClock(there: readonly BackupFacts[], now: Date): BackupFacts | undefined {
	const isAhead = (time: Date, of: Date) => time.getTime() - of.getTime() > CLOCKS_MS;
	const newest = there.filter(({ createdAt }) => !isAhead(createdAt, now)).sort(byNewest)[0];
	if (newest?.storedAt && isAhead(newest.createdAt, newest.storedAt)) return newest;
	return there.find(({ storedAt }) => storedAt !== null && isAhead(storedAt, now));
}

function keepAnyway(verdict: Verdict, rule: KeepRule): Verdict {
	return verdict.keep ? verdict : { ...verdict, keep: true, reasons: [{ rule, detail: null }] };
}

function clockWrong({ id, createdAt, storedAt }: BackupFacts, now: Date): LifeboatError {
	const theirs = `the store got ${id}, of ${createdAt.toISOString()}, at ${storedAt?.toISOString()}`;
	return new LifeboatError('CLOCK_WRONG', `a clock is wrong: here it is ${now.toISOString()}, and ${theirs}`, {
		hint: "set this machine's clock right, or the store's; pruning goes on after the next backup",
		data: { id, createdAt: createdAt.toISOString(), storedAt: storedAt?.toISOString() ?? null },
	});
}

function stale(newest: BackupFacts | undefined): LifeboatError {
	const what = newest
		? `the newest proven backup is of ${newest.createdAt.toISOString()}, more than a day old`
		: 'no backup is proven';
	return new LifeboatError('BACKUPS_STALE', `${what}, so none is removed`, {
		hint: 'see why no proven backup is made; pruning goes on after the next one',
		data: { newest: newest?.id ?? null },
	});
}

function tooLarge(removed: number, there: number): LifeboatError {
	return new LifeboatError('PRUNE_TOO_LARGE', `${removed} of ${there} backups would be removed at once`, {
		hint: 'look at the table of `prune-backups`; if that is what you want, say --confirm --allow-large',
		data: { removed, backups: there },
	});
}
