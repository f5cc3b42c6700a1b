import { hasCode, type LifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import { holdName, manifestName, type Place } from './backup-id';
import type { BackupFacts } from './facts';
import type { Manifest } from './manifest';
import { readAllFacts, type Unreadable } from './read-facts';
import { planRetention, type RetentionOptions, type RetentionPlan } from './retention';

/** Backups removed between two looks at the lease. */
const AT_ONCE = 50;
const HEADS_AT_ONCE = 8;

/** A plan for a store, and the backups that it leaves alone since their manifests cannot be read. */
export interface PrunePlan extends RetentionPlan {
	readonly unreadable: readonly Unreadable[];
}

/** What came of carrying a plan out. */
export interface Pruned {
	readonly removed: readonly string[];
	/** Those that the store has refused to delete. They are whole, or their data is gone and their manifest is left. */
	readonly refused: readonly { readonly id: string; readonly error: LifeboatError }[];
}

/** Reads what there is in a store, and plans what is to be removed of it. Writes nothing. */
export async function planPrune(
	store: Store,
	place: Place,
	options: RetentionOptions & {
		/** Why backups are held by their ids, beside the holds in this store. */
		readonly held?: ReadonlyMap<string, string>;
		readonly signal?: AbortSignal;
		/** Told of every manifest that is read, in any order. */
		readonly onManifest?: (manifest: Manifest) => void;
	},
): Promise<PrunePlan> {
	const { backups, unreadable } = await readAllFacts(store, place, options.signal, options.onManifest);
	const facts = backups.map((one) => ({ ...one, heldFor: one.heldFor ?? options.held?.get(one.id) ?? null }));
	return { ...planRetention(facts, options), unreadable };
}

/**
 * Removes what a plan says is to be removed, oldest first: of each backup its data, and then its manifest, so that data
 * is never left without one. Stopped in between, it leaves a manifest whose data is gone; the next plan removes that.
 *
 * @param renew proves that the lease is still ours; called before anything is deleted, and again and again
 * @throws LifeboatError the plan's refusal; whatever the store fails with, but that it refuses single deletions
 */
export async function carryOut(
	plan: PrunePlan,
	store: Store,
	place: Place,
	{ renew, signal }: { readonly renew: () => Promise<void>; readonly signal?: AbortSignal },
): Promise<Pruned> {
	if (plan.refusal !== null) throw plan.refusal;
	const victims = plan.verdicts
		.filter(({ keep }) => !keep)
		.map(({ backup }) => backup)
		.reverse();
	const removed: string[] = [];
	const refused: Pruned['refused'][number][] = [];
	const tryRemoving = async (backups: readonly BackupFacts[]): Promise<LifeboatError | null> => {
		try {
			await store.delete(
				backups.flatMap(({ data, beside }) => [...data, ...beside]),
				{ signal },
			);
			await store.delete(
				backups.map(({ id }) => manifestName(place, id)),
				{ signal },
			);
			removed.push(...backups.map(({ id }) => id));
			return null;
		} catch (error) {
			// One that is locked, say: the others need not wait for it.
			if (hasCode(error, 'STORE_REFUSED')) return error;
			throw error;
		}
	};
	for (let at = 0; at < victims.length; at += AT_ONCE) {
		const some = victims.slice(at, at + AT_ONCE);
		await renew();
		const free = await withoutHeld(some, store, place, signal);
		if ((await tryRemoving(free)) === null) continue;
		for (const backup of free) {
			const error = await tryRemoving([backup]);
			if (error !== null) refused.push({ id: backup.id, error });
		}
	}
	return { removed, refused };
}

/** Leaves out what is held by now: a list may have left the hold out, or it was put since. */
async function withoutHeld(
	backups: readonly BackupFacts[],
	store: Store,
	place: Place,
	signal?: AbortSignal,
): Promise<BackupFacts[]> {
	const free: BackupFacts[] = [];
	for (let at = 0; at < backups.length; at += HEADS_AT_ONCE) {
		const some = backups.slice(at, at + HEADS_AT_ONCE);
		const holds = await Promise.all(some.map(({ id }) => store.head(holdName(place, id), { signal })));
		free.push(...some.filter((_, nth) => holds[nth] === null));
	}
	return free;
}
