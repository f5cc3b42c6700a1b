import type { ReactNode } from 'react';
import type { Standing, StoreStanding } from '../../lib/status/view';
import { DataTable } from './data-table';
import { StandingTag } from './standing';
import { Absent, BackupLink, Code, Count, Moment, Name } from './values';

const WORDS: Readonly<Record<Standing, string>> = {
	good: 'Up to date',
	warning: 'Behind',
	bad: 'Failing',
	unknown: 'Unknown',
};

/** Where backups are, and how far each copy is. */
export function Stores({ stores }: { readonly stores: readonly StoreStanding[] }): ReactNode {
	return (
		<>
			{stores.length < 2 && (
				<p>
					There are no copies: when this store is lost, so are the backups. <code>BACKUP_COPIES</code> sets copies up;{' '}
					<code>docs/copies.md</code> says how.
				</p>
			)}
			<DataTable
				id="stores-table"
				label="Stores and copies"
				columns={[
					{ heading: 'Store' },
					{ heading: 'Standing' },
					{ heading: 'Newest' },
					{ heading: 'Lacks', kind: 'number' },
					{ heading: 'Where', kind: 'wide' },
				]}
				rows={stores.map((store) => ({
					key: store.name,
					mark: store.standing === 'bad' ? 'bad' : store.standing === 'warning' ? 'warning' : undefined,
					cells: [
						<Name key="name">{store.name}</Name>,
						<StoreTag key="standing" store={store} />,
						<Newest key="newest" store={store} />,
						store.missing === null ? (
							<Absent key="missing">unknown</Absent>
						) : (
							<span key="missing">
								<Count of={store.missing} />
							</span>
						),
						<Name key="where">{store.where}</Name>,
					],
				}))}
			/>
		</>
	);
}

function StoreTag({ store: { standing, error } }: { readonly store: StoreStanding }): ReactNode {
	return (
		<>
			<StandingTag standing={standing} word={WORDS[standing]} />
			{error !== null && (
				<>
					{' '}
					<Code>{error}</Code>
				</>
			)}
		</>
	);
}

function Newest({ store: { newestId, newestAt, error } }: { readonly store: StoreStanding }): ReactNode {
	if (newestId === null) return <Absent>{error === null ? 'none' : 'unknown'}</Absent>;
	return (
		<>
			<BackupLink id={newestId} />
			{newestAt !== null && (
				<>
					<br />
					<Moment at={newestAt} />
				</>
			)}
		</>
	);
}
