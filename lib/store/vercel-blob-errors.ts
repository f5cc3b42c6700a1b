import {
	BlobAccessError,
	BlobClientTokenExpiredError,
	BlobContentTypeNotAllowedError,
	BlobError,
	BlobFileTooLargeError,
	BlobNotFoundError,
	BlobPathnameMismatchError,
	BlobPreconditionFailedError,
	BlobRequestAbortedError,
	BlobServiceNotAvailable,
	BlobServiceRateLimited,
	BlobStoreNotFoundError,
	BlobStoreSuspendedError,
	BlobUnknownError,
} from '@vercel/blob';
import { type ErrorCode, LifeboatError } from '../core/errors';
import { TimeLimitError } from '../core/time-limit';

/**
 * What a failed call to Vercel Blob means.
 *
 * - `exists`: not done, the name is taken
 * - `changed`: not done, the object is not the one with the given etag
 * - `absent`: not done, no such object or upload
 * - `refused`: not done, and never will be: credentials, a suspended store, a request it does not take
 * - `limited`: not done, but may be later
 * - `unclear`: no answer, or one that does not tell whether it was done; may be tried again
 * - `unknown`: nothing we know
 */
export type BlobFailureKind = 'exists' | 'changed' | 'absent' | 'refused' | 'limited' | 'unclear' | 'unknown';

/** A failed call to Vercel Blob, read. Stays within the `vercel-blob` files; callers see `toStoreError` of it. */
export class BlobFailure extends Error {
	/** An earlier try of the same call failed as `unclear`: what this answer speaks of may be our own doing. */
	afterUnclear = false;
	/** A write whose answer was lost, and whose object could not be found either: it may still come. */
	mayBeDone = false;

	constructor(
		readonly kind: BlobFailureKind,
		message: string,
		readonly options: { readonly hint?: string; readonly retryAfterMs?: number; readonly cause?: Error } = {},
	) {
		super(message);
	}

	/** An answer was lost, of this try or of an earlier one. */
	get isDoubtful(): boolean {
		return this.afterUnclear || this.kind === 'unclear';
	}
}

const CHECK_TOKEN = 'check BLOB_READ_WRITE_TOKEN, or BLOB_STORE_ID and that the store is connected to this project';
const ASK_AGAIN = 'try again later';
const HINTS: Readonly<Record<BlobFailureKind, string | undefined>> = {
	exists: 'nothing is written over; try again, for another name',
	changed: 'someone else has written it meanwhile: try again',
	absent: ASK_AGAIN,
	refused: 'the store does not take this: see whether a newer version of Lifeboat, or of @vercel/blob, knows it better',
	limited: 'the store is asked for too much at once: try again later',
	unclear: ASK_AGAIN,
	unknown: undefined,
};
const CHECK_STORE = "see the store's page in the Vercel dashboard: one over its quota is locked";

const BY_CLASS: ReadonlyArray<readonly [abstract new (...args: never[]) => Error, BlobFailureKind, string?]> = [
	[BlobAccessError, 'refused', CHECK_TOKEN],
	[BlobClientTokenExpiredError, 'refused', CHECK_TOKEN],
	[BlobStoreNotFoundError, 'refused', CHECK_TOKEN],
	[BlobStoreSuspendedError, 'refused', CHECK_STORE],
	[BlobContentTypeNotAllowedError, 'refused'],
	[BlobPathnameMismatchError, 'refused'],
	[BlobFileTooLargeError, 'refused'],
	[BlobNotFoundError, 'absent'],
	[BlobPreconditionFailedError, 'changed'],
	[BlobServiceRateLimited, 'limited'],
	[BlobServiceNotAvailable, 'unclear'],
	[BlobUnknownError, 'unclear'],
	[BlobRequestAbortedError, 'unclear'],
	[TimeLimitError, 'unclear'],
	// A 200 whose body is not the JSON it should be: a proxy in between, or an answer cut short.
	[SyntaxError, 'unclear'],
];

