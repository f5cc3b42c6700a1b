import { alertsName, type Place } from '../backup/backup-id';
import { bodyOf, readSmall } from '../backup/small-object';
import { hasCode } from '../core/errors';
import { type AlertState, NO_STATE, parseState } from '../notify/state';
import type { Store } from '../store/store';
import { askWithin } from './store-limit';

const MAX_BYTES = 900_000;
/** How long reading or writing it may take, in ms: what is to be told must not wait for the store. */
const LIMIT_MS = 3_000;

/** The state of the alerts as it lies in the first store; `etag` null: there is none yet. */
export interface StoredAlerts {
	readonly state: AlertState;
	readonly etag: string | null;
}

/** Reads what was told so far. Throws as the store does. */
export function readAlerts(store: Store, place: Place, signal?: AbortSignal): Promise<StoredAlerts> {
	const name = alertsName(place);
	return askWithin(LIMIT_MS, signal, async (limited) => {
		try {
			const found = await readSmall(store, name, MAX_BYTES, limited);
			return found === null ? { state: NO_STATE, etag: null } : { state: parseState(found.content), etag: found.etag };
		} catch (error) {
			// Too long to be ours: it is written over.
			if (!hasCode(error, 'MANIFEST_INVALID')) throw error;
			const there = await store.head(name, { signal: limited });
			return { state: NO_STATE, etag: there?.etag ?? null };
		}
	});
}

/**
 * Writes what was told, over what was read.
 *
 * @throws LifeboatError `STORE_CHANGED` or `STORE_EXISTS` if somebody else has written it since; as the store does
 */
export async function writeAlerts(
	store: Store,
	place: Place,
	state: AlertState,
	etag: string | null,
	signal?: AbortSignal,
): Promise<StoredAlerts> {
	const name = alertsName(place);
	const bytes = Buffer.from(JSON.stringify(state));
	const written = await askWithin(LIMIT_MS, signal, (limited) => {
		const options = { contentType: 'application/json', signal: limited };
		return etag === null ? store.put(name, bodyOf(bytes), options) : store.replace(name, bytes, etag, options);
	});
	return { state, etag: written.etag };
}
