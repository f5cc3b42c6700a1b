import type { DrillReport } from '../backup/drill-report';
import type { BackupFacts } from '../backup/facts';
import type { FailedRun } from '../backup/history';
import type { LostRun } from '../backup/lease';
import type { Manifest } from '../backup/manifest';
import type { Retention } from '../backup/retention-rules';
import type { ShrinkLimits } from '../backup/shrink';
import type { BackupPoint, Freshness, Setting, StatusView } from './view';

/** How much the newest of something may be behind, and what counts as a loss. */
export interface Limits extends ShrinkLimits {
	readonly maxAgeHours: number;
	readonly drillMaxAgeDays: number;
	readonly copyMaxAgeHours: number;
}

/** What a store was asked. */
export interface StoreFacts {
	readonly name: string;
	/** For people. */
	readonly where: string;
	readonly newestId: string | null;
	/** Of the backups in the first store; null: nobody knows. */
	readonly missing: number | null;
	/** The code of what asking it failed with. */
	readonly error: string | null;
}

/** All that a status view is made of: what was read, and what is configured. */
export interface StatusFacts {
	readonly now: Date;
	readonly database: string;
	readonly freshness: Omit<Freshness, 'unreadable'>;
	/** Every backup that is known, newest first; also those that were removed since. */
	readonly points: readonly BackupPoint[];
	/** Backups that are there, and of which nobody knows more; by the code that says why. */
	readonly unreadable: Freshness['unreadable'];
	/** Of what is there, for the rules. */
	readonly kept: readonly BackupFacts[];
	readonly failures: readonly FailedRun[];
	/** Claims that of a day it is known even that no backup was made. */
	readonly isKnownDay: (day: string) => boolean;
	/** Of the newest proven backup that is whole and there. */
	readonly good: Manifest | null;
	/** Of the two newest whole ones that are there, the newest first. */
	readonly whole: readonly Manifest[];
	/** The run that was killed and left no backup. */
	readonly lostRun: LostRun | null;
	/** Newest first. */
	readonly drills: readonly DrillReport[];
	/** How long a recovery takes; null: no drill tells. */
	readonly recoveryMs: number | null;
	/** The further ones. */
	readonly copies: readonly StoreFacts[];
	/** The first one. */
	readonly store: Pick<StoreFacts, 'name' | 'where'>;
	/** What of the store could not be read beside the backups, and with what code. */
	readonly unread: readonly { readonly what: string; readonly code: string }[];
	readonly holds: StatusView['holds'];
	readonly channels: StatusView['channels'];
	/** Somebody is told of failures: by an alert, or by a heartbeat that fails to come. */
	readonly isTold: boolean;
	/** Variables without which no scheduled backup can be made, and that are not set. */
	readonly unset: readonly string[];
	/** Null: all are kept. */
	readonly retention: Retention | null;
	readonly targets: StatusView['targets'];
	readonly limits: Limits;
	readonly configuration: readonly Setting[];
	readonly runbookUrl: string | null;
}
