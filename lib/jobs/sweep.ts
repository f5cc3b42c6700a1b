import { join } from 'node:path';
import { folderOf, leaseName } from '../backup/backup-id';
import { findStaleLease } from '../backup/lease';
import { findLitter, type Litter } from '../backup/sweep';
import type { ConfigWith } from '../config/config';
import { inStep } from '../core/step';
import { findLeftovers, type Leftover, removeLeftovers } from '../store/local-leftovers';
import { type ChoiceOptions, withChosenLease, withChosenStore } from './chosen-store';
import { type JobContext, placeOf, systemContext } from './context';

export interface SweepOptions extends ChoiceOptions {
	readonly config: ConfigWith<'name'>;
	/** Without it, nothing is removed. */
	readonly confirm: boolean;
	readonly signal?: AbortSignal;
}

/** Something that belongs to no backup, and that nobody has touched for a day. */
export interface Found {
	readonly what: Litter['what'] | 'a lease that has expired' | 'a temporary file';
	readonly name: string;
	readonly bytes: number;
	readonly modifiedAt: Date;
}

export interface SweepResult {
	/** The store, for people. */
	readonly where: string;
	readonly found: readonly Found[];
	/** Whether all of it was removed. */
	readonly isSwept: boolean;
}

/**
 * Finds what runs that failed or were killed have left in a store, and with `confirm` removes it, as the one run at work.
 * Uploads in parts that were never completed are the store's own to discard.
 *
 * @throws LifeboatError `LEASE_HELD`
 */
export async function sweep(options: SweepOptions, context: JobContext = systemContext): Promise<SweepResult> {
	const { config, signal } = options;
	return withChosenStore(config, options.from, context, async (open) => {
		const { store } = open;
		const place = placeOf(open, config.name);
		const look = async (): Promise<{ objects: Litter[]; files: Leftover[] }> => {
			const objects: Litter[] = [];
			for await (const one of findLitter(store, place, context.clock.now(), signal)) objects.push(one);
			return {
				objects,
				files: open.directory === undefined ? [] : await findLeftovers(join(open.directory, folderOf(place))),
			};
		};
		const lease = await findStaleLease(store, place, context.clock.now(), signal);
		const { objects, files } = await look();
		const found: Found[] = [
			...objects,
			...(lease ? [{ ...lease, what: 'a lease that has expired' } as const] : []),
			...files.map((file) => ({ ...file, what: 'a temporary file' }) as const),
		];
		const where = store.label;
		if (!options.confirm || found.length === 0) return { where, found: found.map(plain), isSwept: false };
		await withChosenLease(open, config, options, context, signal, async ({ renew }) => {
			// Anew: a run that had the lease until now may have written a manifest.
			const now = await look();
			const names = now.objects.map(({ name }) => name);
			// Ours by now, so that no other run relies on it.
			if (lease) names.push(leaseName(place));
			await removeLeftovers(now.files);
			await renew();
			await inStep('removing', () => store.delete(names, { signal }));
		});
		return { where, found: found.map(plain), isSwept: true };
	});
}

function plain({ what, name, bytes, modifiedAt }: Found): Found {
	return { what, name, bytes, modifiedAt };
}
