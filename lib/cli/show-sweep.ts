import { formatBytes, formatCount } from '../core/quantities';
import type { SweepResult } from '../jobs/sweep';
import { formatTable } from './table';

/** What was found that belongs to no backup, and whether it was removed. */
export function showSweep({ where, found, isSwept }: SweepResult): string {
	if (found.length === 0) return `no litter in ${where}`;
	const columns = [
		{ heading: 'name' },
		{ heading: 'bytes', align: 'right' },
		{ heading: 'last written' },
		{ heading: 'what' },
	] as const;
	const rows = found.map(({ name, bytes, modifiedAt, what }) => [
		name,
		formatBytes(bytes),
		modifiedAt.toISOString(),
		what,
	]);
	const count = formatCount(found.length);
	const done = isSwept ? `removed ${count}` : `${count} found; nothing was removed: --confirm does it`;
	return [formatTable(columns, rows), '', `in ${where}`, done].join('\n');
}
