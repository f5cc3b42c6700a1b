import type { ReactNode } from 'react';
import type { BackupView } from '../../lib/status/view';
import { DataTable } from './data-table';
import { Fact, Facts, Folded } from './section';
import { StandingTag } from './standing';
import { Bytes, Code, Count, Duration, Moment, Name } from './values';

interface PartProps {
	readonly view: BackupView;
}

/** More tables than this are folded away. */
const SHOWN = 30;

/** The tables in it, each with its digest; and what it lacks. */
export function BackupTables({ view: { tables, only, omissions } }: PartProps): ReactNode {
	return (
		<>
			{only !== null && (
				<p className="callout">
					<StandingTag standing="warning" word="Some tables only" /> Of the others it has the schema, and no rows.
				</p>
			)}
			<TablesTable id="tables-table" label="Tables in the backup" tables={tables.slice(0, SHOWN)} />
			{tables.length > SHOWN && (
				<Folded summary={`${tables.length - SHOWN} more tables`}>
					<TablesTable label="Tables in the backup, continued" tables={tables.slice(SHOWN)} />
				</Folded>
			)}
			{omissions.length > 0 && (
				<>
					<h3>Rows that it lacks</h3>
					<DataTable
						id="omissions-table"
						label="Rows that the backup lacks"
						columns={[{ heading: 'Table' }, { heading: 'Rows', kind: 'number' }, { heading: 'Why', kind: 'wide' }]}
						rows={omissions.map(({ table, rows, reason }) => ({
							key: `${table} ${reason}`,
							mark: 'warning',
							cells: [
								<Name key="table">{table}</Name>,
								<Count key="rows" of={rows} />,
								<Name key="why">{reason}</Name>,
							],
						}))}
					/>
				</>
			)}
		</>
	);
}

interface TablesTableProps {
	readonly id?: string;
	readonly label: string;
	readonly tables: BackupView['tables'];
}

function TablesTable({ id, label, tables }: TablesTableProps): ReactNode {
	return (
		<DataTable
			id={id}
			label={label}
			columns={[
				{ heading: 'Table', kind: 'wide' },
				{ heading: 'Rows', kind: 'number' },
				{ heading: 'Left out', kind: 'number' },
				{ heading: 'Size', kind: 'number' },
				{ heading: 'SHA-256 of its rows' },
			]}
			rows={tables.map(({ name, rows, bytes, omitted, sha256 }) => ({
				key: name,
				mark: omitted > 0 ? 'warning' : undefined,
				cells: [
					<Name key="name">{name}</Name>,
					<Count key="rows" of={rows} />,
					<Count key="omitted" of={omitted} />,
					<Bytes key="bytes" of={bytes} />,
					<Digest key="sha256" of={sha256} />,
				],
			}))}
		/>
	);
}

/** A digest in full, so that it can be compared and copied; it may break anywhere. */
function Digest({ of }: { readonly of: string }): ReactNode {
	return <code className="digest">{of}</code>;
}

const PROOFS: Readonly<Record<BackupView['proof']['kind'], string>> = {
	restored: 'restored into a scratch database, and compared',
	read: 'read back whole, and checked',
	none: 'none',
};

/** How it was proven. */
export function BackupProof({ view: { proof } }: PartProps): ReactNode {
	return (
		<>
			<Facts>
				<Fact name="Proof">{PROOFS[proof.kind]}</Fact>
				<Fact name="Of">
					{proof.of === 'stored'
						? 'what lies in the store'
						: 'the stream, before it was sealed; the sealed file was read back'}
				</Fact>
				<Fact name="At">
					<Moment at={proof.at} />
				</Fact>
				<Fact name="Took">
					<Duration ms={proof.durationMs} />
				</Fact>
			</Facts>
			{proof.notes.length > 0 && (
				<ul>
					{proof.notes.map((note) => (
						<li key={note}>
							<Name>{note}</Name>
						</li>
					))}
				</ul>
			)}
		</>
	);
}

/** Which stores have it. */
export function BackupCopies({ view: { copies, hold } }: PartProps): ReactNode {
	return (
		<>
			<DataTable
				id="copies-table"
				label="Stores that have the backup"
				columns={[{ heading: 'Store' }, { heading: 'Has it' }, { heading: 'Where', kind: 'wide' }]}
				rows={copies.map(({ name, where, isThere }) => ({
					key: name,
					cells: [
						<Name key="name">{name}</Name>,
						isThere === null ? (
							<StandingTag key="there" standing="unknown" word="Could not be asked" />
						) : (
							<StandingTag key="there" standing={isThere ? 'good' : 'warning'} word={isThere ? 'Yes' : 'No'} />
						),
						<Name key="where">{where}</Name>,
					],
				}))}
			/>
			<p>
				{hold === null ? (
					'No hold: retention may remove it.'
				) : (
					<>
						<b>Held</b>
						{hold.at !== null && (
							<>
								{' '}
								since <Moment at={hold.at} />
							</>
						)}
						: <Name>{hold.reason}</Name>
					</>
				)}
			</p>
		</>
	);
}

const READINGS: Readonly<Record<string, string>> = {
	storage: 'from the pages of the database file',
	pages: 'encoded inside the database, many rows at once',
	rows: 'value by value',
};

/** What the manifest says of the file and where it came from. */
export function BackupManifest({ view: { source, reading, object, digest } }: PartProps): ReactNode {
	return (
		<Facts>
			<Fact name="Source">
				<Name>{source.location}</Name>, <Name>{`${source.engine} ${source.version}`}</Name>
			</Fact>
			{reading !== null && <Fact name="Read">{READINGS[reading] ?? reading}</Fact>}
			<Fact name="File">
				<Code>{object.name}</Code>
			</Fact>
			<Fact name="Size">
				<Bytes of={object.bytes} />, <Count of={object.bytes} /> bytes, {object.compression}
			</Fact>
			<Fact name="SHA-256">
				<Digest of={object.sha256} />
			</Fact>
			<Fact name="Digest">
				<Digest of={digest} />
			</Fact>
			<Fact name="Encryption">
				{object.recipients.length === 0 ? (
					'none by Lifeboat'
				) : (
					<>
						age, to{' '}
						<ul className="plain">
							{object.recipients.map((recipient) => (
								<li key={recipient}>
									<Code>{recipient}</Code>
								</li>
							))}
						</ul>
					</>
				)}
			</Fact>
		</Facts>
	);
}
