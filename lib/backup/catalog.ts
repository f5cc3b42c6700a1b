import { LifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import { dayPrefix, folderOf, isBackupId, MANIFEST_SUFFIX, manifestName, type Place } from './backup-id';
import { MAX_MANIFEST_BYTES, type Manifest } from './manifest';
import { readManifestBytes } from './read-manifest';
import { readSmall } from './small-object';

/** The ids of the backups begun on a day (`YYYY-MM-DD`, UTC). */
export async function* backupIdsOfDay(
	store: Store,
	place: Place,
	day: string,
	signal?: AbortSignal,
): AsyncGenerator<string> {
	yield* idsOf(store, dayPrefix(place, day), signal);
}

async function* idsOf(store: Store, prefix: string, signal?: AbortSignal): AsyncGenerator<string> {
	for await (const { name } of store.list(prefix, { signal })) {
		const file = name.slice(name.lastIndexOf('/') + 1);
		const id = file.slice(0, -MANIFEST_SUFFIX.length);
		if (file.endsWith(MANIFEST_SUFFIX) && isBackupId(id)) yield id;
	}
}

/** The ids of the newest `limit` backups, newest first. Holds no more than that. */
export async function newestIds(store: Store, place: Place, limit: number, signal?: AbortSignal): Promise<string[]> {
	const ids: string[] = [];
	for await (const id of idsOf(store, `${folderOf(place)}backup-`, signal)) {
		ids.push(id);
		if (ids.length > limit) ids.shift();
	}
	return ids.reverse();
}

/** The manifest of a backup; null if there is none. Throws `MANIFEST_INVALID`. */
export async function readManifest(
	store: Store,
	place: Place,
	id: string,
	signal?: AbortSignal,
): Promise<Manifest | null> {
	const name = manifestName(place, id);
	const found = await readSmall(store, name, MAX_MANIFEST_BYTES, signal);
	return found === null ? null : readManifestBytes(found.content, name, id);
}

/**
 * The manifest of the backup that a person means by `id` or `latest`.
 *
 * @throws LifeboatError `BACKUP_NOT_FOUND`
 */
export async function findManifest(
	store: Store,
	place: Place,
	wanted: string,
	signal?: AbortSignal,
): Promise<Manifest> {
	const id = wanted === 'latest' ? (await newestIds(store, place, 1, signal))[0] : wanted;
	const manifest = id === undefined || !isBackupId(id) ? null : await readManifest(store, place, id, signal);
	if (manifest !== null) return manifest;
	const what = wanted === 'latest' ? 'no backup at all' : `no backup ${JSON.stringify(wanted)}`;
	throw new LifeboatError('BACKUP_NOT_FOUND', `there is ${what} under ${folderOf(place)} in ${store.label}`, {
		hint: 'list-backups shows what there is',
		data: { store: store.label, folder: folderOf(place) },
	});
}
