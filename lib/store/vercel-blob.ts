import { del } from '@vercel/blob';
import type { Clock, Random } from '../core/clock';
import { LifeboatError } from '../core/errors';
import type { RetryPolicy } from '../core/retry';
import type { Secret } from '../core/secret';
import { withBody } from './body-reader';
import { checkName, checkPrefix } from './names';
import type { Store } from './store';
import { type BlobSession, callBlob, namingFailures, type VercelBlobLimits } from './vercel-blob-call';
import { headObject, listObjects, openObject } from './vercel-blob-read';
import { createObject, replaceObject } from './vercel-blob-write';

export interface VercelBlobStoreOptions {
	/** A read-write token of the store. Goes before `storeId`. */
	readonly token?: Secret;
	/** The store's id, to be used with the OIDC token that Vercel gives the function. */
	readonly storeId?: string;
	readonly clock: Clock;
	readonly random: Random;
	readonly retry?: RetryPolicy;
	readonly limits?: Partial<VercelBlobLimits>;
}

export const DEFAULT_RETRY: RetryPolicy = { tries: 5, baseMs: 500, capMs: 10_000 };
export const DEFAULT_LIMITS: VercelBlobLimits = { answerMs: 30_000, uploadMs: 120_000, stallMs: 30_000 };
const LARGEST_REPLACEMENT_BYTES = 1_000_000;
/** Names in one call to delete. */
const DELETE_BATCH = 100;

/**
 * Opens a private Vercel Blob store. Nothing is sent before the first call of a method.
 *
 * @throws LifeboatError `CONFIG_INVALID` if there are no credentials, or the token is not a read-write token
 */
export function openVercelBlobStore(options: VercelBlobStoreOptions): Store {
	checkCredentials(options);
	const session: BlobSession = {
		token: options.token,
		storeId: options.storeId,
		access: 'private',
		clock: options.clock,
		random: options.random,
		retry: options.retry ?? DEFAULT_RETRY,
		limits: { ...DEFAULT_LIMITS, ...options.limits },
	};
	return {
		label: 'vercel-blob',
		hasClock: true,

		put(name, body, { contentType, signal }) {
			return withBody(body, signal, async (reader) => {
				checkName(name);
				return namingFailures('write an object', name, () => createObject(session, name, reader, contentType));
			});
		},

		async replace(name, body, etag, putOptions) {
			checkName(name);
			if (body.byteLength > LARGEST_REPLACEMENT_BYTES) {
				throw new LifeboatError('INTERNAL', `too large to be replaced: ${name}`, { data: { bytes: body.byteLength } });
			}
			return namingFailures('replace an object', name, () => replaceObject(session, name, body, etag, putOptions));
		},

		async get(name, { signal }) {
			checkName(name);
			return namingFailures('open an object', name, () => openObject(session, name, signal));
		},

		async head(name, { signal }) {
			checkName(name);
			return namingFailures('look up an object', name, () => headObject(session, name, signal));
		},

		async *list(prefix, { signal }) {
			checkPrefix(prefix);
			yield* listObjects(session, prefix, signal);
		},

		async delete(names, { signal }) {
			names.forEach(checkName);
			for (let at = 0; at < names.length; at += DELETE_BATCH) {
				const batch = names.slice(at, at + DELETE_BATCH);
				await namingFailures('delete objects', batch[0], () =>
					callBlob(session, session.limits.answerMs, signal, (sdkOptions) => del(batch, sdkOptions)),
				);
			}
		},

		// The SDK sends through undici's shared dispatcher, whose idle connections close by themselves.
		async close() {},
	};
}

/** Throws `CONFIG_INVALID` unless there is a read-write token, or the id of a store. */
export function checkCredentials({ token, storeId }: Pick<VercelBlobStoreOptions, 'token' | 'storeId'>): void {
	if (token) {
		// The SDK takes the store's id from the token's fourth piece, and quotes what it cannot send in a header.
		if (/^vercel_blob_rw_[A-Za-z0-9]+_\w+$/.test(token.reveal())) return;
		throw new LifeboatError('CONFIG_INVALID', 'the Blob token is not a read-write token', {
			hint: 'copy BLOB_READ_WRITE_TOKEN from the store in the Vercel dashboard; it starts with vercel_blob_rw_',
		});
	}
	if (storeId && /^[A-Za-z0-9_]+$/.test(storeId)) return;
	throw new LifeboatError('CONFIG_INVALID', 'there are no credentials for the Blob store', {
		hint: 'set BLOB_READ_WRITE_TOKEN, or BLOB_STORE_ID to use the OIDC token that Vercel gives the function',
	});
}
