import { folderOf, isBackupId, MANIFEST_SUFFIX, manifestName, type Place } from '../backup/backup-id';
import { hasCode } from '../core/errors';
import type { Store } from '../store/store';
import type { At, CopyTarget } from './copy-one';

/** The objects of one backup: their names within its folder, and their sizes in bytes. */
interface Files {
	readonly id: string;
	readonly bytesOf: ReadonlyMap<string, number>;
}

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
	const wanted = await newestFiles(from.store, from.place, limit, signal);
	const oldest = wanted[wanted.length - 1];
	if (oldest === undefined) return { ids: [], unknown: [] };
	let listed: Files[] | null;
	try {
		listed = await newestFiles(to.reader, to.place, Number.POSITIVE_INFINITY, signal, oldest.id);
	} catch (error) {
		if (!hasCode(error, 'STORE_REFUSED')) throw error;
		listed = null;
	}
	if (listed !== null) {
		const there = new Map(listed.map((files) => [files.id, files]));
		const isThere = (files: Files) => hasAll(there.get(files.id), files);
		return { ids: wanted.filter((files) => !isThere(files)).map(({ id }) => id), unknown: [] };
	}
	const ids: string[] = [];
	const unknown: string[] = [];
	for (const files of wanted) {
		const state = await lookUp(to, files, signal);
		if (state === 'missing') ids.push(files.id);
		if (state === 'unknown') unknown.push(files.id);
	}
	return { ids, unknown };
}

function hasAll(there: Files | undefined, wanted: Files): boolean {
	return [...wanted.bytesOf].every(([file, bytes]) => there?.bytesOf.get(file) === bytes);
}

/** By its manifest, which is written last. */
async function lookUp(
	{ reader, place }: CopyTarget,
	{ id, bytesOf }: Files,
	signal: AbortSignal,
): Promise<'there' | 'missing' | 'unknown'> {
	try {
		const found = await reader.head(manifestName(place, id), { signal });
		return found?.bytes === bytesOf.get(id + MANIFEST_SUFFIX) ? 'there' : 'missing';
	} catch (error) {
		if (hasCode(error, 'STORE_REFUSED')) return 'unknown';
		throw error;
	}
}

/** The newest backups that have a manifest, newest first; none older than `oldestId`. Holds no more than `limit`. */
async function newestFiles(
	store: Store,
	place: Place,
	limit: number,
	signal: AbortSignal,
	oldestId = '',
): Promise<Files[]> {
	const found: Files[] = [];
	let now = { id: '', bytesOf: new Map<string, number>() };
	const finish = () => {
		if (now.bytesOf.has(now.id + MANIFEST_SUFFIX)) found.push(now);
		if (found.length > limit) found.shift();
	};
	for await (const { name, bytes } of store.list(`${folderOf(place)}backup-`, { signal })) {
		const file = name.slice(folderOf(place).length);
		const id = file.slice(0, file.indexOf('.'));
		// Its data and its manifest, and nothing else that may lie beside them.
		const isOfBackup = isBackupId(id) && (file === id + MANIFEST_SUFFIX || file.startsWith(`${id}.ndjson`));
		if (!isOfBackup || id < oldestId) continue;
		if (now.id !== id) {
			finish();
			now = { id, bytesOf: new Map() };
		}
		now.bytesOf.set(file, bytes);
	}
	finish();
	return found.reverse();
}
