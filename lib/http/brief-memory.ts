/** Remembers what an answer was for a moment; whoever asks meanwhile gets the same. */
export interface BriefMemory<T> {
	/** What `find` gave last, if that was not long ago; else what it gives now. A failure is not remembered. */
	recall(find: () => Promise<T>): Promise<T>;
}

/** @param forMs how long an answer is remembered, in ms on `nowMs`, a clock that never goes back */
export function createBriefMemory<T>(forMs: number, nowMs = () => performance.now()): BriefMemory<T> {
	let known: { readonly answer: Promise<T>; untilMs: number } | null = null;
	return {
		recall(find) {
			if (known && nowMs() < known.untilMs) return known.answer;
			const asked = { answer: find(), untilMs: Number.POSITIVE_INFINITY };
			known = asked;
			asked.answer.then(
				() => {
					asked.untilMs = nowMs() + forMs;
				},
				() => {
					asked.untilMs = 0;
				},
			);
			return asked.answer;
		},
	};
}
