import type { RunbookLink } from './view';

/** Sections of `docs/runbook.md` that the page leads to, by their anchors. */
export const SECTIONS = {
	'before-the-first-command': 'Before the first command',
	'rows-deleted': 'Rows deleted',
	'providers-region-down': "Provider's region down",
	'backups-stopped': 'Backups stopped',
	'backup-found-damaged': 'Backup found damaged',
	'restore-to-a-new-database': 'Restore to a new database',
} as const;
export type Section = keyof typeof SECTIONS;

/** Makes links to the runbook's sections. */
export type LinkTo = (section: Section) => RunbookLink;

/** @param url where the operator has the runbook; null: nobody has said */
export function linksTo(url: string | null): LinkTo {
	return (section) => ({
		title: SECTIONS[section],
		url: url === null ? null : `${url}#${section}`,
		path: `docs/runbook.md#${section}`,
	});
}
