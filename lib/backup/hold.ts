import { z } from 'zod';
import { hasCode, LifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import { holdName, type Place } from './backup-id';
import { bodyOf, readSmall } from './small-object';

const holdSchema = z.object({ hold: z.literal(1), reason: z.string(), at: z.iso.datetime() });

/** Why, and since when, a backup is not to be removed. */
export interface Hold {
	readonly reason: string;
	/** Null: what says so cannot be read. */
	readonly at: string | null;
}

const MAX_BYTES = 10_000;

/** The hold on a backup; null if there is none. One that cannot be read holds all the same. */
export async function readHold(store: Store, place: Place, id: string, signal?: AbortSignal): Promise<Hold | null> {
	try {
		const found = await readSmall(store, holdName(place, id), MAX_BYTES, signal);
		if (found === null) return null;
		const { reason, at } = holdSchema.parse(JSON.parse(found.content.toString('utf8')));
		return { reason, at };
	} catch (error) {
		const isUnreadable =
			error instanceof z.ZodError || error instanceof SyntaxError || hasCode(error, 'MANIFEST_INVALID');
		if (!isUnreadable) throw error;
		return { reason: 'a hold that cannot be read', at: null };
	}
}

/**
 * Holds a backup: nothing removes it until it is released. Manifests are never changed, so that this is an object
 * beside it. Whoever calls has the lease, so that no prune that is at work overlooks it.
 *
 * @throws LifeboatError `BACKUP_HELD` if it is held already, for whatever reason
 */
export async function putHold(
	store: Store,
	place: Place,
	id: string,
	hold: { readonly reason: string; readonly at: Date },
	signal?: AbortSignal,
): Promise<void> {
	const content = Buffer.from(JSON.stringify({ hold: 1, reason: hold.reason, at: hold.at.toISOString() }));
	try {
		await store.put(holdName(place, id), bodyOf(content), { contentType: 'application/json', signal });
	} catch (error) {
		if (!hasCode(error, 'STORE_EXISTS')) throw error;
		const found = await readHold(store, place, id, signal);
		throw new LifeboatError('BACKUP_HELD', `${id} is held already: ${found?.reason}`, {
			hint: 'release it first if the reason is to be another',
			data: { id },
			cause: error,
		});
	}
}

/** Ends a hold, and tells which; null if there was none. */
export async function releaseHold(store: Store, place: Place, id: string, signal?: AbortSignal): Promise<Hold | null> {
	const found = await readHold(store, place, id, signal);
	if (found !== null) await store.delete([holdName(place, id)], { signal });
	return found;
}
