import type { Place } from '../backup/backup-id';
import { readManifest } from '../backup/catalog';
import type { BackupEntry } from '../backup/inventory';
import type { Manifest } from '../backup/manifest';
import { dataOf } from '../backup/read-facts';
import { hasCode } from '../core/errors';
import type { Store } from '../store/store';

/** Clocks may differ by this much, in ms: what is dated later than that is no backup of now. */
const CLOCKS_MS = 3_600_000;

export interface NewestGood {
	/** Null: there is none among those that were looked at. */
	readonly newest: Manifest | null;
	/** All manifests that were read on the way, it included. */
	readonly seen: readonly Manifest[];
}

/** Finds the newest backup that is proven, has all tables, and is there. One whose manifest cannot be read does not count. */
export async function findNewestGood(
	store: Store,
	place: Place,
	/** The newest first. */
	entries: readonly BackupEntry[],
	now: Date,
	signal: AbortSignal,
): Promise<NewestGood> {
	const seen: Manifest[] = [];
	for (const entry of entries) {
		const manifest = await readManifest(store, place, entry.id, signal).catch((error) => {
			if (hasCode(error, 'MANIFEST_INVALID')) return null;
			throw error;
		});
		if (manifest === null) continue;
		seen.push(manifest);
		const { proof, only, createdAt } = manifest;
		const isOfFuture = Date.parse(createdAt) > now.getTime() + CLOCKS_MS;
		if (proof.kind === 'none' || only !== null || isOfFuture) continue;
		if ((await dataOf(store, place, entry, manifest, signal)).length > 0) return { newest: manifest, seen };
	}
	return { newest: null, seen };
}
