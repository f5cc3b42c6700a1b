import type { Counts } from '../jobs/count-tables';
import { formatTable } from './table';

/** The rows of each table, and of all. */
export function showCounts({ tables, rows }: Counts): string {
	const cells = tables.map(({ name, rows: count }) => [name, count] as const);
	return formatTable([{ heading: 'table' }, { heading: 'rows', align: 'right' }], [...cells, ['total', rows]]);
}
