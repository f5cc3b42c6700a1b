import { BlobNotFoundError, get, head, type ListBlobResultBlob, list } from '@vercel/blob';
import { withTimeLimit } from '../core/time-limit';
import { isObjectName } from './names';
import { openBody } from './open-body';
import type { OpenObject, StoredObject } from './store';
import { toStoredObject } from './vercel-blob-answers';
import { type BlobSession, callBlob, namingFailures } from './vercel-blob-call';
import { BlobFailure, readBlobFailure } from './vercel-blob-errors';

const PAGE_OBJECTS = 1000;

/** Asks for an object's size, time and etag; null if there is none. Throws `BlobFailure`. */
export async function headObject(
	session: BlobSession,
	name: string,
	signal?: AbortSignal,
): Promise<StoredObject | null> {
	return callBlob(session, session.limits.answerMs, signal, async (options) => {
		const found = await head(name, options).catch(nullIfAbsent);
		return found && toStoredObject(name, found);
	});
}

/**
 * Opens an object past the CDN's cache; null if there is none. Opening throws `BlobFailure`, reading `LifeboatError`.
 * A read that breaks off is not taken up again: the bytes before it are already gone downstream.
 */
export async function openObject(session: BlobSession, name: string, signal?: AbortSignal): Promise<OpenObject | null> {
	const opened = await callBlob(session, session.limits.answerMs, signal, async (options) => {
		// As is: compressed on the way, an object has no known length, and a weak etag.
		const headers = { 'accept-encoding': 'identity' };
		const result = await get(name, { ...options, access: session.access, useCache: false, headers });
		if (result === null) return null;
		if (result.statusCode !== 200) throw new BlobFailure('unclear', `an object was answered by ${result.statusCode}`);
		try {
			const length = result.headers.has('content-encoding') ? null : result.headers.get('content-length');
			const size = length === null ? (await head(name, options)).size : Number(length);
			return { stream: result.stream, object: toStoredObject(name, { ...result.blob, size }) };
		} catch (error) {
			await result.stream.cancel().catch(() => {});
			throw error;
		}
	});
	if (!opened) return null;
	const { object, stream } = opened;
	const reader = stream.getReader();
	const body = openBody({
		name,
		bytes: object.bytes,
		signal,
		read: () =>
			namingFailures('read an object to its end', name, async () => {
				try {
					const { done, value } = await withTimeLimit(session.limits.stallMs, signal, () => reader.read());
					return done ? null : value;
				} catch (error) {
					throw signal?.aborted ? signal.reason : readBlobFailure(error);
				}
			}),
		// The connection is beyond help when it does not take a cancel; there is nothing to wait for.
		close: async () => void reader.cancel().catch(() => {}),
	});
	return { ...object, body };
}

/** Lists objects in order of names, a page of the store at a time. Throws `LifeboatError`. */
export function listObjects(
	session: BlobSession,
	prefix: string,
	signal?: AbortSignal,
): AsyncGenerator<StoredObject, void> {
	// Folders made in the dashboard are empty objects named `x/`, which no store of ours can hold.
	const toObject = (blob: ListBlobResultBlob) =>
		isObjectName(blob.pathname) ? toStoredObject(blob.pathname, blob) : null;
	return listBlobs(session, prefix, toObject, signal);
}

/** Lists blobs as {@link listObjects} does, each as what `toItem` makes of it; null leaves it out. */
export async function* listBlobs<T>(
	session: BlobSession,
	prefix: string,
	toItem: (blob: ListBlobResultBlob) => T | null,
	signal?: AbortSignal,
): AsyncGenerator<T, void> {
	for (let cursor: string | undefined; ; ) {
		const page = await namingFailures('list objects', undefined, () =>
			callBlob(session, session.limits.answerMs, signal, async (options) => {
				const answer = await list({ ...options, prefix, cursor, limit: PAGE_OBJECTS });
				if (answer.hasMore && (!answer.cursor || answer.cursor === cursor)) {
					throw new BlobFailure('unclear', 'the store says that there is more, but not where');
				}
				return { ...answer, items: answer.blobs.map(toItem).filter((item) => item !== null) };
			}),
		);
		yield* page.items;
		if (!page.hasMore) return;
		cursor = page.cursor;
	}
}

function nullIfAbsent(error: unknown): null {
	if (error instanceof BlobNotFoundError) return null;
	throw error;
}
