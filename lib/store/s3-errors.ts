import { type ErrorCode, LifeboatError } from '../core/errors';
import { TimeLimitError } from '../core/time-limit';

/**
 * What a failed call to an S3 server means.
 *
 * - `condition`: not done, the object is there, or is not the one with the given etag
 * - `absent`: not done, no such object or upload
 * - `refused`: not done, and never will be: credentials, rights, the bucket, a setting that it does not take
 * - `unsupported`: not done, the server does not know a header or a call
 * - `full`: not done, a quota is used up
 * - `damaged`: not done, what arrived has another checksum than was sent; may be tried again
 * - `limited`: not done, but may be later
 * - `unclear`: no answer, or one that does not tell whether it was done; may be tried again
 * - `unknown`: nothing we know
 */
export type S3FailureKind =
	| 'condition'
	| 'absent'
	| 'refused'
	| 'unsupported'
	| 'full'
	| 'damaged'
	| 'limited'
	| 'unclear'
	| 'unknown';

/** A failed call to an S3 server, read. Stays within the `s3` files; callers see `toStoreError` of it. */
export class S3Failure extends Error {
	/** An earlier try of the same call failed as `unclear`: what this answer speaks of may be our own doing. */
	afterUnclear = false;
	/** A write whose answer was lost, and whose object could not be found either: it may still come. */
	mayBeDone = false;

	constructor(
		readonly kind: S3FailureKind,
		message: string,
		readonly options: { readonly hint?: string; readonly cause?: Error } = {},
	) {
		super(message);
	}

	/** An answer was lost, of this try or of an earlier one. */
	get isDoubtful(): boolean {
		return this.afterUnclear || this.kind === 'unclear';
	}
}

const CHECK_KEYS = 'check the access key, its secret, and what its policy allows in this bucket';
const CHECK_BUCKET = "check the bucket's name, its region and the endpoint";
const ASK_AGAIN = 'try again later';
const HINTS: Readonly<Record<S3FailureKind, string | undefined>> = {
	condition: 'nothing is written over; try again, for another name',
	absent: ASK_AGAIN,
	refused: 'the store does not take this: check the settings of the bucket, and those of BACKUP_S3_*',
	unsupported: 'the server does not know conditional writes: give credentials that may read, or use another server',
	full: 'make room in the bucket, or raise its quota',
	damaged: 'what arrived is not what was sent: see what lies between here and the server',
	limited: 'the store is asked for too much at once: try again later',
	unclear: ASK_AGAIN,
	unknown: undefined,
};

type Reading = readonly [S3FailureKind, string?];

/** What servers call their errors: AWS's own words, and those of others where they have more. */
const BY_NAME: Readonly<Record<string, Reading>> = {
	PreconditionFailed: ['condition'],
	ConditionalRequestConflict: ['limited'],
	OperationAborted: ['limited'],
	NoSuchKey: ['absent'],
	NoSuchUpload: ['absent'],
	NoSuchBucket: ['refused', CHECK_BUCKET],
	PermanentRedirect: ['refused', CHECK_BUCKET],
	TemporaryRedirect: ['refused', CHECK_BUCKET],
	AuthorizationHeaderMalformed: ['refused', CHECK_BUCKET],
	InvalidBucketName: ['refused', CHECK_BUCKET],
	// The SDK corrects its clock by the answer, so the next try may do.
	RequestTimeTooSkewed: ['limited', "set this machine's clock right"],
	BadDigest: ['damaged'],
	InvalidDigest: ['damaged'],
	XAmzContentSHA256Mismatch: ['damaged'],
	XAmzContentChecksumMismatch: ['damaged'],
	IncompleteBody: ['damaged'],
	QuotaExceeded: ['full'],
	StorageQuotaExceeded: ['full'],
	ServiceQuotaExceeded: ['full'],
	XMinioStorageFull: ['full'],
	XMinioAdminBucketQuotaExceeded: ['full'],
	SlowDown: ['limited'],
	TooManyRequests: ['limited'],
	RequestTimeout: ['unclear'],
	InternalError: ['unclear'],
	NotImplemented: ['unsupported'],
};

