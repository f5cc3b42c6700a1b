import type { Clock, Random } from '../core/clock';
import { type RetryPolicy, type RetryVerdict, retry } from '../core/retry';
import type { Secret } from '../core/secret';
import { withTimeLimit } from '../core/time-limit';
import { BlobFailure, readBlobFailure, toStoreError } from './vercel-blob-errors';

// The SDK's own retries (ten, up to 1,000 s) would multiply with ours, and can be turned off only by its variable,
// which it reads at every call. This is the one place that sets it.
process.env.VERCEL_BLOB_RETRIES = '0';

/** Time limits in milliseconds. */
export interface VercelBlobLimits {
	/** For an answer to a call without a body, and for the start of an object that is read. */
	readonly answerMs: number;
	/** For one upload of up to 8 MiB, and for putting the parts together. */
	readonly uploadMs: number;
	/** For the next bytes of an object that is read. */
	readonly stallMs: number;
}

/** What every call needs. */
export interface BlobSession {
	readonly token: Secret | undefined;
	readonly storeId: string | undefined;
	/** A store is one or the other, for good. */
	readonly access: 'private' | 'public';
	readonly clock: Clock;
	readonly random: Random;
	readonly retry: RetryPolicy;
	readonly limits: VercelBlobLimits;
}

/** Options that every function of the SDK takes. */
export interface SdkOptions {
	readonly token?: string;
	readonly storeId?: string;
	readonly abortSignal: AbortSignal;
}

/** Whoever asks us to wait longer than this, in ms, has told us to give up: a function lives for minutes. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Calls the SDK, again while the failure may pass, each try within `limitMs`.
 *
 * @throws BlobFailure the last one, with `afterUnclear` set; or the signal's reason once it aborts
 */
export async function callBlob<T>(
	session: BlobSession,
	limitMs: number,
	signal: AbortSignal | undefined,
	call: (options: SdkOptions) => Promise<T>,
): Promise<T> {
	let afterUnclear = false;
	const judge = (error: unknown): RetryVerdict => {
		if (!(error instanceof BlobFailure) || (error.kind !== 'unclear' && error.kind !== 'limited'))
			return { retry: false };
		const afterMs = error.options.retryAfterMs ?? 0;
		return afterMs > LONGEST_WAIT_MS ? { retry: false } : { retry: true, afterMs };
	};
	try {
		return await retry(session.retry, { clock: session.clock, random: session.random, signal }, judge, async () => {
			try {
				return await withTimeLimit(limitMs, signal, (abortSignal) => call({ ...credentials(session), abortSignal }));
			} catch (error) {
				const failure = readBlobFailure(error);
				failure.afterUnclear = afterUnclear;
				afterUnclear ||= failure.kind === 'unclear';
				throw failure;
			}
		});
	} catch (error) {
		// Whatever the SDK made of the abort, callers see their own reason.
		throw signal?.aborted ? signal.reason : error;
	}
}

/** Runs `work`, and hands what Vercel Blob failed at to the caller as a `LifeboatError`. Other errors pass as they are. */
export async function namingFailures<T>(doing: string, name: string | undefined, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw error instanceof BlobFailure ? toStoreError(error, doing, name) : error;
	}
}

function credentials(session: BlobSession): { token?: string; storeId?: string } {
	return session.token ? { token: session.token.reveal() } : { storeId: session.storeId };
}
