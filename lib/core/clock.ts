import { setTimeout as sleepFor } from 'node:timers/promises';

/** Time as an argument, so that decisions which depend on it can be tested. */
export interface Clock {
	/** The wall clock. */
	now(): Date;
	/** Milliseconds on a clock that never goes back; only differences mean something. */
	elapsedMs(): number;
	/** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => new Date(),
	elapsedMs: () => performance.now(),
	async sleep(ms, signal) {
		try {
			await sleepFor(ms, undefined, { signal });
		} catch (error) {
			throw signal?.aborted ? signal.reason : error;
		}
	},
};

/** Randomness as an argument: a number from 0 up to, not including, 1. */
export type Random = () => number;
