import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { Clock, Random } from '../core/clock';
import { LifeboatError } from '../core/errors';
import type { RetryPolicy } from '../core/retry';
import { withBody } from './body-reader';
import { checkName, checkPrefix } from './names';
import {
	callS3,
	makeClient,
	namingFailures,
	type S3Credentials,
	type S3Limits,
	type S3Session,
	type S3Settings,
} from './s3-call';
import { S3Failure } from './s3-errors';
import { lockObject } from './s3-lock';
import { findObject, listObjects, openObject } from './s3-read';
import { createObject, replaceObject } from './s3-write';
import type { Store } from './store';

export interface S3StoreOptions {
	/** The server's origin, whose buckets are addressed by path; null: AWS in `region`. */
	readonly endpoint: string | null;
	readonly region: string;
	readonly bucket: string;
	readonly credentials: S3Credentials;
	readonly settings?: S3Settings;
	readonly clock: Clock;
	readonly random: Random;
	readonly retry?: RetryPolicy;
	readonly limits?: Partial<S3Limits>;
}

const DEFAULT_RETRY: RetryPolicy = { tries: 4, baseMs: 500, capMs: 10_000 };
const DEFAULT_LIMITS: S3Limits = { answerMs: 20_000, uploadMs: 120_000, stallMs: 30_000 };
const PLAIN: S3Settings = { encryption: null, kmsKeyId: null, storageClass: null, lock: null };
const LARGEST_REPLACEMENT_BYTES = 1_000_000;
/** Objects deleted at once: one call each, as not every server can delete several by one. */
const DELETES_AT_ONCE = 8;

/**
 * Opens a bucket of an S3 server as a store. Nothing is sent before the first call of a method.
 *
 * The right to write suffices for `put`: what it would look up is then left to the server's conditions, and an object
 * whose answer was lost cannot be recognised. In a bucket with versions, `delete` hides an object, and frees nothing.
 */
export function openS3Store(options: S3StoreOptions): Store {
	const { endpoint, region, bucket, credentials } = options;
	const session: S3Session = {
		client: makeClient(endpoint, region, credentials),
		bucket,
		label: `s3://${bucket} at ${endpoint === null ? `AWS ${region}` : new URL(endpoint).host}`,
		settings: options.settings ?? PLAIN,
		clock: options.clock,
		random: options.random,
		retry: options.retry ?? DEFAULT_RETRY,
		limits: { ...DEFAULT_LIMITS, ...options.limits },
		bareEtags: false,
	};
	const { label, settings } = session;
	return {
		label,
		mayLock: true,
		hasClock: true,
		...(settings.lock !== null && {
			lockDays: settings.lock.days,
			async lock(name, { signal }) {
				checkName(name);
				await namingFailures(session, 'lock an object', name, () => lockObject(session, name, signal));
			},
		}),

		put(name, body, { contentType, signal }) {
			return withBody(body, signal, async (reader) => {
				checkName(name);
				return namingFailures(session, 'write an object', name, () => createObject(session, name, reader, contentType));
			});
		},

		async replace(name, body, etag, putOptions) {
			checkName(name);
			if (body.byteLength > LARGEST_REPLACEMENT_BYTES)
				throw new LifeboatError('INTERNAL', `too large to be replaced: ${name}`, { data: { bytes: body.byteLength } });
			const replace = () => replaceObject(session, name, body, etag, putOptions);
			return namingFailures(session, 'replace an object', name, replace, 'STORE_CHANGED');
		},

		async get(name, { signal }) {
			checkName(name);
			return namingFailures(session, 'open an object', name, () => openObject(session, name, signal));
		},

		async head(name, { signal }) {
			checkName(name);
			const found = await namingFailures(session, 'look up an object', name, () => findObject(session, name, signal));
			return found?.object ?? null;
		},

		async *list(prefix, { signal }) {
			checkPrefix(prefix);
			yield* listObjects(session, prefix, signal);
		},

		async delete(names, { signal }) {
			names.forEach(checkName);
			for (let at = 0; at < names.length; at += DELETES_AT_ONCE) {
				const some = names.slice(at, at + DELETES_AT_ONCE);
				await Promise.all(some.map((name) => deleteObject(session, name, signal)));
			}
		},

		async close() {
			session.client.destroy();
		},
	};
}

function deleteObject(session: S3Session, name: string, signal: AbortSignal | undefined): Promise<void> {
	const command = new DeleteObjectCommand({ Bucket: session.bucket, Key: name });
	return namingFailures(session, 'delete an object', name, async () => {
		await callS3(session, session.limits.answerMs, signal, (client, options) => client.send(command, options)).catch(
			(error) => {
				// Some servers tell of an object that is not there.
				if (!(error instanceof S3Failure) || error.kind !== 'absent') throw error;
			},
		);
	});
}