/** Reads whatever the SDK threw. The only place that knows its classes, and its messages where it gives no class. */
export function readBlobFailure(error: unknown): BlobFailure {
	if (error instanceof BlobFailure) return error;
	if (!(error instanceof Error)) return new BlobFailure('unknown', 'the SDK threw something that is no error');
	const cause = plainCause(error);
	for (const [type, kind, hint] of BY_CLASS) {
		if (error instanceof type) return new BlobFailure(kind, cause.message, { hint, cause, ...retryAfter(error) });
	}
	if (error instanceof BlobError) return readByMessage(cause);
	if (isOfAnswer(error)) return new BlobFailure('unclear', "the answer is not one of Vercel Blob's", { cause });
	return new BlobFailure(isNetworkFailure(error) ? 'unclear' : 'unknown', cause.message, { cause });
}

/** Wraps a read failure for callers. `doing` completes "could not ...". */
export function toStoreError(failure: BlobFailure, doing: string, name?: string): LifeboatError {
	const code: Record<BlobFailureKind, ErrorCode> = {
		exists: 'STORE_EXISTS',
		changed: 'STORE_CHANGED',
		absent: 'STORE_UNREACHABLE',
		refused: 'STORE_REFUSED',
		limited: 'STORE_UNREACHABLE',
		unclear: 'STORE_UNREACHABLE',
		unknown: 'INTERNAL',
	};
	return new LifeboatError(code[failure.kind], `could not ${doing}: ${failure.message}`, {
		hint: failure.options.hint ?? HINTS[failure.kind],
		data: {
			store: 'vercel-blob',
			...(name !== undefined && { name }),
			...(failure.mayBeDone && { mayBeDone: true }),
		},
		cause: failure.options.cause,
	});
}

/** Some refusals come as a bare `BlobError`: code `bad_request`, and everything that `get` throws. */
function readByMessage(cause: Error): BlobFailure {
	if (/already exists/i.test(cause.message)) return new BlobFailure('exists', cause.message, { cause });
	const status = Number(/Failed to fetch blob: (\d{3})/.exec(cause.message)?.[1] ?? 0);
	if (status === 429) return new BlobFailure('limited', cause.message, { cause });
	if (status === 408 || status >= 500) return new BlobFailure('unclear', cause.message, { cause });
	const credentials = status === 401 || status === 403 || /token|credentials|OIDC/.test(cause.message);
	return new BlobFailure('refused', cause.message, { cause, hint: credentials ? CHECK_TOKEN : undefined });
}

function retryAfter(error: Error): { retryAfterMs?: number } {
	if (!(error instanceof BlobServiceRateLimited) || !Number.isFinite(error.retryAfter)) return {};
	return { retryAfterMs: error.retryAfter * 1000 };
}

/** undici's `fetch` throws a TypeError both for a lost connection and for a wrong argument; only the first has these. */
function isNetworkFailure(error: Error): boolean {
	if (error.name === 'AbortError' || error.name === 'TimeoutError') return true;
	return systemCode(error) !== undefined || error.message === 'fetch failed' || error.message === 'terminated';
}

/** The SDK trips over JSON that is not what it expects. */
function isOfAnswer(error: Error): boolean {
	return error instanceof TypeError && /^Cannot read properties of (undefined|null) \(reading '/.test(error.message);
}

function systemCode(error: Error): string | undefined {
	for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
		if ('code' in inner && typeof inner.code === 'string') return inner.code;
	}
	return undefined;
}

/**
 * A bare copy of an error: name, message and system code, without what hangs on the original (request, headers, its own
 * causes) and without anything that looks like a token. undici quotes a header value that it refuses, token and all.
 */
function plainCause(error: Error): Error {
	const code = systemCode(error);
	const message = error.message.replace(/^Vercel Blob: /, '').replace(/\.$/, '');
	const plain = new Error(scrub(code === undefined ? message : `${message} (${code})`));
	plain.name = error.constructor.name || error.name;
	return plain;
}

function scrub(text: string): string {
	return text
		.replace(/\bvercel_blob_\w+/g, '[redacted]')
		.replace(/\bBearer\s+[^"]+/gi, 'Bearer [redacted]')
		.replace(/\beyJ[\w-]+(\.[\w-]+)*/g, '[redacted]');
}
