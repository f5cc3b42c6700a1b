import type { FoundTable } from '../../backup/media/media-rows';
import { retryDatabase } from '../../backup/snapshot-tries';
import { inStep } from '../../core/step';
import type { Database, ScriptStep } from '../../engine/engine';
import { ident } from '../../engine/libsql/sql';
import type { JobContext } from '../context';

/** A URL that rows of a table hold, and what is to stand there. */
export interface Relink {
	readonly table: string;
	readonly from: string;
	readonly url: string;
	readonly pathname: string;
}

/** What rows say is compared by its bytes, whatever the column's collation; an index on the column is used where it can be. */
const FROM = "SELECT json_extract(value, '$[0]') FROM json_each(?)";
const TO = (member: 1 | 2, column: string) =>
	`(SELECT json_extract(value, '$[${member}]') FROM json_each(?) WHERE json_extract(value, '$[0]') = ${column} COLLATE BINARY)`;

/**
 * Puts new URLs and pathnames in the place of old URLs: a statement a table, so that a table without an index on the column is
 * looked through once, all of them in one transaction.
 */
export async function updateRows(
	database: Database,
	tables: readonly FoundTable[],
	relinks: readonly Relink[],
	{ signal, ...context }: JobContext & { readonly signal?: AbortSignal },
): Promise<void> {
	const steps = tables.flatMap((table) =>
		stepFor(
			table,
			relinks.filter((one) => one.table === table.table),
		),
	);
	if (steps.length === 0) return;
	// Done twice it does nothing more, so that it may be tried again when its answer was lost.
	await inStep('updating the rows', () =>
		retryDatabase({ ...context, signal }, () => database.run({ steps, foreignKeys: 'default' })),
	);
}

function stepFor({ table, url, pathname }: FoundTable, relinks: readonly Relink[]): ScriptStep[] {
	if (url === null || relinks.length === 0) return [];
	const column = ident(url);
	const json = JSON.stringify(relinks.map((one) => [one.from, one.url, one.pathname]));
	const sets = [`${column} = ${TO(1, column)}`];
	if (pathname !== null) sets.push(`${ident(pathname)} = ${TO(2, column)}`);
	const sql = `UPDATE ${ident(table)} SET ${sets.join(', ')} WHERE ${column} COLLATE BINARY IN (${FROM})`;
	return [{ sql, args: Array(sets.length + 1).fill(json) }];
}
