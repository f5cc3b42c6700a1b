import type { Manifest } from '../backup/manifest';
import type { StatusView, TableChange } from './view';

/** The rows of each table in the newest of two backups, and in the one before; null if there is none. */
export function tablesOf([newest, before]: readonly Manifest[]): StatusView['tables'] {
	if (newest === undefined) return null;
	const now = new Map(newest.tables.map((table) => [table.name, table]));
	const then = before && new Map(before.tables.map((table) => [table.name, table.rows]));
	const names = new Set([...now.keys(), ...(then?.keys() ?? [])]);
	const rows = [...names].map((name): TableChange => {
		const rows = now.get(name)?.rows ?? null;
		const rowsBefore = then?.get(name) ?? null;
		const change = rows === null || rowsBefore === null ? null : rows - rowsBefore;
		const bytes = now.get(name)?.bytes ?? null;
		return { name, rows, rowsBefore, change, bytes, mark: markOf(rows, rowsBefore, then !== undefined) };
	});
	return { id: newest.id, beforeId: before?.id ?? null, rows: rows.sort(byChange) };
}

function markOf(rows: number | null, before: number | null, hasBefore: boolean): TableChange['mark'] {
	if (rows === null) return 'gone';
	if (before === null) return hasBefore ? 'new' : 'same';
	if (rows === before) return 'same';
	if (rows > before) return 'grew';
	return rows === 0 ? 'emptied' : 'shrank';
}

/** Those that changed most first; then by name. */
function byChange(a: TableChange, b: TableChange): number {
	return weightOf(b) - weightOf(a) || (a.name < b.name ? -1 : 1);
}

/** Rows that came or went. */
function weightOf({ rows, rowsBefore, mark }: TableChange): number {
	return mark === 'same' ? 0 : Math.abs((rows ?? 0) - (rowsBefore ?? 0));
}
