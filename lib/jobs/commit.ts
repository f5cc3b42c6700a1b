import type { BackupNames } from '../backup/backup-id';
import type { Lease } from '../backup/lease';
import { encodeManifest, type Manifest } from '../backup/manifest';
import { bodyOf } from '../backup/small-object';
import { hasCode } from '../core/errors';
import { inStep } from '../core/step';
import type { Store } from '../store/store';

/** Time that cleaning up after a failure may take, in ms. */
const CLEAN_UP_MS = 8_000;

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
		await writeManifest(store, names.manifest, manifest, signal);
		return manifest;
	} catch (error) {
		const failure = error instanceof ManifestFailed ? error.cause : error;
		const isTaken = hasCode(failure, 'STORE_EXISTS');
		// Of the data's name: what is there is not ours. Of the manifest's: ours was not written, so the data must go.
		if (error instanceof ManifestFailed ? isTaken : !isTaken) {
			await store.delete([names.data], { signal: AbortSignal.timeout(CLEAN_UP_MS) }).catch(() => {
				// The failure that led here is the one to tell; what is left is swept after a day.
			});
		}
		throw failure;
	}
}

/** The manifest may have been written all the same: then its data must stay. */
class ManifestFailed extends Error {}

async function writeManifest(store: Store, name: string, manifest: Manifest, signal?: AbortSignal): Promise<void> {
	try {
		await inStep('writing the manifest', () =>
			store.put(name, bodyOf(encodeManifest(manifest)), { contentType: 'application/json', signal }),
		);
	} catch (cause) {
		throw new ManifestFailed('', { cause });
	}
}
