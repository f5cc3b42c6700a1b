import type { ReactNode } from 'react';
import type { StatusView } from '../../lib/status/view';
import { DataTable } from './data-table';
import { Absent, BackupLink, Moment, Name } from './values';

/** Backups that no rule removes, and for what. */
export function Holds({ holds }: Pick<StatusView, 'holds'>): ReactNode {
	if (holds.length === 0)
		return (
			<p>
				None. <code>npx tsx scripts/hold.ts BACKUP --reason …</code> keeps a backup from every rule.
			</p>
		);
	return (
		<DataTable
			id="holds-table"
			label="Holds"
			columns={[{ heading: 'Backup' }, { heading: 'Since' }, { heading: 'Reason', kind: 'wide' }]}
			rows={holds.map(({ id, reason, at }) => ({
				key: id,
				cells: [
					<BackupLink key="id" id={id} />,
					at === null ? <Absent key="at">unknown</Absent> : <Moment key="at" at={at} />,
					<Name key="reason">{reason}</Name>,
				],
			}))}
		/>
	);
}
