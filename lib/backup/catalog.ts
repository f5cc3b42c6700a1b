import { hasCode, LifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import { dayPrefix, folderOf, isBackupId, MANIFEST_SUFFIX, manifestName, type Place } from './backup-id';
import { newestEntries } from './inventory';
import { decodeManifest, MAX_MANIFEST_BYTES, type Manifest } from './manifest';
import { readSmall } from './small-object';

/** The ids of the backups begun on a day (`YYYY-MM-DD`, UTC). */
export async function* backupIdsOfDay(
	store: Store,
	place: Place,
	day: string,
	signal?: AbortSignal,
): AsyncGenerator<string> {
	for await (const { name } of store.list(dayPrefix(place, day), { signal })) {
		const file = name.slice(name.lastIndexOf('/') + 1);
		const id = file.slice(0, -MANIFEST_SUFFIX.length);
		if (file.endsWith(MANIFEST_SUFFIX) && isBackupId(id)) yield id;
	}
}

/**
 * The manifest of a backup; null if there is none.
 *
 * @throws LifeboatError `MANIFEST_INVALID` if it cannot be understood, read twice, or is that of another backup;
 *   `STORE_UNREACHABLE` if the store has another length of it than it gives
 */
export async function readManifest(
	store: Store,
	place: Place,
	id: string,
	signal?: AbortSignal,
): Promise<Manifest | null> {
	const name = manifestName(place, id);
	try {
		const found = await readSmall(store, name, MAX_MANIFEST_BYTES, signal);
		return found === null ? null : decodeManifest(found.content, name, id);
	} catch (error) {
		if (!hasCode(error, 'MANIFEST_INVALID')) throw error;
	}
	// What the store has may be right, and only what it sent was not.
	const there = await store.head(name, { signal });
	const found = await readSmall(store, name, MAX_MANIFEST_BYTES, signal);
	if (there === null || found === null) return null;
	if (there.bytes === found.content.byteLength) return decodeManifest(found.content, name, id);
	throw new LifeboatError('STORE_UNREACHABLE', `the store has ${there.bytes} bytes of ${name}, and gives others`, {
		hint: 'try again: it is the reading that failed, not the backup',
		data: { name, receivedBytes: found.content.byteLength, expectedBytes: there.bytes },
	});
}

/** The manifest of a backup that the store has listed. Throws `STORE_CHANGED` if it is not there, and as above. */
export async function readListedManifest(
	store: Store,
	place: Place,
	id: string,
	signal?: AbortSignal,
): Promise<Manifest> {
	const manifest = await readManifest(store, place, id, signal);
	if (manifest !== null) return manifest;
	throw new LifeboatError('STORE_CHANGED', `the store lists the manifest of ${id}, and does not give it`, {
		hint: 'try again: it has just been deleted, or the store is in disorder',
		data: { id },
	});
}

/**
 * The manifest of the backup that a person means by `id` or `latest`.
 *
 * @throws LifeboatError `BACKUP_NOT_FOUND`, and as `readListedManifest` does
 */
export async function findManifest(
	store: Store,
	place: Place,
	wanted: string,
	signal?: AbortSignal,
): Promise<Manifest> {
	if (wanted === 'latest') {
		const [newest] = await newestEntries(store, place, 1, signal);
		if (newest !== undefined) return readListedManifest(store, place, newest.id, signal);
	} else if (isBackupId(wanted)) {
		const manifest = await readManifest(store, place, wanted, signal);
		if (manifest !== null) return manifest;
	}
	const what = wanted === 'latest' ? 'no backup at all' : `no backup ${JSON.stringify(wanted)}`;
	throw new LifeboatError('BACKUP_NOT_FOUND', `there is ${what} under ${folderOf(place)} in ${store.label}`, {
		hint: 'list-backups shows what there is',
		data: { store: store.label, folder: folderOf(place) },
	});
}
