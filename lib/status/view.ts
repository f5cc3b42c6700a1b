/**
 * What the status page shows, computed: plain facts that a page only has to lay out. Times are ISO 8601 in UTC, days
 * `YYYY-MM-DD` in UTC, sizes bytes, durations ms. No row data, nothing secret.
 */

/** How something stands, from best to worst; `unknown`: nothing can be told yet. Always shown as a word, never as a colour alone. */
export type Standing = 'good' | 'warning' | 'bad' | 'unknown';

/** The one sentence at the top. */
export interface Verdict {
	readonly standing: Standing;
	/** One word for the standing: `Recoverable`, `At risk`, `Not recoverable`, `Not set up` … */
	readonly word: string;
	/** "Last proven backup 7 hours ago: you can recover to 02:00 UTC, in about 2 minutes." Or what is wrong. */
	readonly sentence: string;
	/** Since when it is wrong; null: it is not, or nobody knows. */
	readonly since: string | null;
	/** What to do; null: nothing. */
	readonly action: string | null;
	/** The section of the runbook that goes on from here; null: none is needed. */
	readonly runbook: RunbookLink | null;
	/** Further things that are wrong, less so than the sentence: each with what to do. */
	readonly also: readonly Finding[];
}

export interface Finding {
	readonly standing: Standing;
	readonly sentence: string;
	readonly action: string | null;
	readonly runbook: RunbookLink | null;
}

export interface RunbookLink {
	/** The heading of the section. */
	readonly title: string;
	/** An absolute address, by `STATUS_RUNBOOK_URL`; null: it is not set, and `path` says where the section is. */
	readonly url: string | null;
	/** `docs/runbook.md#backups-stopped`. */
	readonly path: string;
}

/** `proven`: restored and compared. `read`: read back only. `unproven`: neither. `failed`: attempted, and none was made. */
export type DayStanding = 'proven' | 'read' | 'unproven' | 'failed' | 'missed' | 'before' | 'pending';

/** One day of the calendar. `before`: older than the first backup, or than what is known. `pending`: today, and its backup is not yet due. */
export interface CalendarDay {
	readonly day: string;
	readonly standing: DayStanding;
	/** Backups of that day that are there, oldest first. */
	readonly ids: readonly string[];
	/** It had a backup, which retention has removed since. */
	readonly isRemoved: boolean;
	/** The code of the error that the day's last failed run ended with; null: none is known. */
	readonly code: string | null;
}

/** A backup in a row of a list or a point of a plot. */
export interface BackupPoint {
	readonly id: string;
	readonly createdAt: string;
	readonly durationMs: number;
	readonly proofMs: number;
	readonly proof: 'restored' | 'read' | 'none';
	readonly trigger: 'cron' | 'http' | 'cli';
	/** The scheduled day; null: made by hand. */
	readonly day: string | null;
	readonly label: string | null;
	/** It has the rows of some tables only. */
	readonly isPartial: boolean;
	readonly isSealed: boolean;
	readonly tables: number;
	readonly rows: number;
	/** As stored. */
	readonly bytes: number;
	/** Before compression. */
	readonly plainBytes: number;
	readonly omittedRows: number;
	/** Its data is in the store still; false: retention has removed it, and only this summary tells of it. */
	readonly isThere: boolean;
	/** Why it is held; null: it is not. */
	readonly heldFor: string | null;
}

/** The rows of a table in the newest backup, and in the whole one before. */
export interface TableChange {
	readonly name: string;
	/** Null: the table is gone. */
	readonly rows: number | null;
	/** Null: the table is new, or there is no backup before. */
	readonly rowsBefore: number | null;
	/** `rows` less `rowsBefore`; null: either is. */
	readonly change: number | null;
	/** Of encoded rows. */
	readonly bytes: number | null;
	/** It lost rows: it stands out. `gone`: the whole table. */
	readonly mark: 'same' | 'grew' | 'shrank' | 'emptied' | 'gone' | 'new';
}

export interface DrillPoint {
	readonly id: string;
	readonly at: string;
	readonly trigger: 'cron' | 'http' | 'cli';
	/** The id or the file of the backup; null: none was found. */
	readonly backup: string | null;
	readonly isPassed: boolean;
	readonly code: string | null;
	readonly recoveryMs: number | null;
	readonly recoveryLimitMs: number;
	readonly pointMs: number | null;
	/** Null: not judged. */
	readonly pointLimitMs: number | null;
	readonly steps: readonly { readonly name: string; readonly durationMs: number }[];
}

/** A store, and how far the backups in it are. The first is the primary one. */
export interface StoreStanding {
	readonly name: string;
	/** For people: `Vercel Blob`, a bucket, a folder. */
	readonly where: string;
	readonly standing: Standing;
	readonly newestId: string | null;
	readonly newestAt: string | null;
	/** Of the backups that are in the first store, how many this one lacks; null: nobody knows. */
	readonly missing: number | null;
	/** With what asking it failed. */
	readonly error: string | null;
}

