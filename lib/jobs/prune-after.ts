import type { Place } from '../backup/backup-id';
import type { Lease } from '../backup/lease';
import type { Manifest } from '../backup/manifest';
import { carryOut, type PrunePlan, planPrune } from '../backup/prune';
import type { Retention } from '../config/config';
import { type ErrorCode, toLifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import type { JobContext } from './context';

/** How many backups were removed, and how many the store would not; or what pruning failed with. */
export type PrunedAfter =
	| { readonly prunedBackups: number; readonly pruneRefusals: number }
	| { readonly pruneFailed: ErrorCode };

export interface PruneAfterOptions {
	/** Null: all are kept, and nothing is looked at. */
	readonly retention: Retention | null;
	readonly lease: Lease;
	readonly context: JobContext;
	/** Why backups are held by their ids, beside the holds in this store. */
	readonly held?: ReadonlyMap<string, string>;
	/** Told of the plan, whatever comes of it. */
	readonly onPlan?: (plan: PrunePlan) => void;
	/** Told of every manifest that is read for it. */
	readonly onManifest?: (manifest: Manifest) => void;
}

/**
 * Prunes a store beside a backup that is committed, under the lease by which it was made. That is not undone by a prune
 * that is refused or fails: this is told beside it.
 */
export async function pruneAfter(
	store: Store,
	place: Place,
	{ retention, lease, context, held, onPlan, onManifest }: PruneAfterOptions,
	signal: AbortSignal | undefined,
): Promise<PrunedAfter> {
	if (retention === null) return { prunedBackups: 0, pruneRefusals: 0 };
	try {
		const plan = await planPrune(store, place, {
			retention,
			now: context.clock.now(),
			allowLarge: false,
			held,
			signal,
			onManifest,
		});
		onPlan?.(plan);
		const { removed, refused } = await carryOut(plan, store, place, { renew: lease.renew, signal });
		return { prunedBackups: removed.length, pruneRefusals: refused.length };
	} catch (error) {
		return { pruneFailed: toLifeboatError(error).code };
	}
}
