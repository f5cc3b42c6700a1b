import { setImmediate as turn } from 'node:timers/promises';
import type { JobContext } from '../../lib/jobs/context';

interface Timer {
	readonly atMs: number;
	readonly ring: () => void;
}

/** A wait this long or longer, in ms, is a timer in the background, such as the deadline's: nobody stands still for it. */
const BACKGROUND_MS = 61_000;

/** A context in which waiting takes no time, but moves the clock: timers that fall due on the way go off. */
export class SkippingContext implements JobContext {
	/** Every wait, in ms, in order. */
	readonly waitsMs: number[] = [];
	readonly #timers = new Set<Timer>();
	#nowMs: number;
	#seed: number;

	constructor(now: string, seed = 1) {
		this.#nowMs = Date.parse(now);
		this.#seed = seed;
	}

	get nowMs(): number {
		return this.#nowMs;
	}

	readonly clock = {
		now: () => new Date(this.#nowMs),
		elapsedMs: () => this.#nowMs,
		sleep: async (ms: number, signal?: AbortSignal): Promise<void> => {
			signal?.throwIfAborted();
			if (ms >= BACKGROUND_MS) return this.#ringAt(this.#nowMs + ms, signal);
			this.waitsMs.push(ms);
			const untilMs = this.#nowMs + ms;
			for (const timer of [...this.#timers].sort((a, b) => a.atMs - b.atMs)) {
				if (timer.atMs > untilMs) break;
				this.pass(timer.atMs - this.#nowMs);
				// What the timer sets off may end this wait.
				await turn();
				signal?.throwIfAborted();
			}
			this.pass(untilMs - this.#nowMs);
		},
	};

	/** Numbers of a linear congruential generator: other ones each time, the same ones for a seed. */
	readonly random = (): number => {
		this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
		return this.#seed / 2 ** 32;
	};

	pass(ms: number): void {
		this.#nowMs += ms;
		for (const timer of this.#timers) {
			if (timer.atMs > this.#nowMs) continue;
			this.#timers.delete(timer);
			timer.ring();
		}
	}

	#ringAt(atMs: number, signal?: AbortSignal): Promise<void> {
		return new Promise((ring, reject) => {
			const timer = { atMs, ring };
			this.#timers.add(timer);
			signal?.addEventListener('abort', () => {
				this.#timers.delete(timer);
				reject(signal.reason);
			});
		});
	}
}
