import type { BackupNames } from '../backup/backup-id';
import type { Lease } from '../backup/lease';
import { encodeManifest, MAX_MANIFEST_BYTES, type Manifest } from '../backup/manifest';
import { bodyOf, readSmall } from '../backup/small-object';
import { hasCode, LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Store } from '../store/store';

/** Time that cleaning up after a failure may take, in ms. */
const CLEAN_UP_MS = 8_000;
/** Time to look whether the manifest is there after all, in ms, before that. */
const LOOK_MS = 2_000;

export interface CommitOptions {
	readonly store: Store;
	readonly names: BackupNames;
	/** Renewed before the manifest is written, so that a run that was overtaken commits nothing. */
	readonly lease: Lease | null;
	readonly signal?: AbortSignal;
}

/**
 * Has `putData` bring a backup's data into the store and prove it, and writes the manifest that it returns, by which alone
 * the backup exists. When anything before the manifest fails, the data is deleted again.
 *
 * @throws LifeboatError `LEASE_HELD` for a run that was overtaken
 */
export async function commitBackup(
	{ store, names, lease, signal }: CommitOptions,
	putData: () => Promise<Manifest>,
): Promise<Manifest> {
	try {
		const manifest = await putData();
		await inStep('holding the lease', async () => lease?.renew());
		await inStep('looking at the data again', () => expectData(store, names.data, manifest.object.bytes, signal));
		await writeManifest(store, names.manifest, manifest, signal);
		return manifest;
	} catch (error) {
		const failure = error instanceof ManifestFailed ? error.cause : error;
		// Of the data's name: what is there is not ours.
		const isOurs = error instanceof ManifestFailed ? !error.mayCome : !hasCode(failure, 'STORE_EXISTS');
		if (isOurs) {
			await store.delete([names.data, names.media], { signal: AbortSignal.timeout(CLEAN_UP_MS) }).catch(() => {
				// The failure that led here is the one to tell; what is left is swept after a day.
			});
		}
		throw failure;
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

/** The manifest was not written, as far as anyone can tell. */
class ManifestFailed extends Error {
	/** It may turn up all the same: then its data must be there. It is swept after a day if not. */
	readonly mayCome: boolean;

	constructor(override readonly cause: unknown) {
		super('');
		this.mayCome = !(cause instanceof LifeboatError) || cause.data.mayBeDone === true || cause.class === 'unexpected';
	}
}

async function writeManifest(store: Store, name: string, manifest: Manifest, signal?: AbortSignal): Promise<void> {
	const bytes = encodeManifest(manifest);
	try {
		await inStep('writing the manifest', (note) => {
			note({ bytes: bytes.byteLength });
			return store.put(name, bodyOf(bytes), { contentType: 'application/json', signal });
		});
	} catch (error) {
		// Whatever was answered, or was not: what lies there counts.
		const look = readSmall(store, name, MAX_MANIFEST_BYTES, AbortSignal.timeout(LOOK_MS));
		const found = await look.catch(() => null);
		if (!found?.content.equals(bytes)) throw new ManifestFailed(error);
	}
}
