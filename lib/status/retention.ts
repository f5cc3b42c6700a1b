import type { BackupFacts } from '../backup/facts';
import { planRetention } from '../backup/retention';
import type { Reason, Retention } from '../backup/retention-rules';
import type { RetentionView } from './view';

/** A nightly run prunes so long after its call, in ms, more or less. */
const RUN_MS = 300_000;
const LETTERS = [
	['daily', 'd'],
	['weekly', 'w'],
	['monthly', 'm'],
	['yearly', 'y'],
] as const;

export interface RetentionFacts {
	readonly now: Date;
	readonly nextRunAt: Date;
	/** Null: all are kept. */
	readonly retention: Retention | null;
	readonly kept: readonly BackupFacts[];
	/** Ids of backups whose manifests cannot be read: they are left alone. */
	readonly unreadable: readonly string[];
}

/**
 * What the rules keep and remove when the next run has made its backup, which is what they are carried out after. Where
 * something hinders them now, that, and what holds instead.
 */
export function retentionOf({ now, nextRunAt, retention, kept, unreadable }: RetentionFacts): RetentionView {
	const options = { retention, allowLarge: false };
	const current = planRetention(kept, { ...options, now });
	const next = nextBackup(nextRunAt);
	const later = new Date(nextRunAt.getTime() + RUN_MS);
	const plan = current.refusal === null ? planRetention([...kept, next], { ...options, now: later }) : current;
	const verdicts = plan.verdicts
		.filter(({ backup }) => backup !== next)
		.map(({ backup, keep, reasons }) => ({
			id: backup.id,
			createdAt: backup.createdAt.toISOString(),
			keep,
			reasons: reasons.map(reasonWords),
		}));
	const others = unreadable.map((id) => ({
		id,
		createdAt: timeText(id),
		keep: true,
		reasons: ['its manifest cannot be read'],
	}));
	const { refusal } = plan;
	return {
		rule: ruleWords(retention),
		verdicts: [...verdicts, ...others].sort((a, b) => (a.id < b.id ? 1 : -1)),
		refusal: refusal && { code: refusal.code, sentence: refusal.message },
	};
}

/** The backup that the next run makes, if all goes well. */
function nextBackup(at: Date): BackupFacts {
	return {
		id: 'backup-of-the-next-run',
		createdAt: at,
		proof: 'restored',
		isScheduled: true,
		label: null,
		isPartial: false,
		data: ['data'],
		beside: [],
		heldFor: null,
		lockedUntil: null,
		storedAt: null,
	};
}

/** The rules as `BACKUP_RETENTION` has them. */
export function ruleWords(retention: Retention | null): string {
	if (retention === null) return 'all';
	return LETTERS.flatMap(([span, letter]) => (retention[span] > 0 ? `${retention[span]}${letter}` : [])).join(' ');
}

/** Why a backup is kept, or is not, in words that need no table of rules. */
export function reasonWords({ rule, detail }: Reason): string {
	switch (rule) {
		case 'daily':
		case 'monthly':
		case 'yearly':
			return `newest of ${detail}`;
		case 'weekly':
			return `newest of week ${detail}`;
		case 'all':
			return 'the rules remove nothing';
		case 'newest':
			return 'the newest proven';
		case 'newest-restored':
			return 'the newest that was restored';
		case 'last':
			return `the last proven of its kind: ${detail}`;
		case 'recent':
			return `younger than ${detail}`;
		case 'held':
			return `held: ${detail}`;
		case 'locked':
			return `locked by the store until ${detail}`;
		case 'future':
			return 'dated in the future';
		case 'data-missing':
			return 'its data is missing';
		case 'backups-stopped':
			return 'proven backups have stopped';
		case 'clock-wrong':
			return 'a clock is wrong';
		case 'superseded':
			return 'no rule is for it';
		case 'unproven':
			return 'not proven, and its time is over';
		case 'partial':
			return 'has some tables only, and its time is over';
		case 'data-gone':
			return 'its data was removed before';
	}
}

function timeText(id: string): string {
	return id.replace(/^backup-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, '$1-$2-$3T$4:$5:$6.000Z');
}
