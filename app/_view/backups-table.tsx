import type { ReactNode } from 'react';
import type { BackupPoint } from '../../lib/status/view';
import { DataTable } from './data-table';
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

/** Backups, a line each. */
export function BackupsTable({ label, id, backups }: BackupsTableProps): ReactNode {
	return (
		<DataTable
			id={id}
			label={label}
			columns={[
				{ heading: 'Begun' },
				{ heading: 'Backup' },
				{ heading: 'Proof' },
				{ heading: 'Rows', kind: 'number' },
				{ heading: 'Stored', kind: 'number' },
				{ heading: 'Uncompressed', kind: 'number' },
				{ heading: 'Took', kind: 'number' },
				{ heading: 'Of it proof', kind: 'number' },
				{ heading: 'By' },
				{ heading: 'Remarks', kind: 'text' },
			]}
			rows={backups.map((backup) => ({
				key: backup.id,
				mark: backup.isThere ? undefined : 'faint',
				cells: [
					<Moment key="at" at={backup.createdAt} />,
					backup.isThere ? (
						<BackupLink key="id" id={backup.id} />
					) : (
						<span key="gone" className="id">
							{backup.id}
						</span>
					),
					<ProofTag key="proof" proof={backup.proof} />,
					<Count key="rows" of={backup.rows} />,
					<Bytes key="bytes" of={backup.bytes} />,
					<Bytes key="plain" of={backup.plainBytes} />,
					<Duration key="took" ms={backup.durationMs} />,
					<Duration key="proof-took" ms={backup.proofMs} />,
					TRIGGER_WORDS[backup.trigger],
					<Remarks key="remarks" backup={backup} />,
				],
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
