import { manifestName } from '../backup/backup-id';
import { type BackupEntry, type Entry, entriesOf, newestEntries } from '../backup/inventory';
import { hasCode } from '../core/errors';
import type { StoredObject } from '../store/store';
import type { At, CopyTarget } from './copy-one';

/** What a copy lacks of the newest backups. */
export interface Missing {
	/** Ids, newest first. */
	readonly ids: readonly string[];
	/** Of these it is not known: the copy does not tell whoever may only write. Newest first. */
	readonly unknown: readonly string[];
}

/**
 * Finds which of the newest `limit` backups a copy lacks: by its list; by looking them up, where it may not be listed.
 * A backup whose objects have another size there counts as lacking.
 */
export async function findMissing(from: At, to: CopyTarget, limit: number, signal: AbortSignal): Promise<Missing> {
	const wanted = await newestEntries(from.store, from.place, limit, signal);
	const oldest = wanted[wanted.length - 1];
	if (oldest === undefined) return { ids: [], unknown: [] };
	let there: Map<string, Entry> | null = new Map();
	try {
		for await (const entry of entriesOf(to.reader, to.place, signal))
			if (entry.id >= oldest.id) there.set(entry.id, entry);
	} catch (error) {
		if (!hasCode(error, 'STORE_REFUSED')) throw error;
		there = null;
	}
	if (there !== null) {
		const lacking = wanted.filter((entry) => !hasAll(there.get(entry.id), entry));
		return { ids: lacking.map(({ id }) => id), unknown: [] };
	}
	const ids: string[] = [];
	const unknown: string[] = [];
	for (const entry of wanted) {
		const state = await lookUp(to, entry, signal);
		if (state === 'missing') ids.push(entry.id);
		if (state === 'unknown') unknown.push(entry.id);
	}
	return { ids, unknown };
}

/** Whether a copy has the manifest, the data and what lies beside it, of the same sizes. */
function hasAll(there: Entry | undefined, { manifest, data, media }: BackupEntry): boolean {
	const fileOf = ({ name }: StoredObject) => name.slice(name.lastIndexOf('/') + 1);
	const objects = there ? [...there.data, ...there.media] : [];
	const isThere = (wanted: StoredObject) =>
		objects.some((found) => fileOf(found) === fileOf(wanted) && found.bytes === wanted.bytes);
	return there?.manifest?.bytes === manifest.bytes && [...data, ...media].every(isThere);
}

/** By its manifest, which is written last. */
async function lookUp(
	{ reader, place }: CopyTarget,
	{ id, manifest }: BackupEntry,
	signal: AbortSignal,
): Promise<'there' | 'missing' | 'unknown'> {
	try {
		const found = await reader.head(manifestName(place, id), { signal });
		return found?.bytes === manifest.bytes ? 'there' : 'missing';
	} catch (error) {
		if (hasCode(error, 'STORE_REFUSED')) return 'unknown';
		throw error;
	}
}
