import { BlobNotFoundError, get, head, list } from '@vercel/blob';
import { withTimeLimit } from '../core/time-limit';
import { isObjectName } from './names';
import { openBody } from './open-body';
import type { OpenObject, StoredObject } from './store';
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
		return found && { name, bytes: found.size, modifiedAt: found.uploadedAt, etag: strongEtag(found.etag) };
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
		const result = await get(name, { ...options, access: 'private', useCache: false, headers });
		if (result?.statusCode !== 200) return null;
		const length = result.headers.has('content-encoding') ? null : result.headers.get('content-length');
		const bytes = length === null ? (await head(name, options)).size : Number(length);
		return { result, bytes };
	});
	if (!opened) return null;
	const { blob, stream } = opened.result;
	const reader = stream.getReader();
	const body = openBody({
		name,
		bytes: opened.bytes,
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
	return { name, bytes: opened.bytes, modifiedAt: blob.uploadedAt, etag: strongEtag(blob.etag), body };
}

/** Lists objects in order of names, a page of the store at a time. Throws `LifeboatError`. */
export async function* listObjects(
	session: BlobSession,
	prefix: string,
	signal?: AbortSignal,
): AsyncGenerator<StoredObject, void> {
	for (let cursor: string | undefined; ; ) {
		const page = await namingFailures('list objects', undefined, () =>
			callBlob(session, session.limits.answerMs, signal, async (options) => {
				const answer = await list({ ...options, prefix, cursor, limit: PAGE_OBJECTS });
				if (answer.hasMore && (!answer.cursor || answer.cursor === cursor)) {
					throw new BlobFailure('unclear', 'the store says that there is more, but not where');
				}
				return answer;
			}),
		);
		for (const { pathname, size, uploadedAt, etag } of page.blobs) {
			// Folders made in the dashboard are empty objects named `x/`, which no store of ours can hold.
			if (!isObjectName(pathname)) continue;
			yield { name: pathname, bytes: size, modifiedAt: uploadedAt, etag: strongEtag(etag) };
		}
		if (!page.hasMore) return;
		cursor = page.cursor;
	}
}

function nullIfAbsent(error: unknown): null {
	if (error instanceof BlobNotFoundError) return null;
	throw error;
}

/** A weak etag marks the same content; conditional writes compare only strong ones. */
function strongEtag(etag: string): string {
	return etag.replace(/^W\//, '');
}
