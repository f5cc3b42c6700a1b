import { S3Client } from '@aws-sdk/client-s3';
import type { Clock, Random } from '../core/clock';
import { type RetryPolicy, type RetryVerdict, retry } from '../core/retry';
import type { Secret } from '../core/secret';
import { withTimeLimit } from '../core/time-limit';
import { readS3Failure, S3Failure, toStoreError } from './s3-errors';

// It would go to the stderr of every script that runs on Node 20, which this version of the SDK still knows.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Time limits in milliseconds. */
export interface S3Limits {
	/** For an answer to a call without a body, and for the start of an object that is read. */
	readonly answerMs: number;
	/** For one upload of up to 8 MiB, and for putting the parts together. */
	readonly uploadMs: number;
	/** For the next bytes of an object that is read. */
	readonly stallMs: number;
}

/** How new objects are kept. */
export interface S3Settings {
	readonly encryption: 'AES256' | 'aws:kms' | null;
	/** For `aws:kms`; null: the bucket's own key. */
	readonly kmsKeyId: string | null;
	/** Null: the bucket's default. */
	readonly storageClass: string | null;
	/** Null: none, or the bucket's default. */
	readonly lock: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number } | null;
}

export interface S3Credentials {
	readonly accessKeyId: Secret;
	readonly secretAccessKey: Secret;
}

/** What every call needs. */
export interface S3Session {
	readonly client: S3Client;
	readonly bucket: string;
	readonly label: string;
	readonly settings: S3Settings;
	readonly clock: Clock;
	readonly random: Random;
	readonly retry: RetryPolicy;
	readonly limits: S3Limits;
	/** The server has shown that it compares etags without their quotes. */
	bareEtags: boolean;
}

/** Makes a client that takes nothing of its settings from the machine's AWS configuration. Sends nothing. */
export function makeClient(
	endpoint: string | null,
	region: string,
	{ accessKeyId, secretAccessKey }: S3Credentials,
): S3Client {
	return new S3Client({
		region,
		credentials: { accessKeyId: accessKeyId.reveal(), secretAccessKey: secretAccessKey.reveal() },
		...(endpoint !== null && { endpoint, forcePathStyle: true }),
		// Ours know when a write that was tried twice was done by the first try.
		maxAttempts: 1,
		// Every body goes with its SHA-256, as a part of the signature, and its MD5: the checksums that all servers
		// check. Of the newer ones, which the SDK would add, some servers take none and others refuse the request.
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
		useFipsEndpoint: false,
		useDualstackEndpoint: false,
		useArnRegion: false,
		disableS3ExpressSessionAuth: true,
		defaultsMode: 'standard',
	});
}

/**
 * Sends one call, again while the failure may pass, each try within `limitMs`.
 *
 * @throws S3Failure the last one, with `afterUnclear` set; or the signal's reason once it aborts
 */
export async function callS3<T>(
	session: S3Session,
	limitMs: number,
	signal: AbortSignal | undefined,
	call: (client: S3Client, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
	let afterUnclear = false;
	const judge = (error: unknown): RetryVerdict => ({
		retry: error instanceof S3Failure && ['unclear', 'limited', 'damaged'].includes(error.kind),
	});
	try {
		return await retry(session.retry, { clock: session.clock, random: session.random, signal }, judge, async () => {
			try {
				return await withTimeLimit(limitMs, signal, (abortSignal) => call(session.client, { abortSignal }));
			} catch (error) {
				const failure = readS3Failure(error);
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

/** Runs `work`, and hands what the server failed at to the caller as a `LifeboatError`. Other errors pass as they are. */
export async function namingFailures<T>(
	session: S3Session,
	doing: string,
	name: string | undefined,
	work: () => Promise<T>,
	onCondition?: 'STORE_EXISTS' | 'STORE_CHANGED',
): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw error instanceof S3Failure ? toStoreError(error, doing, session.label, name, onCondition) : error;
	}
}
