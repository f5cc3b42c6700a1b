import type { ReactNode } from 'react';
import { formatCount } from '../../lib/status/display';
import type { StatusView, TableChange } from '../../lib/status/view';
import { DataTable, type Row } from './data-table';
import { Folded } from './section';
import { StandingTag } from './standing';
import { Absent, BackupLink, Bytes, Count, Name } from './values';

/** More tables than this are folded away, unless they lost rows. */
const SHOWN = 12;

const COLUMNS = [
	{ heading: 'Table', kind: 'wide' },
	{ heading: 'Rows', kind: 'number' },
	{ heading: 'Before', kind: 'number' },
	{ heading: 'Change', kind: 'number' },
	{ heading: 'Remark' },
	{ heading: 'Size', kind: 'number' },
] as const;

/** The rows of each table, and what became of them since the backup before. Those that lost rows are never folded away. */
export function TableChanges({ tables }: { readonly tables: NonNullable<StatusView['tables']> }): ReactNode {
	const { id, beforeId, rows } = tables;
	const lost = rows.filter(isLost);
	const others = rows.filter((row) => !isLost(row));
	const shown = [...lost, ...others.slice(0, Math.max(0, SHOWN - lost.length))];
	const folded = others.slice(Math.max(0, SHOWN - lost.length));
	return (
		<>
			<p>
				Of <BackupLink id={id} />
				{beforeId === null ? (
					'. There is no whole backup before it to compare with.'
				) : (
					<>
						, compared with <BackupLink id={beforeId} />.
					</>
				)}{' '}
				{lost.length > 0 && <b className="lost">{lostInWords(lost)}</b>}
			</p>
			<DataTable id="tables-table" label="Rows by table" columns={COLUMNS} rows={shown.map(rowOf)} />
			{folded.length > 0 && (
				<Folded summary={`${folded.length} more tables`}>
					<DataTable label="Rows by table, continued" columns={COLUMNS} rows={folded.map(rowOf)} />
				</Folded>
			)}
		</>
	);
}

function isLost({ mark }: TableChange): boolean {
	return mark === 'shrank' || mark === 'emptied' || mark === 'gone';
}

function lostInWords(lost: readonly TableChange[]): string {
	return lost.length === 1 ? 'One table lost rows.' : `${formatCount(lost.length)} tables lost rows.`;
}

function rowOf(table: TableChange): Row {
	const { name, rows, rowsBefore, change, bytes, mark } = table;
	return {
		key: name,
		mark: mark === 'shrank' ? 'warning' : isLost(table) ? 'bad' : undefined,
		cells: [
			<Name key="name">{name}</Name>,
			rows === null ? <Absent key="rows">none</Absent> : <Count key="rows" of={rows} />,
			rowsBefore === null ? <Absent key="before">none</Absent> : <Count key="before" of={rowsBefore} />,
			change === null ? <Absent key="change">none</Absent> : <Change key="change" by={change} />,
			rowsBefore === null && mark === 'same' ? <Absent key="mark">first</Absent> : <Mark key="mark" mark={mark} />,
			bytes === null ? <Absent key="bytes">none</Absent> : <Bytes key="bytes" of={bytes} />,
		],
	};
}

/** With its sign: `+12`, `−3`; `0`. */
function Change({ by }: { readonly by: number }): ReactNode {
	const sign = by > 0 ? '+' : by < 0 ? '−' : '';
	return <data value={by}>{`${sign}${formatCount(Math.abs(by))}`}</data>;
}

function Mark({ mark }: Pick<TableChange, 'mark'>): ReactNode {
	switch (mark) {
		case 'shrank':
			return <StandingTag standing="warning" word="Shrank" />;
		case 'emptied':
			return <StandingTag standing="bad" word="Emptied" />;
		case 'gone':
			return <StandingTag standing="bad" word="Gone" />;
		case 'grew':
			return 'grew';
		case 'new':
			return 'new';
		default:
			return <Absent>same</Absent>;
	}
}
