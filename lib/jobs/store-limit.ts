import { LifeboatError } from '../core/errors';
import { TimeLimitError, withTimeLimit } from '../core/time-limit';

/**
 * Asks a store for at most `limitMs` milliseconds, its own retries included.
 *
 * @throws LifeboatError `STORE_UNREACHABLE` when that is over; what `ask` fails with
 */
export async function askWithin<T>(
	limitMs: number,
	signal: AbortSignal | undefined,
	ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	try {
		return await withTimeLimit(limitMs, signal, ask);
	} catch (error) {
		if (!(error instanceof TimeLimitError)) throw error;
		throw new LifeboatError('STORE_UNREACHABLE', `the store had not answered after ${limitMs} ms`, {
			hint: 'try again; see whether the store is up',
			cause: error,
		});
	}
}
