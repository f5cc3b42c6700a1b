import { z } from 'zod';
import { type Place, signInName } from '../backup/backup-id';
import { bodyOf, readSmall } from '../backup/small-object';
import { hasCode } from '../core/errors';
import type { Store } from '../store/store';
import type { Attempt } from './sign-in-limit';
import { askWithin } from './store-limit';

const MAX_BYTES = 64_000;
/** How long reading or writing it may take, in ms: a person waits. */
const LIMIT_MS = 3_000;

const stateSchema = z.object({
	signIn: z.literal(1),
	/** Who wrote it last: of chance, so that a writer knows its own. */
	by: z.string(),
	attempts: z.array(z.object({ id: z.string(), at: z.iso.datetime(), who: z.string() })),
});

/** The attempts as they lie in the first store; `etag` null: there are none yet. */
export interface StoredAttempts {
	readonly attempts: readonly Attempt[];
	readonly etag: string | null;
}

/** Reads the attempts that count so far. What cannot be read counts as none, and is written over. Throws as the store does. */
export function readAttempts(store: Store, place: Place): Promise<StoredAttempts> {
	const name = signInName(place);
	return askWithin(LIMIT_MS, undefined, async (signal) => {
		try {
			const found = await readSmall(store, name, MAX_BYTES, signal);
			return found === null ? { attempts: [], etag: null } : { attempts: parse(found.content), etag: found.etag };
		} catch (error) {
			// Too long to be ours.
			if (!hasCode(error, 'MANIFEST_INVALID')) throw error;
			return { attempts: [], etag: (await store.head(name, { signal }))?.etag ?? null };
		}
	});
}

/**
 * Writes the attempts over those that were read.
 *
 * @param by of chance: no two writers have the same
 * @throws LifeboatError `STORE_CHANGED` or `STORE_EXISTS` if somebody else has written since; as the store does
 */
export async function writeAttempts(
	store: Store,
	place: Place,
	attempts: readonly Attempt[],
	by: string,
	etag: string | null,
): Promise<void> {
	const name = signInName(place);
	const kept = attempts.map(({ id, atMs, who }) => ({ id, at: new Date(atMs).toISOString(), who }));
	const state: z.infer<typeof stateSchema> = { signIn: 1, by, attempts: kept };
	const bytes = Buffer.from(JSON.stringify(state));
	await askWithin(LIMIT_MS, undefined, (signal) => {
		const options = { contentType: 'application/json', signal };
		return etag === null ? store.put(name, bodyOf(bytes), options) : store.replace(name, bytes, etag, options);
	});
}

function parse(content: Buffer): Attempt[] {
	try {
		const { attempts } = stateSchema.parse(JSON.parse(content.toString('utf8')));
		return attempts.map(({ id, at, who }) => ({ id, atMs: Date.parse(at), who }));
	} catch {
		return [];
	}
}
