import type { Lease } from '../backup/lease';
import type { CopyConfig, Retention } from '../config/config';
import { toLifeboatError } from '../core/errors';
import { type JobContext, placeOf } from './context';
import { openCopy } from './open-copy';
import { type PrunedAfter, pruneAfter } from './prune-after';

export interface PruneCopyOptions {
	readonly retention: Retention | null;
	/** That of the run by which it was copied: of the first store. */
	readonly lease: Lease;
	readonly context: JobContext;
	/** Why backups are held in the first store, by their ids: they are held here, too. */
	readonly held: ReadonlyMap<string, string>;
	readonly signal: AbortSignal;
}

/**
 * Prunes a further store as the first one is pruned, by its own manifests.
 *
 * @returns null where keys that may only write were given, and none to prune with: that is somebody else's to do then
 */
export async function pruneCopy(
	copy: CopyConfig,
	name: string,
	{ signal, ...options }: PruneCopyOptions,
): Promise<PrunedAfter | null> {
	const hasKeys = copy.store.kind !== 's3' || copy.store.pruneCredentials !== null;
	try {
		const open = await openCopy(copy, 'prune', options.context);
		try {
			const pruned = await pruneAfter(open.store, placeOf(open, name), options, signal);
			return !hasKeys && 'pruneFailed' in pruned && pruned.pruneFailed === 'STORE_REFUSED' ? null : pruned;
		} finally {
			await open.store.close();
		}
	} catch (error) {
		return { pruneFailed: toLifeboatError(error).code };
	}
}
