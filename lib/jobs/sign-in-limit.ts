/** An attempt to sign in. */
export interface Attempt {
	/** Of chance: two of the same moment are two. */
	readonly id: string;
	readonly atMs: number;
	/** Whose: a keyed hash of an address. */
	readonly who: string;
}

/** Attempts of one caller, and of all together, within `windowMs`. */
export const SIGN_IN_LIMITS = { each: 5, all: 50, windowMs: 15 * 60_000 } as const;

export interface AttemptVerdict {
	readonly isAllowed: boolean;
	/** When another one will be, in ms from now; 0: it is allowed. */
	readonly retryAfterMs: number;
}

/** A verdict, and all attempts that count from now on, oldest first: `SIGN_IN_LIMITS.all` at most. */
export interface JudgedAttempt extends AttemptVerdict {
	readonly attempts: readonly Attempt[];
}

/**
 * Decides whether an attempt is allowed beside those that were made. One that is refused does not count: who waits long
 * enough gets in, whoever goes on trying.
 */
export function judgeAttempt(before: readonly Attempt[], attempt: Attempt): JudgedAttempt {
	const { each, all } = SIGN_IN_LIMITS;
	const others = stillCounted(before, attempt.atMs).filter(({ id }) => id !== attempt.id);
	const waits = [
		waitMs(others, all, attempt.atMs),
		waitMs(
			others.filter(({ who }) => who === attempt.who),
			each,
			attempt.atMs,
		),
	];
	const retryAfterMs = Math.max(...waits);
	if (retryAfterMs > 0) return { isAllowed: false, retryAfterMs, attempts: others };
	return { isAllowed: true, retryAfterMs: 0, attempts: [...others, attempt] };
}

/** The attempts of two lists, each once, that count at `nowMs`. */
export function joinAttempts(one: readonly Attempt[], other: readonly Attempt[], nowMs: number): readonly Attempt[] {
	const byId = new Map([...one, ...other].map((attempt) => [attempt.id, attempt]));
	return stillCounted([...byId.values()], nowMs);
}

/** Those within the window, oldest first, the last ones if there are too many. One from the future, by another clock, is of now. */
function stillCounted(attempts: readonly Attempt[], nowMs: number): Attempt[] {
	return attempts
		.map((attempt) => ({ ...attempt, atMs: Math.min(attempt.atMs, nowMs) }))
		.filter(({ atMs }) => nowMs - atMs < SIGN_IN_LIMITS.windowMs)
		.sort((one, other) => one.atMs - other.atMs)
		.slice(-SIGN_IN_LIMITS.all);
}

/** How long until fewer than `most` of them count, in ms; 0: that is so now. */
function waitMs(attempts: readonly Attempt[], most: number, nowMs: number): number {
	const oldest = attempts.at(-most);
	return attempts.length < most || oldest === undefined ? 0 : oldest.atMs + SIGN_IN_LIMITS.windowMs - nowMs;
}
