import type { ReactNode } from 'react';
import type { BackupPoint } from '../../lib/status/view';
import { type Column, DataTable } from './data-table';
import { StandingTag } from './standing';
import { BackupLink, Bytes, Count, Duration, Moment, Name } from './values';

/** By whom a backup or a drill was begun. */
export const TRIGGER_WORDS: Readonly<Record<BackupPoint['trigger'], string>> = {
	cron: 'schedule',
	http: 'route, by hand',
	cli: 'command line',
};

interface BackupsTableProps {
	/** Unique on the page. */
	readonly label: string;
	readonly id?: string;
	readonly backups: readonly BackupPoint[];
}

interface BackupColumn extends Column {
	readonly show: (backup: BackupPoint) => ReactNode;
}

const COLUMNS: readonly BackupColumn[] = [
	{ heading: 'Begun', show: ({ createdAt }) => <Moment at={createdAt} /> },
	{
		heading: 'Backup',
		kind: 'id',
		show: ({ id, isThere }) => (isThere ? <BackupLink id={id} /> : id),
	},
	{ heading: 'Proof', show: ({ proof }) => <ProofTag proof={proof} /> },
	{ heading: 'Rows', kind: 'number', show: ({ rows }) => <Count of={rows} /> },
	{ heading: 'Stored', kind: 'number', show: ({ bytes }) => <Bytes of={bytes} /> },
	{ heading: 'Took', kind: 'number', show: ({ durationMs }) => <Duration ms={durationMs} /> },
	{ heading: 'Of it proof', kind: 'number', show: ({ proofMs }) => <Duration ms={proofMs} /> },
	{ heading: 'Remarks', kind: 'text', show: (backup) => <Remarks backup={backup} /> },
];

/** Backups, a line each. */
export function BackupsTable({ label, id, backups }: BackupsTableProps): ReactNode {
	return (
		<DataTable
			id={id}
			label={label}
			columns={COLUMNS}
			rows={backups.map((backup) => ({
				key: backup.id,
				mark: backup.isThere ? undefined : 'faint',
				cells: COLUMNS.map(({ show }) => show(backup)),
			}))}
		/>
	);
}

/** How far a backup is proven: the word; with sign and colour what is less than it could be. */
function ProofTag({ proof }: { readonly proof: BackupPoint['proof'] }): ReactNode {
	if (proof === 'restored') return 'Proven';
	return <StandingTag standing="warning" word={proof === 'read' ? 'Read only' : 'Unproven'} />;
}

/** What else is to be known of a backup, separated by commas. */
function Remarks({ backup }: { readonly backup: BackupPoint }): ReactNode {
	const { trigger, label, isPartial, isSealed, omittedRows, isThere, heldFor } = backup;
	const remarks = [
		isThere ? null : 'removed since',
		isPartial ? 'some tables only' : null,
		omittedRows > 0 ? `lacks ${omittedRows} rows` : null,
		heldFor === null ? null : `held: ${heldFor}`,
		label,
		trigger === 'cron' ? null : TRIGGER_WORDS[trigger],
		isSealed ? 'sealed' : null,
	].filter((remark) => remark !== null);
	return remarks.length === 0 ? null : <Name>{remarks.join(', ')}</Name>;
}
