import type { Clock, Random } from '../core/clock';
import { hasCode } from '../core/errors';
import { type RetryPolicy, retry } from '../core/retry';
import type { Database, Snapshot } from '../engine/engine';

/** A dump is begun at most three times. */
const POLICY: RetryPolicy = { tries: 3, baseMs: 500, capMs: 5_000 };

export interface TryOptions {
	readonly clock: Clock;
	readonly random: Random;
	readonly signal?: AbortSignal;
	/** Told of each try that was lost, before the next. */
	readonly onLost?: (error: unknown) => void;
}

/** Tries `work` anew, from its beginning, when the database does not answer or its connection is lost. */
export async function retryDatabase<T>(options: TryOptions, work: () => Promise<T>): Promise<T> {
	const judge = (error: unknown) => {
		if (!hasCode(error, 'DATABASE_LOST', 'DATABASE_UNREACHABLE')) return { retry: false } as const;
		options.onLost?.(error);
		return { retry: true } as const;
	};
	return retry(POLICY, options, judge, work);
}

/**
 * Uses a snapshot, and starts over with a new one when the connection or its transaction is lost on the way: what
 * was read of one snapshot cannot be joined to another.
 */
export async function withSnapshot<T>(
	database: Database,
	options: TryOptions,
	use: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
	return retryDatabase(options, async () => {
		const snapshot = await database.snapshot();
		try {
			return await use(snapshot);
		} finally {
			await snapshot.close();
		}
	});
}
