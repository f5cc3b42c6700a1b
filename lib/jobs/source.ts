import type { ConfigWith } from '../config/config';
import type { ErrorCode } from '../core/errors';
import type { Database } from '../engine/engine';
import { type JobContext, withDatabase } from './context';

/** What became of a branch that was made for a dump. */
export interface BranchFate {
	readonly name: string;
	/** Why it is still there; null: it was dropped. */
	readonly leftFor: ErrorCode | null;
}

export interface SourceOptions {
	readonly config: ConfigWith<'database'>;
	readonly context: JobContext;
	readonly signal?: AbortSignal;
	/** Told of every branch that was dropped, or could not be. */
	readonly onBranch?: (fate: BranchFate) => void;
}

/** Opens the database that is to be dumped: itself, or, by `BACKUP_SOURCE=branch`, a branch that is made for this. */
export async function withSource<T>(options: SourceOptions, use: (database: Database) => Promise<T>): Promise<T> {
	const { config, context, signal } = options;
	if (config.source === 'primary') return withDatabase(config.database, { signal }, use, context);
	// Only now: a cold function is not to wait for what it does not need.
	const { withBranch } = await import('./branch');
	return withBranch(options, use);
}
