import type { Clock } from '../core/clock';

/** Measures steps that come one after another. */
export class StepTimes<Name extends string> {
	readonly #clock: Clock;
	readonly #done: { readonly name: Name; readonly durationMs: number }[] = [];
	#open: { readonly name: Name; readonly startedMs: number } | null = null;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Those that have ended, in order. */
	get steps(): readonly { readonly name: Name; readonly durationMs: number }[] {
		return this.#done;
	}

	/** Begins a step, and ends the one before. */
	begin(name: Name): void {
		this.end();
		this.#open = { name, startedMs: this.#clock.elapsedMs() };
	}

	/** Ends the step that is open, if one is. */
	end(): void {
		if (this.#open === null) return;
		const { name, startedMs } = this.#open;
		this.#done.push({ name, durationMs: Math.round(this.#clock.elapsedMs() - startedMs) });
		this.#open = null;
	}
}
