import type { Store, StoredObject } from '../store/store';
import { manifestName, type Place } from './backup-id';
import { entriesOf } from './inventory';

/** Litter is left alone this long, in ms: a run may be about to write its manifest. */
const LITTER_MS = 24 * 3_600_000;
const DELETE_AT_ONCE = 100;

/** An object that belongs to no backup. */
export interface Litter extends Pick<StoredObject, 'name' | 'bytes' | 'modifiedAt'> {
	readonly what: 'data without a manifest' | 'a hold without a backup';
}

/**
 * Data objects and holds that have no manifest and are older than a day: what runs that failed or were killed left.
 * Anything that has not the name of a backup is left alone.
 */
export async function* findLitter(store: Store, place: Place, now: Date, signal?: AbortSignal): AsyncGenerator<Litter> {
	const isOld = ({ modifiedAt }: StoredObject) => now.getTime() - modifiedAt.getTime() >= LITTER_MS;
	for await (const { id, hold, manifest, data, media } of entriesOf(store, place, signal)) {
		const old = [...(hold ? [hold] : []), ...data, ...media].filter(isOld);
		if (manifest !== null || old.length === 0) continue;
		// A list that leaves a manifest out must not cost its backup.
		if ((await store.head(manifestName(place, id), { signal })) !== null) continue;
		for (const { name, bytes, modifiedAt } of old) {
			const what = name === hold?.name ? 'a hold without a backup' : 'data without a manifest';
			yield { name, bytes, modifiedAt, what };
		}
	}
}

/** Deletes what `findLitter` finds, and tells how many objects that were. */
export async function sweepLitter(store: Store, place: Place, now: Date, signal?: AbortSignal): Promise<number> {
	let names: string[] = [];
	let swept = 0;
	const deleteNames = async () => {
		await store.delete(names, { signal });
		swept += names.length;
		names = [];
	};
	for await (const { name } of findLitter(store, place, now, signal)) {
		names.push(name);
		if (names.length === DELETE_AT_ONCE) await deleteNames();
	}
	if (names.length > 0) await deleteNames();
	return swept;
}
