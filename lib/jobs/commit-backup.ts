import type { BackupNames } from '../backup/backup-id';
import { encodeManifest, MAX_MANIFEST_BYTES, type Manifest } from '../backup/manifest';
import { bodyOf, readSmall } from '../backup/small-object';
import { hasCode, LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Store } from '../store/store';

/** Time that cleaning up after a failure may take, in ms. */
const CLEAN_UP_MS = 8_000;
/** Time to look whether the manifest is there after all, in ms, before that. */
const LOOK_MS = 2_000;

/** The manifest was not written, as far as anyone can tell. */
class CommitFailed extends Error {
	/** It may turn up all the same: then its data must be there. It is swept after a day if not. */
	readonly mayCome: boolean;

	constructor(override readonly cause: unknown) {
		super('');
		this.mayCome = !(cause instanceof LifeboatError) || cause.data.mayBeDone === true || cause.class === 'unexpected';
	}
}

/**
 * Runs `work`, which stores a backup's data under `name` and commits it; when it fails, the data is deleted again. Not
 * where the name was taken by someone else, nor where the manifest may still come.
 *
 * @throws whatever `work` throws
 */
export async function orDeleteData<T>(store: Store, name: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const isOurs = error instanceof CommitFailed ? !error.mayCome : !hasCode(error, 'STORE_EXISTS');
		if (isOurs)
			await store.delete([name], { signal: AbortSignal.timeout(CLEAN_UP_MS) }).catch(() => {
				// The failure that led here is the one to tell; what is left is swept after a day.
			});
		throw error instanceof CommitFailed ? error.cause : error;
	}
}

/**
 * Writes the manifest of a backup whose data is stored and proven, by which alone it exists. To be called within
 * {@link orDeleteData}.
 */
export async function commitBackup(
	store: Store,
	names: BackupNames,
	manifest: Manifest,
	signal?: AbortSignal,
): Promise<void> {
	await inStep('looking at the data again', () => expectData(store, names.data, manifest.object.bytes, signal));
	const bytes = encodeManifest(manifest);
	try {
		await inStep('writing the manifest', () =>
			store.put(names.manifest, bodyOf(bytes), { contentType: 'application/json', signal }),
		);
	} catch (error) {
		// Whatever was answered, or was not: what lies there counts.
		const look = readSmall(store, names.manifest, MAX_MANIFEST_BYTES, AbortSignal.timeout(LOOK_MS));
		const found = await look.catch(() => null);
		if (!found?.content.equals(bytes)) throw new CommitFailed(error);
	}
}

/** A manifest is not to be written for what is gone: a folder, say, that was moved away and would be made anew. */
async function expectData(store: Store, name: string, bytes: number, signal?: AbortSignal): Promise<void> {
	const found = await store.head(name, { signal });
	if (found?.bytes === bytes) return;
	throw new LifeboatError('STORE_CHANGED', `${name} is no longer in ${store.label} as it was written`, {
		hint: 'see what else writes to the store or moves its folder, and try again',
		data: { name, store: store.label },
	});
}
