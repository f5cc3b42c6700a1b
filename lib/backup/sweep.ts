import type { Store } from '../store/store';
import { folderOf, idOfData, MANIFEST_SUFFIX, manifestName, type Place } from './backup-id';

/** Litter is left alone this long: a run may be about to write its manifest. */
const LITTER_MS = 24 * 3_600_000;
const DELETE_AT_ONCE = 100;

/**
 * Deletes data objects that have no manifest and are older than a day: what runs that failed or were killed left.
 * Anything that has not the name of a backup is left alone.
 *
 * @returns how many were deleted
 */
export async function sweepLitter(store: Store, place: Place, now: Date, signal?: AbortSignal): Promise<number> {
	let lastManifest = '';
	let litter: string[] = [];
	let swept = 0;
	// `.json` sorts before `.ndjson.gz`, so a backup's manifest has been seen when its data comes.
	for await (const { name, modifiedAt } of store.list(`${folderOf(place)}backup-`, { signal })) {
		const file = name.slice(name.lastIndexOf('/') + 1);
		if (file.endsWith(MANIFEST_SUFFIX)) lastManifest = file.slice(0, -MANIFEST_SUFFIX.length);
		const id = idOfData(file);
		if (id === null || id === lastManifest || now.getTime() - modifiedAt.getTime() < LITTER_MS) continue;
		// A list that leaves a manifest out must not cost its backup.
		if ((await store.head(manifestName(place, id), { signal })) !== null) continue;
		litter.push(name);
		if (litter.length < DELETE_AT_ONCE) continue;
		await store.delete(litter, { signal });
		swept += litter.length;
		litter = [];
	}
	if (litter.length > 0) await store.delete(litter, { signal });
	return swept + litter.length;
}
