import { setMaxListeners } from 'node:events';

/** A call took longer than it was allowed. */
export class TimeLimitError extends Error {
	override readonly name = 'TimeLimitError';

	constructor(readonly limitMs: number) {
		super(`no answer within ${limitMs} ms`);
	}
}

/**
 * Runs `work` for at most `limitMs` milliseconds. Rejects with `TimeLimitError`, or with the reason of `signal` when
 * that aborts first, also if `work` does not heed the signal it is given. That signal never aborts once `work` is done.
 *
 * Not `AbortSignal.any` with `AbortSignal.timeout`: on Node 20 a composite signal may be collected before its timeout
 * fires, and leaves a listener behind on a long-lived source.
 */
export async function withTimeLimit<T>(
	limitMs: number,
	signal: AbortSignal | undefined,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	signal?.throwIfAborted();
	const stop = new AbortController();
	// Work of many parts listens often. What is left of it goes with the signal.
	setMaxListeners(0, stop.signal);
	const stopped = new Promise<never>((_, reject) => {
		stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
	});
	const follow = () => stop.abort(signal?.reason);
	signal?.addEventListener('abort', follow, { once: true });
	const timer = setTimeout(() => stop.abort(new TimeLimitError(limitMs)), limitMs);
	try {
		return await Promise.race([work(stop.signal), stopped]);
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', follow);
	}
}
