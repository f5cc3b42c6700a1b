import { formatCount } from '../core/quantities';
import type { PitrResult } from '../jobs/pitr';
import { formatTable } from './table';

/** What Turso's recovery would make, or has made; and the rows of both databases. */
export function showPitr({ from, name, group, at, made }: PitrResult): string {
	const as = at === null ? 'as it is' : `as it was at ${at.toISOString()}`;
	const lines = [
		`from     ${from}, ${as}`,
		`into     ${name}, a new database${group === null ? '' : ` in the group ${group}`}`,
	];
	if (made === null) return [...lines, '', 'a dry run: nothing was made; --confirm makes it'].join('\n');
	const columns = [
		{ heading: 'table' },
		{ heading: `rows in ${from}`, align: 'right' },
		{ heading: `in ${name}`, align: 'right' },
		{ heading: '' },
	] as const;
	const rows = made.tables.map(({ table, rowsThere, rowsNew }) => [
		table,
		rowsThere,
		rowsNew,
		difference(rowsThere, rowsNew),
	]);
	return [
		...lines,
		`url      ${made.url}`,
		`token    turso db tokens create ${name}`,
		'',
		formatTable(columns, rows),
		'',
		`it stays until you delete it: turso db destroy ${name}`,
	].join('\n');
}

/** The same for `--json`. */
export function pitrData({ at, made, ...plan }: PitrResult) {
	return { status: made === null ? 'dry-run' : 'made', ...plan, at: at?.toISOString() ?? null, ...made };
}

function difference(rowsThere: number | null, rowsNew: number | null): string {
	if (rowsThere === null) return 'only in the new one';
	if (rowsNew === null) return 'not in the new one';
	if (rowsThere === rowsNew) return '';
	return `${rowsNew > rowsThere ? '+' : '-'}${formatCount(Math.abs(rowsNew - rowsThere))}`;
}
