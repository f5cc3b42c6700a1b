import { carryOut, type Pruned, type PrunePlan, planPrune } from '../backup/prune';
import type { ConfigWith } from '../config/config';
import { inStep } from '../core/step';
import { type ChoiceOptions, withChosenLease, withChosenStore } from './chosen-store';
import { type JobContext, placeOf, systemContext } from './context';

export interface PruneOptions extends ChoiceOptions {
	readonly config: ConfigWith<'name'>;
	/** Without it, nothing is written. */
	readonly confirm: boolean;
	/** Let more than half of the backups go at once. */
	readonly allowLarge: boolean;
	readonly signal?: AbortSignal;
}

export interface PruneResult {
	/** The store, for people. */
	readonly where: string;
	readonly plan: PrunePlan;
	/** Null: nothing was done, by a dry run or a plan that is refused. */
	readonly pruned: Pruned | null;
}

/**
 * Plans which backups of a store are to be removed; with `confirm`, and unless the plan is refused, removes them as the
 * one run at work.
 *
 * @throws LifeboatError `LEASE_HELD`
 */
export async function prune(options: PruneOptions, context: JobContext = systemContext): Promise<PruneResult> {
	const { config, confirm, allowLarge, signal } = options;
	return withChosenStore(config, options.from, context, async (open) => {
		const { store } = open;
		const place = placeOf(open, config.name);
		const plan = () =>
			inStep('reading the manifests', () =>
				planPrune(store, place, { retention: config.retention, now: context.clock.now(), allowLarge, signal }),
			);
		const where = store.label;
		const looked = await plan();
		if (!confirm || looked.refusal !== null) return { where, plan: looked, pruned: null };
		// No lease, which is an object too, where there is nothing to do.
		if (looked.verdicts.every(({ keep }) => keep)) return { where, plan: looked, pruned: { removed: [], refused: [] } };
		return withChosenLease(open, config, options, context, signal, async ({ renew }) => {
			const planned = await plan();
			if (planned.refusal !== null) return { where, plan: planned, pruned: null };
			const pruned = await inStep('removing', () => carryOut(planned, store, place, { renew, signal }));
			return { where, plan: planned, pruned };
		});
	});
}
