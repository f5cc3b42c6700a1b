import { createElement, type ReactNode } from 'react';
import { ScrollRegion } from './section';

export interface Column {
	readonly heading: string;
	/** `number`: to the right, and in one line. `text`: some words wide at the least; `wide`: a sentence. */
	readonly kind?: 'number' | 'text' | 'wide' | 'id';
}

export interface Row {
	readonly key: string;
	/** Makes the row stand out, beside the words in it. */
	readonly mark?: 'bad' | 'warning' | 'faint';
	/** As many as there are columns; the first is the row's heading. */
	readonly cells: readonly ReactNode[];
}

interface DataTableProps {
	/** Unique on the page. */
	readonly label: string;
	readonly id?: string;
	readonly columns: readonly Column[];
	readonly rows: readonly Row[];
}

/** A table that scrolls by itself where it is too wide. */
export function DataTable({ label, id, columns, rows }: DataTableProps): ReactNode {
	return (
		<ScrollRegion label={label}>
			<table id={id}>
				<caption className="unseen">{label}</caption>
				<thead>
					<tr>
						{columns.map(({ heading, kind }) => (
							<th key={heading} scope="col" className={kind}>
								{heading}
							</th>
						))}
					</tr>
				</thead>
				<tbody>{rows.map((row) => lineOf(row, columns))}</tbody>
			</table>
		</ScrollRegion>
	);
}

/** By hand, as a page may have thousands of cells: no keys, nor properties that are not there, are sent along. */
function lineOf({ key, mark, cells }: Row, columns: readonly Column[]): ReactNode {
	const children = cells.map((cell, index) => {
		const kind = columns[index]?.kind;
		const className = kind && { className: kind };
		return index === 0
			? createElement('th', { scope: 'row', ...className }, cell)
			: createElement('td', className ?? null, cell);
	});
	return createElement('tr', { key, ...(mark && { className: `row-${mark}` }) }, ...children);
}
