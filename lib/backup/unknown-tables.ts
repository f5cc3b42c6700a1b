import { LifeboatError } from '../core/errors';

/** @throws LifeboatError `USAGE_INVALID` if some of `wanted` are not among the tables `there` in the backup or database */
export function refuseUnknownTables(
	place: 'backup' | 'database',
	there: ReadonlySet<string>,
	wanted: Iterable<string>,
	hint: string,
): void {
	const tables = [...wanted].filter((name) => !there.has(name));
	if (tables.length === 0) return;
	const names = tables.map((name) => JSON.stringify(name)).join(', ');
	throw new LifeboatError('USAGE_INVALID', `the ${place} has no table ${names}`, { hint, data: { tables } });
}
