import type { Clock, Random } from '../../core/clock';
import { hasCode, LifeboatError } from '../../core/errors';
import { type RetryPolicy, type RetryVerdict, retry } from '../../core/retry';
import { TimeLimitError, withTimeLimit } from '../../core/time-limit';

export interface PlatformCall {
	/** What is being done, for messages: "making the database x". */
	readonly doing: string;
	/** May be tried again though it may have been done: it does no more the second time. */
	readonly isRepeatable: boolean;
	readonly signal?: AbortSignal;
}

/** Longest wait for one answer, in ms: a branch is made while it is waited for. */
const ANSWER_MS = 60_000;
const POLICY: RetryPolicy = { tries: 4, baseMs: 1_000, capMs: 16_000 };

/**
 * Makes a call of Turso's client, and makes it again where that does no harm. The client can't be told to stop: a call
 * whose time is over is left to itself.
 *
 * @returns null for 404
 * @throws LifeboatError `DATABASE_EXISTS` for 409; `DATABASE_REFUSED`, `DATABASE_UNREACHABLE`, `DATABASE_FAILED`
 */
export async function callPlatform<T>(
	timing: { readonly clock: Clock; readonly random: Random },
	call: PlatformCall,
	work: () => Promise<T>,
): Promise<T | null> {
	const { doing, isRepeatable, signal } = call;
	const judge = (error: unknown): RetryVerdict => ({
		retry: hasCode(error, 'DATABASE_UNREACHABLE') && (isRepeatable || error.data.status === 429),
	});
	return retry(POLICY, { ...timing, signal }, judge, async () => {
		try {
			return await withTimeLimit(ANSWER_MS, signal, work);
		} catch (error) {
			signal?.throwIfAborted();
			const status = statusOf(error);
			if (status === 404) return null;
			throw status === null ? failureOf(error, doing) : refusalOf(status, error, doing);
		}
	});
}

/** The status that the client failed with: it tells of one whose body is not JSON by its message alone. */
function statusOf(error: unknown): number | null {
	if (!(error instanceof Error)) return null;
	if ('status' in error && typeof error.status === 'number') return error.status;
	const [, status] = /^Something went wrong! Status (\d{3})$/.exec(error.message) ?? [];
	return status === undefined ? null : Number(status);
}

/** What a failure without a status means. One of `fetch` has a cause; any other is of an answer that can't be read. */
function failureOf(error: unknown, doing: string): LifeboatError {
	const isLate = error instanceof TimeLimitError;
	if (!isLate && !(error instanceof TypeError && error.cause !== undefined)) return notOfApi(doing, error);
	const why = isLate ? error.message : 'no connection';
	return new LifeboatError('DATABASE_UNREACHABLE', `${doing} failed: Turso's API did not answer: ${why}`, {
		hint: 'see https://status.turso.tech, and try again',
		cause: error,
	});
}

const LONGEST_WORDS = 300;

/** What a status that is not of success means. The words of the API are those of the client's error. */
function refusalOf(status: number, error: unknown, doing: string): LifeboatError {
	const words = error instanceof Error && 'status' in error ? error.message.slice(0, LONGEST_WORDS) : '';
	const message = `${doing} failed: Turso's API answered ${status}${words === '' ? '' : `: ${words}`}`;
	const data = { status };
	if (status === 409) return new LifeboatError('DATABASE_EXISTS', message, { hint: 'choose another name', data });
	if (status === 401 || status === 402 || status === 403)
		return new LifeboatError('DATABASE_REFUSED', message, {
			hint:
				status === 402
					? 'see to the subscription'
					: 'set TURSO_API_TOKEN to one that may do this, and see that TURSO_ORGANIZATION is right',
			data,
		});
	if (status !== 429 && status < 500) return new LifeboatError('DATABASE_FAILED', message, { data });
	return new LifeboatError('DATABASE_UNREACHABLE', message, { hint: 'try again later', data });
}

/** `DATABASE_FAILED` for an answer that is none of the API's. */
export function notOfApi(doing: string, cause?: unknown): LifeboatError {
	return new LifeboatError('DATABASE_FAILED', `${doing} failed: what answered is not Turso's API as it is known`, {
		hint: 'see whether TURSO_API_URL is right; a newer version of Lifeboat may know it',
		cause,
	});
}
