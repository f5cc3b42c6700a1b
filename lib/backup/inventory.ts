import type { Store, StoredObject } from '../store/store';
import {
	DATA_SUFFIX,
	folderOf,
	HOLD_SUFFIX,
	isBackupId,
	MANIFEST_SUFFIX,
	MEDIA_SUFFIX,
	type Place,
	SEALED_SUFFIX,
} from './backup-id';

/** The objects that a store has of one backup, or of what was to become one. */
export interface Entry {
	readonly id: string;
	hold: StoredObject | null;
	/** Without it, this is no backup. */
	manifest: StoredObject | null;
	readonly data: StoredObject[];
	/** Its media inventory. */
	readonly media: StoredObject[];
}

/** An entry of a backup. */
export type BackupEntry = Entry & { manifest: StoredObject };

/** Data as it is, and sealed. */
const DATA_SUFFIXES: readonly string[] = [DATA_SUFFIX, DATA_SUFFIX + SEALED_SUFFIX];
const MEDIA_SUFFIXES: readonly string[] = [MEDIA_SUFFIX, MEDIA_SUFFIX + SEALED_SUFFIX];

/** What a store has of each backup of a database, in order of their ids, from one pass over its names. */
export async function* entriesOf(store: Store, place: Place, signal?: AbortSignal): AsyncGenerator<Entry> {
	const folder = folderOf(place);
	let entry = null as Entry | null;
	// In order of names, all objects of an id come one after another.
	for await (const object of store.list(`${folder}backup-`, { signal })) {
		const [id, suffix] = splitName(object.name.slice(folder.length));
		const isData = DATA_SUFFIXES.includes(suffix);
		const isMedia = MEDIA_SUFFIXES.includes(suffix);
		if (!isBackupId(id) || !(isData || isMedia || suffix === MANIFEST_SUFFIX || suffix === HOLD_SUFFIX)) continue;
		if (entry?.id !== id) {
			if (entry) yield entry;
			entry = { id, hold: null, manifest: null, data: [], media: [] };
		}
		if (isData) entry.data.push(object);
		else if (isMedia) entry.media.push(object);
		else if (suffix === HOLD_SUFFIX) entry.hold = object;
		else entry.manifest = object;
	}
	if (entry) yield entry;
}

/** Claims that an entry is that of a backup. */
export function isBackupEntry(entry: Entry): entry is BackupEntry {
	return entry.manifest !== null;
}

/** The entries of the newest `limit` backups, newest first. Holds no more than that. */
export async function newestEntries(
	store: Store,
	place: Place,
	limit: number,
	signal?: AbortSignal,
): Promise<BackupEntry[]> {
	const entries: BackupEntry[] = [];
	for await (const entry of entriesOf(store, place, signal)) {
		if (!isBackupEntry(entry)) continue;
		entries.push(entry);
		if (entries.length > limit) entries.shift();
	}
	return entries.reverse();
}

function splitName(file: string): [id: string, suffix: string] {
	const dot = file.indexOf('.');
	return dot < 0 ? [file, ''] : [file.slice(0, dot), file.slice(dot)];
}
