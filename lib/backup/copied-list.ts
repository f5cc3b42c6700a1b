import { z } from 'zod';
import { hasCode } from '../core/errors';
import type { Store } from '../store/store';
import { folderOf, type Place } from './backup-id';
import { bodyOf, readSmall } from './small-object';

const schema = z.object({ where: z.string(), ids: z.array(z.string()) });

/** Ids that are remembered: more than a run looks at. */
const MOST_IDS = 400;
const MAX_BYTES = 100_000;
const CONTENT_TYPE = 'application/json';

/**
 * What has been copied to a store that tells nothing to whoever may only write: a small object in the first store,
 * beside the lease. Only an aid: without it, what is there is copied again, and refused by its name.
 */
export interface CopiedList {
	has(id: string): boolean;
	/** Notes that a backup is in the copy. To be called under the lease. */
	add(id: string): Promise<void>;
}

/**
 * Reads the list of the copy called `copy`; empty if there is none, none that can be read, or one of another place.
 *
 * @param where which place the copy is
 */
export async function readCopiedList(
	{ store, place }: { readonly store: Store; readonly place: Place },
	copy: string,
	where: string,
	signal: AbortSignal,
): Promise<CopiedList> {
	const name = `${folderOf(place)}copied-${copy}.json`;
	const found = await readSmall(store, name, MAX_BYTES, signal).catch((error) => {
		if (hasCode(error, 'MANIFEST_INVALID')) return store.head(name, { signal });
		throw error;
	});
	let etag = found?.etag ?? null;
	const ids = found !== null && 'content' in found ? parse(found.content, where) : [];
	return {
		has: (id) => ids.includes(id),
		async add(id) {
			ids.push(id);
			const bytes = Buffer.from(JSON.stringify({ where, ids: ids.slice(-MOST_IDS) }));
			const options = { contentType: CONTENT_TYPE, signal };
			const written =
				etag === null ? await store.put(name, bodyOf(bytes), options) : await store.replace(name, bytes, etag, options);
			etag = written.etag;
		},
	};
}

function parse(content: Buffer, where: string): string[] {
	try {
		const list = schema.parse(JSON.parse(content.toString('utf8')));
		return list.where === where ? list.ids : [];
	} catch {
		return [];
	}
}
