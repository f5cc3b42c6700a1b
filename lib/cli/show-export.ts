import { formatCount } from '../core/quantities';
import type { Exported } from '../jobs/export';

/** An export in a few lines; what it does not carry comes last. */
export function showExport({ backup, where, format, out, rows, tables, notes, inventory }: Exported): string {
	const lines = [
		`exported ${backup} (${where}) as ${format}`,
		`to       ${out}`,
		`holds    ${formatCount(tables.length)} tables, ${formatCount(rows)} rows`,
		...(inventory === null ? [] : [`media    the rows of the media table again as ${inventory}`]),
	];
	return [...lines, ...showNotes(notes)].join('\n');
}

/** What an export does not carry, or not everywhere, a line each. */
export function showNotes(notes: Exported['notes']): string[] {
	return notes.map(({ object, reason }) => `NOTE     ${object}: ${reason}`);
}
