import Table from 'cli-table3';
import { printable } from '../core/printable';
import { formatCount } from '../core/quantities';

export interface TableColumn {
	readonly heading: string;
	/** Left by default. */
	readonly align?: 'left' | 'right';
}

/** Numbers are given thousands separators; null and undefined are shown as a dash. */
export type TableCell = string | number | bigint | null | undefined;

const NO_LINES = {
	top: '',
	'top-mid': '',
	'top-left': '',
	'top-right': '',
	bottom: '',
	'bottom-mid': '',
	'bottom-left': '',
	'bottom-right': '',
	left: '',
	'left-mid': '',
	mid: '',
	'mid-mid': '',
	right: '',
	'right-mid': '',
	middle: '  ',
};

/**
 * Formats rows under headings, without borders or colours. A row is always one line, however long, so that what reads
 * our output line by line can. No line break at the end.
 */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly TableCell[])[]): string {
	const table = new Table({
		head: columns.map(({ heading }) => heading),
		colAligns: columns.map(({ align }) => align ?? 'left'),
		chars: NO_LINES,
		style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
	});
	for (const row of rows) table.push(columns.map((_, index) => formatCell(row[index])));
	return table.toString().replace(/ +$/gm, '');
}

function formatCell(cell: TableCell): string {
	if (cell === null || cell === undefined) return '-';
	if (typeof cell === 'bigint' || Number.isInteger(cell)) return formatCount(cell as number | bigint);
	return printable(String(cell), 'line');
}
