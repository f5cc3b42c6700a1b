import type { BackupFacts } from '../../lib/backup/facts';
import { planRetention, type RetentionPlan } from '../../lib/backup/retention';
import type { Retention } from '../../lib/backup/retention-rules';

export const DEFAULT: Retention = { daily: 7, weekly: 5, monthly: 12, yearly: 7 };
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** The facts about a nightly backup of a moment, restored, as far as `more` does not say otherwise. */
export function backupOf(createdAt: Date | string, more: Partial<BackupFacts> = {}): BackupFacts {
	const at = new Date(createdAt);
	const id = more.id ?? `backup-${at.toISOString().replace(/[-:]|\.\d+/g, '')}-0000`;
	return {
		id,
		createdAt: at,
		proof: 'restored',
		isScheduled: true,
		label: null,
		isPartial: false,
		data: [`${id}.ndjson.gz`],
		beside: [],
		heldFor: null,
		lockedUntil: null,
		storedAt: null,
		...more,
	};
}

/** One made by hand. */
export function byHand(createdAt: Date | string, more: Partial<BackupFacts> = {}): BackupFacts {
	return backupOf(createdAt, { isScheduled: false, ...more });
}

/** Nightly backups, one a day at the time of `first`, until `last` at the most. */
export function nightly(first: string, last: string): BackupFacts[] {
	const all: BackupFacts[] = [];
	for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) all.push(backupOf(new Date(at)));
	return all;
}

export interface PlanOptions {
	readonly retention?: Retention | null;
	readonly allowLarge?: boolean;
}

/** The plan for a moment, by default that of the newest backup, five minutes later, with large ones allowed. */
export function planAt(backups: readonly BackupFacts[], now?: Date | string, options: PlanOptions = {}): RetentionPlan {
	const newest = Math.max(...backups.map(({ createdAt }) => createdAt.getTime()));
	const { retention = DEFAULT, allowLarge = true } = options;
	return planRetention(backups, { retention, now: new Date(now ?? newest + 300_000), allowLarge });
}

/** The backups that a plan keeps, newest first. */
export function keptBy({ verdicts }: RetentionPlan): BackupFacts[] {
	return verdicts.filter(({ keep }) => keep).map(({ backup }) => backup);
}

/** The days of some backups. */
export function daysOf(backups: readonly BackupFacts[]): string[] {
	return backups.map(({ createdAt }) => createdAt.toISOString().slice(0, 10));
}

/** Each backup's id, `+` or `-`, and its reasons, in a line each. */
export function linesOf({ verdicts }: RetentionPlan): string[] {
	return verdicts.map(({ backup, keep, reasons }) => {
		const words = reasons.map(({ rule, detail }) => (detail === null ? rule : `${rule} ${detail}`));
		return `${keep ? '+' : '-'} ${backup.createdAt.toISOString().slice(0, 16)} ${words.join(', ')}`;
	});
}