/** What the rules do next. */
export interface RetentionView {
	/** `7d 5w 12m 7y`, or `all`. */
	readonly rule: string;
	/** Backups that are there, newest first, and why each is kept or removed once the next run has made its backup. */
	readonly verdicts: readonly {
		readonly id: string;
		readonly createdAt: string;
		readonly keep: boolean;
		/** In words: `newest of 2026-11-20`, `held: audit`. At least one. */
		readonly reasons: readonly string[];
	}[];
	/** The code and sentence of what hinders removing; null: nothing does. */
	readonly refusal: { readonly code: string; readonly sentence: string } | null;
}

/** One line of the configuration in force. */
export interface Setting {
	readonly variable: string;
	/** What is in force, for people; of a secret only `set`. Null: not set, and `fallback` says what holds. */
	readonly value: string | null;
	readonly fallback: string | null;
	readonly isSecret: boolean;
}

/** How old what the page shows is. */
export interface Freshness {
	/** When the store was asked. */
	readonly readAt: string;
	/** When the summary that the nightly job keeps was written; null: there was none. */
	readonly summaryAt: string | null;
	/** `kept`: the summary was there and agreed with the list of manifests. `mended`: some manifests were read anew. `rebuilt`: all were. */
	readonly summary: 'kept' | 'mended' | 'rebuilt';
	/** Manifests that could not be read, by id and code. */
	readonly unreadable: readonly { readonly id: string; readonly code: string }[];
}

export interface StatusView {
	readonly kind: 'status';
	/** `BACKUP_NAME`. */
	readonly database: string;
	readonly verdict: Verdict;
	readonly freshness: Freshness;
	/** When the schedule calls next. */
	readonly nextRunAt: string;
	/** 371 days at most (53 weeks), oldest first, today the last. Empty: there is no backup yet. */
	readonly calendar: readonly CalendarDay[];
	/** Of the last year, newest first. Empty: there is no backup yet. */
	readonly backups: readonly BackupPoint[];
	/** Those that changed most first; then by name. Null: there is no backup yet. */
	readonly tables: {
		readonly id: string;
		readonly beforeId: string | null;
		readonly rows: readonly TableChange[];
	} | null;
	/** Newest first. */
	readonly drills: readonly DrillPoint[];
	readonly targets: { readonly rtoMs: number; readonly rpoMs: number };
	readonly stores: readonly StoreStanding[];
	readonly retention: RetentionView;
	readonly holds: readonly { readonly id: string; readonly reason: string; readonly at: string | null }[];
	/** How the last message to each alert channel went; `error` null: it was taken. */
	readonly channels: readonly { readonly name: string; readonly at: string | null; readonly error: string | null }[];
	readonly configuration: readonly Setting[];
}

/** The configuration does not let the page ask anything. */
export interface MisconfiguredView {
	readonly kind: 'misconfigured';
	readonly verdict: Verdict;
	/** By variable, never by value. */
	readonly problems: readonly { readonly variable: string; readonly message: string }[];
	readonly configuration: readonly Setting[];
}

/** The store could not be asked. */
export interface UnreachableView {
	readonly kind: 'unreachable';
	readonly database: string;
	readonly verdict: Verdict;
	readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
	readonly readAt: string;
	readonly configuration: readonly Setting[];
}

export type PageView = StatusView | MisconfiguredView | UnreachableView;

/** A backup's own page. */
export interface BackupView {
	readonly kind: 'backup';
	readonly point: BackupPoint;
	readonly readAt: string;
	readonly source: { readonly engine: string; readonly version: string; readonly location: string };
	/** How the rows were read: `storage`, `pages`, `rows`; null: not told. */
	readonly reading: string | null;
	readonly object: {
		readonly name: string;
		readonly bytes: number;
		readonly sha256: string;
		readonly compression: string;
		readonly recipients: readonly string[];
	};
	readonly digest: string;
	readonly tables: readonly {
		readonly name: string;
		readonly rows: number;
		readonly bytes: number;
		readonly omitted: number;
		readonly sha256: string;
	}[];
	/** Null: all tables have their rows in it. */
	readonly only: readonly string[] | null;
	readonly proof: {
		readonly kind: 'restored' | 'read' | 'none';
		readonly of: 'stored' | 'stream';
		readonly at: string;
		readonly durationMs: number;
		readonly notes: readonly string[];
	};
	/** Rows that the backup lacks, by table and reason; never which: a key may be somebody's name. */
	readonly omissions: readonly { readonly table: string; readonly rows: number; readonly reason: string }[];
	readonly keys: readonly { readonly name: string; readonly isSet: boolean }[];
	readonly media: { readonly name: string; readonly rows: number } | null;
	readonly coverage: {
		readonly inBackup: readonly string[];
		readonly notInBackup: readonly { readonly what: string; readonly where: string }[];
	} | null;
	/** Of every store, whether the backup is in it; null: it could not be asked. */
	readonly copies: readonly { readonly name: string; readonly where: string; readonly isThere: boolean | null }[];
	readonly hold: { readonly reason: string; readonly at: string | null } | null;
	/** The exact commands, in order: look first, then restore. */
	readonly commands: readonly { readonly says: string; readonly command: string }[];
}

/** There is no such backup, or its manifest cannot be read. */
export interface NoBackupView {
	readonly kind: 'no-backup';
	readonly id: string;
	readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}
