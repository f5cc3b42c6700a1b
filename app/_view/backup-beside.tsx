import type { ReactNode } from 'react';
import type { BackupView } from '../../lib/status/view';
import { DataTable } from './data-table';
import { Code, Count, Name } from './values';

interface BesideProps {
	readonly view: BackupView;
}

/** Keys that the data depends on, by name: whether a fingerprint of each was kept. */
export function BackupKeys({ view: { keys } }: BesideProps): ReactNode {
	if (keys.length === 0)
		return (
			<p>
				No fingerprints of keys were kept. <code>BACKUP_KEY_FINGERPRINTS</code> names those that the data depends on.
			</p>
		);
	return (
		<DataTable
			id="keys-table"
			label="Keys that the data depends on"
			columns={[{ heading: 'Variable' }, { heading: 'When the backup was made', kind: 'wide' }]}
			rows={keys.map(({ name, isSet }) => ({
				key: name,
				cells: [<Code key="name">{name}</Code>, isSet ? 'set; a fingerprint was kept' : 'not set'],
			}))}
		/>
	);
}

/** The media inventory, and what the backup covers and what it does not. */
export function BackupCoverage({ view: { media, coverage } }: BesideProps): ReactNode {
	return (
		<>
			<p>
				{media === null ? (
					'No media inventory was made.'
				) : (
					<>
						Media inventory: <Code>{media.name}</Code>, of <Count of={media.rows} /> rows.
					</>
				)}
			</p>
			{coverage === null ? (
				<p>Its manifest does not tell what it covers.</p>
			) : (
				<>
					<h3>In the backup</h3>
					<ul>
						{coverage.inBackup.map((what) => (
							<li key={what}>
								<Name>{what}</Name>
							</li>
						))}
					</ul>
					<h3>Not in the backup</h3>
					<DataTable
						id="not-in-backup-table"
						label="What is not in the backup, and where it is"
						columns={[{ heading: 'What' }, { heading: 'Where it is', kind: 'wide' }]}
						rows={coverage.notInBackup.map(({ what, where }) => ({
							key: what,
							cells: [<Name key="what">{what}</Name>, <Name key="where">{where}</Name>],
						}))}
					/>
				</>
			)}
		</>
	);
}
