import { hasCode, type LifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import { dataName, mediaName, type Place } from './backup-id';
import { readManifest } from './catalog';
import type { BackupFacts } from './facts';
import { readHold } from './hold';
import { type BackupEntry, entriesOf, isBackupEntry } from './inventory';
import { isSealed, type Manifest } from './manifest';

/** Manifests read at once: so many, or so many bytes of them. */
const AT_ONCE = 8;
const BYTES_AT_ONCE = 4_000_000;
const DAY_MS = 86_400_000;

/** A backup whose manifest cannot be read. */
export interface Unreadable {
	readonly id: string;
	readonly error: LifeboatError;
}

export interface AllFacts {
	readonly backups: readonly BackupFacts[];
	readonly unreadable: readonly Unreadable[];
}

/**
 * The facts about every backup of a database in a store. Reads all manifests, a few at once, and keeps none.
 *
 * @param onManifest told of each one
 */
export async function readAllFacts(
	store: Store,
	place: Place,
	signal?: AbortSignal,
	onManifest?: (manifest: Manifest) => void,
): Promise<AllFacts> {
	const backups: BackupFacts[] = [];
	const unreadable: Unreadable[] = [];
	let batch: BackupEntry[] = [];
	let bytes = 0;
	const readBatch = async () => {
		for (const one of await Promise.all(batch.map((entry) => readFacts(store, place, entry, signal, onManifest)))) {
			if (one !== null) 'error' in one ? unreadable.push(one) : backups.push(one);
		}
		batch = [];
		bytes = 0;
	};
	for await (const entry of entriesOf(store, place, signal)) {
		if (!isBackupEntry(entry)) continue;
		if (batch.length === AT_ONCE || (batch.length > 0 && bytes + entry.manifest.bytes > BYTES_AT_ONCE))
			await readBatch();
		batch.push(entry);
		bytes += entry.manifest.bytes;
	}
	await readBatch();
	return { backups, unreadable };
}

/** Null if it has gone since it was listed. */
async function readFacts(
	store: Store,
	place: Place,
	entry: BackupEntry,
	signal?: AbortSignal,
	onManifest?: (manifest: Manifest) => void,
): Promise<BackupFacts | Unreadable | null> {
	const { id } = entry;
	try {
		const manifest = await readManifest(store, place, id, signal);
		if (manifest === null) return null;
		onManifest?.(manifest);
		const hold = entry.hold && (await readHold(store, place, id, signal));
		const data = await dataOf(store, place, entry, manifest, signal);
		const beside = besideOf(place, entry, manifest);
		return {
			id,
			createdAt: new Date(manifest.createdAt),
			proof: manifest.proof.kind,
			isScheduled: manifest.trigger.day !== null,
			label: manifest.label,
			isPartial: manifest.only !== null,
			data,
			beside,
			heldFor: hold?.reason ?? null,
			lockedUntil: store.mayLock ? await lockOf(store, [entry.manifest.name, ...data, ...beside], signal) : null,
			storedAt: store.hasClock ? entry.manifest.modifiedAt : null,
		};
	} catch (error) {
		if (!hasCode(error, 'MANIFEST_INVALID')) throw error;
		return { id, error };
	}
}

/**
 * Until when the last of some objects is locked; null if none is. A list does not tell. Nor does `head`, to a key that
 * may not ask for locks: an object is taken to be locked at least as long as the store locks what it is given.
 */
async function lockOf(store: Store, names: readonly string[], signal?: AbortSignal): Promise<Date | null> {
	const { lockDays = null } = store;
	const found = await Promise.all(names.map((name) => store.head(name, { signal })));
	const times = found.flatMap((object) => {
		const told = object?.lockedUntil?.getTime();
		const expected = lockDays !== null && object ? object.modifiedAt.getTime() + lockDays * DAY_MS : undefined;
		return [told, expected].filter((time) => time !== undefined);
	});
	return times.length === 0 ? null : new Date(Math.max(...times));
}

/** What lies beside the data and the manifest, by the list or by the manifest: it must not outlive them. */
function besideOf(place: Place, { id, media }: BackupEntry, manifest: Manifest): string[] {
	const named = manifest.mediaAssetInventory === null ? [] : [mediaName(place, id, isSealed(manifest))];
	return [...new Set([...media.map(({ name }) => name), ...named])];
}

/** The names of a backup's data; none if it is gone. A list that leaves it out is not believed. */
export async function dataOf(
	store: Store,
	place: Place,
	{ id, data }: BackupEntry,
	manifest: Manifest,
	signal?: AbortSignal,
): Promise<string[]> {
	if (data.length > 0) return data.map(({ name }) => name);
	const found = await store.head(dataName(place, id, isSealed(manifest)), { signal });
	return found === null ? [] : [found.name];
}
