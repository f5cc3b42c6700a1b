/** The address of a backup's own page. */
export function backupPath(id: string): string {
	return `/backups/${encodeURIComponent(id)}`;
}

/** What the fragment of the status page's table of all backups is called. */
export const HISTORY_TABLE = 'history-table';
