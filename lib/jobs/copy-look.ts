import { readCopiedList } from '../backup/copied-list';
import { entriesOf } from '../backup/inventory';
import type { CopyConfig } from '../config/config';
import { hasCode, toLifeboatError } from '../core/errors';
import { type JobContext, placeOf } from './context';
import { labelOf } from './copy';
import type { At } from './copy-one';
import { openCopy } from './open-copy';
import { askWithin } from './store-limit';

/** Which backups a copy has. */
export interface CopyLook {
	/** The store, for people; null: it could not be opened. */
	readonly where: string | null;
	/** The newest one that it has; of those of `ids` alone, newest first, where it tells only what was copied. Null: none. */
	newest(ids: readonly string[]): string | null;
	has(id: string): boolean;
	/** The code of what asking it failed with; nothing is known then. */
	readonly error: string | null;
}

/** Asks a copy what it has: by its list; by what was copied there, where it may not be listed. Never rejects. */
export async function lookAtCopy(
	copy: CopyConfig,
	name: string,
	from: At,
	context: JobContext,
	limitMs: number,
): Promise<CopyLook> {
	let where: string | null = null;
	const look = async (signal: AbortSignal): Promise<Pick<CopyLook, 'newest' | 'has'>> => {
		const open = await openCopy(copy, 'read', context);
		const { store } = open;
		where = store.label;
		const place = placeOf(open, name);
		try {
			const ids = new Set<string>();
			let newest: string | null = null;
			for await (const { id, manifest } of entriesOf(store, place, signal)) {
				if (manifest === null) continue;
				ids.add(id);
				newest = id;
			}
			return { newest: () => newest, has: (id) => ids.has(id) };
		} catch (error) {
			if (!hasCode(error, 'STORE_REFUSED')) throw error;
			const list = await readCopiedList(from, copy.name, labelOf({ store, place }), signal);
			return { newest: (ids) => ids.find((id) => list.has(id)) ?? null, has: (id) => list.has(id) };
		} finally {
			await store.close();
		}
	};
	try {
		const found = await askWithin(limitMs, undefined, look);
		return { ...found, where, error: null };
	} catch (error) {
		return { where, newest: () => null, has: () => false, error: toLifeboatError(error).code };
	}
}
