import { hasCode } from '../core/errors';
import type { Store } from '../store/store';
import { historyName, type Place } from './backup-id';
import { decodeHistory, encodeHistory, type History, MAX_HISTORY_BYTES, NO_HISTORY } from './history';
import { bodyOf, readSmall } from './small-object';

/** The summary as it lies in a store; `etag` null: there is none, and so there is when it cannot be read. */
export interface StoredHistory {
	readonly history: History;
	/** Of whatever has its name. */
	readonly etag: string | null;
}

/** Reads the summary; {@link NO_HISTORY} if there is none, or none that can be read. Throws as the store does. */
export async function readStoredHistory(store: Store, place: Place, signal?: AbortSignal): Promise<StoredHistory> {
	const name = historyName(place);
	try {
		const found = await readSmall(store, name, MAX_HISTORY_BYTES, signal);
		if (found === null) return { history: NO_HISTORY, etag: null };
		return { history: decodeHistory(found.content) ?? NO_HISTORY, etag: found.etag };
	} catch (error) {
		// Too long to be ours: it is written over.
		if (!hasCode(error, 'MANIFEST_INVALID')) throw error;
		const there = await store.head(name, { signal });
		return { history: NO_HISTORY, etag: there?.etag ?? null };
	}
}

/**
 * Writes the summary over what was read.
 *
 * @throws LifeboatError `STORE_CHANGED` or `STORE_EXISTS` if somebody else has written it since; as the store does
 */
export async function writeHistory(
	store: Store,
	place: Place,
	history: History,
	etag: string | null,
	signal?: AbortSignal,
): Promise<void> {
	const name = historyName(place);
	const bytes = encodeHistory(history);
	const options = { contentType: 'application/json', signal };
	await (etag === null ? store.put(name, bodyOf(bytes), options) : store.replace(name, bytes, etag, options));
}
