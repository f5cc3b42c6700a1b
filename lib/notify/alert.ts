/** What each kind of alert says in its first line, and where the runbook goes on. */
export const ALERT_KINDS = {
	'backup-failed': ['the backup failed', 'backups-stopped'],
	'proof-failed': ['the proof of the backup failed', 'backup-found-damaged'],
	'run-killed': ['the backup run was killed', 'backups-stopped'],
	'backup-overdue': ['the newest backup is too old', 'backups-stopped'],
	'copy-failed': ['copying the backup failed', 'backups-stopped'],
	'backup-shrunk': ['the backup is much smaller than the ones before', 'rows-deleted'],
	'drill-failed': ['the restore drill failed', 'backup-found-damaged'],
	recovered: ['it works again', 'backups-stopped'],
} as const satisfies Record<string, readonly [title: string, section: string]>;

export type AlertKind = keyof typeof ALERT_KINDS;

/** One message for people: plain facts, no secret and no row's content. */
export interface Alert {
	readonly kind: AlertKind;
	/** What the backups of the database are called: `BACKUP_NAME`. */
	readonly database: string;
	/** The id of the backup that it is about; null: there is none. */
	readonly backup: string | null;
	/** Of `docs/errors.md`, if an error is behind it. */
	readonly code: string | null;
	readonly what: string;
	readonly hint: string | null;
	/** When this was first seen, in ISO 8601. */
	readonly since: string;
	/** When the alert was made, in ISO 8601. */
	readonly at: string;
}

/** Texts of other people's servers have no end. */
const LONGEST_TEXT = 1500;

/** The first line of an alert. */
export function titleOf({ kind, database, code }: Alert): string {
	return `Lifeboat, ${database}: ${ALERT_KINDS[kind][0]}${code === null ? '' : ` (${code})`}`;
}

/** The section of the runbook that goes on from an alert, by a name relative to the project. */
export function runbookOf({ kind }: Alert): string {
	return `docs/runbook.md#${ALERT_KINDS[kind][1]}`;
}

/** An alert in a few lines, the first one aside. */
export function bodyOf(alert: Alert): string {
	const lines = [
		cut(alert.what),
		alert.hint === null ? null : `What to do: ${cut(alert.hint)}`,
		alert.backup === null ? null : `Backup: ${alert.backup}`,
		alert.since === alert.at ? null : `Since: ${alert.since}`,
		`Runbook: ${runbookOf(alert)}`,
	];
	return lines.filter((line) => line !== null).join('\n');
}

function cut(text: string): string {
	return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)} …`;
}
