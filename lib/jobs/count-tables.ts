import { withSnapshot } from '../backup/snapshot-tries';
import type { ConfigWith } from '../config/config';
import type { Database } from '../engine/engine';
import { type JobContext, systemContext, withDatabase } from './context';

export interface Counts {
	readonly status: 'dry-run';
	readonly tables: { readonly name: string; readonly rows: number }[];
	readonly rows: number;
}

/** Counts the rows of every table, in one snapshot; writes nothing. */
export async function countTables(database: Database, context: JobContext, signal?: AbortSignal): Promise<Counts> {
	return withSnapshot(database, { ...context, signal }, async (snapshot) => {
		const tables: Counts['tables'] = [];
		for await (const table of snapshot.count()) tables.push(table);
		return { status: 'dry-run', tables, rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
	});
}

/** Counts the rows of every table of the configured database: what a backup would hold. */
export async function countDatabase(config: ConfigWith<'database'>, signal?: AbortSignal): Promise<Counts> {
	return withDatabase(config.database, { signal }, (database) => countTables(database, systemContext, signal));
}
