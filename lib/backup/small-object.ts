import { LifeboatError } from '../core/errors';
import type { Store, StoredObject } from '../store/store';

/** A small object with its whole content. */
export interface SmallObject extends StoredObject {
	readonly content: Buffer;
}

/**
 * Reads an object that is small by its nature; null if there is none.
 *
 * @throws LifeboatError `MANIFEST_INVALID` past `maxBytes`
 */
export async function readSmall(
	store: Store,
	name: string,
	maxBytes: number,
	signal?: AbortSignal,
): Promise<SmallObject | null> {
	const open = await store.get(name, { signal });
	if (open === null) return null;
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of open.body) {
		bytes += chunk.byteLength;
		if (bytes > maxBytes)
			throw new LifeboatError('MANIFEST_INVALID', `${name} is longer than ${maxBytes} bytes`, {
				hint: 'it is not one of ours',
			});
		chunks.push(chunk);
	}
	const { body: _, ...object } = open;
	return { ...object, content: Buffer.concat(chunks) };
}

/** A body of one chunk. */
export async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}
