import type { Database } from '../engine/engine';
import { withDatabase } from './context';
import type { SourceOptions } from './source-types';

/** Opens the database that is to be dumped: itself, or, by `BACKUP_SOURCE=branch`, a branch that is made for this. */
export async function withSource<T>(options: SourceOptions, use: (database: Database) => Promise<T>): Promise<T> {
	const { config, context, signal } = options;
	if (config.source === 'primary') return withDatabase(config.database, { signal }, use, context);
	// Only now: a cold function is not to wait for what it does not need.
	const { withBranch } = await import('./branch');
	return withBranch(options, use);
}