const BY_STATUS: Readonly<Record<number, Reading>> = {
	301: ['refused', CHECK_BUCKET],
	307: ['refused', CHECK_BUCKET],
	401: ['refused', CHECK_KEYS],
	403: ['refused', CHECK_KEYS],
	404: ['absent'],
	408: ['unclear'],
	409: ['limited'],
	412: ['condition'],
	429: ['limited'],
	501: ['unsupported'],
	507: ['full'],
};

/** Reads whatever the SDK threw. The only place that knows what its errors look like. */
export function readS3Failure(error: unknown): S3Failure {
	if (error instanceof S3Failure) return error;
	if (!(error instanceof Error)) return new S3Failure('unknown', 'the SDK threw something that is no error');
	const status = statusOf(error);
	const cause = plainCause(error, status);
	const [kind, hint] = kindOf(error, status);
	return new S3Failure(kind, cause.message, { hint, cause });
}

/** `exists` and `changed` are one answer of the server: which it is depends on what was asked. */
export function toStoreError(
	failure: S3Failure,
	doing: string,
	store: string,
	name?: string,
	onCondition: 'STORE_EXISTS' | 'STORE_CHANGED' = 'STORE_EXISTS',
): LifeboatError {
	const code: Record<S3FailureKind, ErrorCode> = {
		condition: onCondition,
		absent: 'STORE_UNREACHABLE',
		refused: 'STORE_REFUSED',
		unsupported: 'STORE_REFUSED',
		full: 'STORE_FULL',
		damaged: 'STORE_UNREACHABLE',
		limited: 'STORE_UNREACHABLE',
		unclear: 'STORE_UNREACHABLE',
		unknown: 'INTERNAL',
	};
	return new LifeboatError(code[failure.kind], `could not ${doing}: ${failure.message}`, {
		hint: failure.options.hint ?? HINTS[failure.kind],
		data: { store, ...(name !== undefined && { name }), ...(failure.mayBeDone && { mayBeDone: true }) },
		cause: failure.options.cause,
	});
}

function kindOf(error: Error, status: number | undefined): Reading {
	const named = Object.hasOwn(BY_NAME, error.name) ? BY_NAME[error.name] : undefined;
	if (named) return named;
	const byStatus = status === undefined ? undefined : BY_STATUS[status];
	if (byStatus) return byStatus;
	if (status !== undefined && status >= 500) return ['unclear'];
	if (status !== undefined && status >= 400) return ['refused'];
	if (error instanceof TimeLimitError || error.name === 'AbortError' || error.name === 'TimeoutError')
		return ['unclear'];
	// A success that is not S3's own, of a proxy in between: the SDK cannot read it, and hangs it on its error.
	if ('$response' in error || status !== undefined) return ['unclear'];
	return [systemCode(error) === undefined ? 'unknown' : 'unclear'];
}

function statusOf(error: Error): number | undefined {
	const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: unknown } | undefined) : undefined;
	return typeof metadata?.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

function systemCode(error: Error): string | undefined {
	for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
		if ('code' in inner && typeof inner.code === 'string') return inner.code;
	}
	return undefined;
}

/**
 * A bare copy of an error: its name and message, without what hangs on the original (request and headers, the signature
 * among them). Some servers give no message, and then the SDK's is `UnknownError`.
 */
function plainCause(error: Error, status: number | undefined): Error {
	const said = error.message.replace(/\.$/, '');
	const name = error.name === 'Error' ? (systemCode(error) ?? error.name) : error.name;
	const words = [
		said === 'UnknownError' || said === '' ? null : said,
		status === undefined ? null : `status ${status}`,
	];
	const plain = new Error([name, ...words.filter((word) => word !== null)].join(', '));
	plain.name = error.name;
	return plain;
}

/** What came is no answer of an S3 server. */
export function notUnderstood(): S3Failure {
	return new S3Failure('unclear', 'the answer is not one of an S3 server');
}
