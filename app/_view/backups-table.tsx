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
	/** Without the columns that are seldom asked for. */
	readonly isBrief?: boolean;
}

interface BackupColumn extends Column {
	readonly isDetail?: boolean;
	readonly show: (backup: BackupPoint) => ReactNode;
}

const COLUMNS: readonly BackupColumn[] = [
	{ heading: 'Begun', show: ({ createdAt }) => <Moment at={createdAt} /> },
	{
		heading: 'Backup',
		show: ({ id, isThere }) => (isThere ? <BackupLink id={id} /> : <span className="id">{id}</span>),
	},
	{ heading: 'Proof', show: ({ proof }) => <ProofTag proof={proof} /> },
	{ heading: 'Rows', kind: 'number', show: ({ rows }) => <Count of={rows} /> },
	{ heading: 'Stored', kind: 'number', show: ({ bytes }) => <Bytes of={bytes} /> },
	{ heading: 'Uncompressed', kind: 'number', isDetail: true, show: ({ plainBytes }) => <Bytes of={plainBytes} /> },
	{ heading: 'Took', kind: 'number', show: ({ durationMs }) => <Duration ms={durationMs} /> },
	{ heading: 'Of it proof', kind: 'number', isDetail: true, show: ({ proofMs }) => <Duration ms={proofMs} /> },
	{ heading: 'By', show: ({ trigger }) => TRIGGER_WORDS[trigger] },
	{ heading: 'Remarks', kind: 'text', show: (backup) => <Remarks backup={backup} /> },
];

/** Backups, a line each. */
export function BackupsTable({ label, id, backups, isBrief = false }: BackupsTableProps): ReactNode {
	const columns = COLUMNS.filter(({ isDetail }) => !(isBrief && isDetail));
	return (
		<DataTable
			id={id}
			label={label}
			columns={columns}
			rows={backups.map((backup) => ({
				key: backup.id,
				mark: backup.isThere ? undefined : 'faint',
				cells: columns.map(({ show }) => show(backup)),
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
	const { label, isPartial, isSealed, omittedRows, isThere, heldFor } = backup;
	const remarks = [
		isThere ? null : 'removed since',
		isPartial ? 'some tables only' : null,
		omittedRows > 0 ? `lacks ${omittedRows} rows` : null,
		heldFor === null ? null : `held: ${heldFor}`,
		label,
		isSealed ? 'sealed' : null,
	].filter((remark) => remark !== null);
	return remarks.length === 0 ? null : <Name>{remarks.join(', ')}</Name>;
}
