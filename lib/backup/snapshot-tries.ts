import type { Clock, Random } from '../core/clock';
import { hasCode } from '../core/errors';
import { type RetryPolicy, type RetryVerdict, retry } from '../core/retry';
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

/** A database that asks for a longer wait, in ms, is not waited for. */
const LONGEST_WAIT_MS = 60_000;

/** Tries `work` anew, from its beginning, when the database does not answer or its connection is lost. */
export async function retryDatabase<T>(options: TryOptions, work: () => Promise<T>): Promise<T> {
	const judge = (error: unknown): RetryVerdict => {
		if (!hasCode(error, 'DATABASE_LOST', 'DATABASE_UNREACHABLE')) return { retry: false };
		const afterMs = Number(error.data.retryAfterMs ?? 0);
		if (afterMs > LONGEST_WAIT_MS) return { retry: false };
		options.onLost?.(error);
		return { retry: true, afterMs };
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
