import type { Place } from '../backup/backup-id';
import { readManifest } from '../backup/catalog';
import { newestEntries } from '../backup/inventory';
import type { Manifest } from '../backup/manifest';
import { COMPARED, findShrinks, RecentSizes, type Shrink, type ShrinkLimits, sizeOf } from '../backup/shrink';
import { type ErrorCode, hasCode, toLifeboatError } from '../core/errors';
import type { Store } from '../store/store';

/** Of a database that has lost its tables, so many are told. */
const MOST_SHRINKS = 200;

/** In what a backup is much smaller than those before it, the worst first, or what finding that out failed with. */
export type Compared = { readonly shrunk: readonly Shrink[] } | { readonly compareFailed: ErrorCode };

export interface CompareOptions {
	readonly limits: ShrinkLimits;
	/** The sizes of the backups before it; null: their manifests have not been read yet. */
	readonly recent: RecentSizes | null;
	readonly signal: AbortSignal;
}

/** Compares a backup that is committed with those before it. That is not undone by a failure: it is told beside it. */
export async function compareAfter(
	store: Store,
	place: Place,
	manifest: Manifest,
	{ limits, recent, signal }: CompareOptions,
): Promise<Compared> {
	const size = sizeOf(manifest);
	if (size === null) return { shrunk: [] };
	try {
		const { sizes } = recent ?? (await readRecent(store, place, manifest.id, signal));
		return { shrunk: findShrinks(size, sizes, limits).slice(0, MOST_SHRINKS) };
	} catch (error) {
		return { compareFailed: toLifeboatError(error).code };
	}
}

async function readRecent(store: Store, place: Place, before: string, signal: AbortSignal): Promise<RecentSizes> {
	const recent = new RecentSizes(before);
	for (const { id } of await newestEntries(store, place, COMPARED + 1, signal)) {
		const manifest = await readManifest(store, place, id, signal).catch((error) => {
			if (hasCode(error, 'MANIFEST_INVALID')) return null;
			throw error;
		});
		if (manifest) recent.see(manifest);
	}
	return recent;
}
