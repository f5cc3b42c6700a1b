import type { Clock, Random } from './clock';
import { observer } from './observer';

/** How often and how long to try again. */
export interface RetryPolicy {
	/** Tries in all, the first included. */
	readonly tries: number;
	/** The longest wait before the second try, in ms; it doubles with each further try. */
	readonly baseMs: number;
	/** No wait is longer than this, in ms, unless the other side asked for it. */
	readonly capMs: number;
}

/** What a failure means for trying again. */
export type RetryVerdict = { readonly retry: false } | { readonly retry: true; readonly afterMs?: number };

export interface RetryContext {
	readonly clock: Clock;
	readonly random: Random;
	readonly signal?: AbortSignal;
}

/**
 * Runs `attempt` until it succeeds, its failure is final by `judge`, or the policy's tries are used up; then throws
 * the last failure. Waits between tries are jittered over their full range (AWS Architecture Blog, "Exponential
 * Backoff And Jitter", 2015), and never shorter than the other side asked for.
 */
export async function retry<T>(
	policy: RetryPolicy,
	context: RetryContext,
	judge: (error: unknown) => RetryVerdict,
	attempt: (nth: number) => Promise<T>,
): Promise<T> {
	for (let nth = 1; ; nth++) {
		context.signal?.throwIfAborted();
		try {
			return await attempt(nth);
		} catch (error) {
			const verdict = judge(error);
			if (!verdict.retry || nth >= policy.tries || context.signal?.aborted) throw error;
			observer().retried(error);
			const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** (nth - 1));
			await context.clock.sleep(Math.max(verdict.afterMs ?? 0, ceiling * context.random()), context.signal);
		}
	}
}
