import type { ConfigWith } from '../config/config';
import { hasCode, type LifeboatError, toLifeboatError } from '../core/errors';
import { type JobContext, openStore, placeOf, systemContext } from './context';
import { type Attempt, type AttemptVerdict, joinAttempts, judgeAttempt } from './sign-in-limit';
import { type AttemptMemory, newAttemptId } from './sign-in-memory';
import { readAttempts, type StoredAttempts, writeAttempts } from './sign-in-store';

export interface AttemptOptions {
	/** Whose first store is asked; null: none can be, and this process counts for itself. */
	readonly config: ConfigWith<'store' | 'name'> | null;
	/** Whose attempt: a keyed hash of an address, never the address. */
	readonly who: string;
	/** What this process knows: it is asked first, so that a flood does not reach the store. */
	readonly memory: AttemptMemory;
	/** Told why the store could not be asked. */
	readonly onUnkept?: (error: LifeboatError) => void;
}

/** Of many who write at once all but one must read again; so often, and then the attempt is refused. */
const MOST_TRIES = 10;
/** The longest wait before the second try, in ms; it grows with each. */
const BACK_OFF_MS = 40;
/** No try is begun later than this, in ms: a person waits. */
const MOST_MS = 8_000;
/** After how long one that lost against so many may come again, in ms. */
const CROWDED_MS = 10_000;

/**
 * Counts an attempt to sign in, and says whether it is allowed; call it before the password is looked at. All instances of
 * the function count in one object of the first store, by conditional writes: however many come at once, no more are
 * allowed than the limits say. Where the store cannot be asked, each process counts for itself. Never rejects.
 */
export async function countAttempt(
	{ config, who, memory, onUnkept }: AttemptOptions,
	context: JobContext = systemContext,
): Promise<AttemptVerdict> {
	const attempt: Attempt = { id: newAttemptId(context.random), atMs: context.clock.now().getTime(), who };
	const here = judgeAttempt(memory.attempts, attempt);
	// At once, so that of many at the same time no more go on to the store than are allowed.
	memory.attempts = here.attempts;
	if (!here.isAllowed || config === null) return here;
	try {
		return await change(config, context, attempt.id, (found) => {
			const judged = judgeAttempt(found, attempt);
			const known = memory.attempts.filter(({ id }) => judged.isAllowed || id !== attempt.id);
			memory.attempts = joinAttempts(known, judged.attempts, attempt.atMs);
			return { result: judged, attempts: judged.isAllowed ? judged.attempts : null };
		});
	} catch (error) {
		if (isOvertaken(error)) return { isAllowed: false, retryAfterMs: CROWDED_MS };
		onUnkept?.(toLifeboatError(error));
		return here;
	}
}

/** Forgets the attempts of one who has signed in. Never rejects. */
export async function forgetAttempts(
	{ config, who, memory, onUnkept }: AttemptOptions,
	context: JobContext = systemContext,
): Promise<void> {
	const isOthers = (attempt: Attempt) => attempt.who !== who;
	memory.attempts = memory.attempts.filter(isOthers);
	if (config === null) return;
	try {
		await change(config, context, newAttemptId(context.random), (found) => {
			const attempts = found.filter(isOthers);
			return { result: undefined, attempts: attempts.length < found.length ? attempts : null };
		});
	} catch (error) {
		onUnkept?.(toLifeboatError(error));
	}
}

/** Reads what counts, and writes what `decide` makes of it, null: nothing; anew when somebody else has written meanwhile. */
async function change<T>(
	config: ConfigWith<'store' | 'name'>,
	context: JobContext,
	by: string,
	decide: (found: StoredAttempts['attempts']) => {
		readonly result: T;
		readonly attempts: readonly Attempt[] | null;
	},
): Promise<T> {
	const open = await openStore(config, context);
	const { store } = open;
	const place = placeOf(open, config.name);
	try {
		const sinceMs = context.clock.elapsedMs();
		for (let nth = 1; ; nth++) {
			const found = await readAttempts(store, place);
			const { result, attempts } = decide(found.attempts);
			if (attempts === null) return result;
			try {
				await writeAttempts(store, place, attempts, by, found.etag);
				return result;
			} catch (error) {
				const isLate = nth >= MOST_TRIES || context.clock.elapsedMs() - sinceMs > MOST_MS;
				if (isLate || !isOvertaken(error)) throw error;
				await context.clock.sleep(nth * BACK_OFF_MS * context.random());
			}
		}
	} finally {
		await store.close();
	}
}

function isOvertaken(error: unknown): boolean {
	return hasCode(error, 'STORE_CHANGED', 'STORE_EXISTS');
}
