import { isBackupId } from '../backup/backup-id';
import { findManifest } from '../backup/catalog';
import { type Hold, putHold, releaseHold } from '../backup/hold';
import type { ConfigWith } from '../config/config';
import { inStep } from '../core/step';
import { type ChoiceOptions, withChosenLease, withChosenStore } from './chosen-store';
import { type JobContext, placeOf, systemContext } from './context';

export interface HoldOptions extends ChoiceOptions {
	readonly config: ConfigWith<'name'>;
	/** An id, or `latest`. */
	readonly backup: string;
	/** Why it is held; null: it is released. */
	readonly reason: string | null;
	readonly signal?: AbortSignal;
}

export interface HoldResult {
	/** The store, for people. */
	readonly where: string;
	readonly id: string;
	/** The hold that was put, or that was ended; null: there was none to end. */
	readonly hold: Hold | null;
}

/**
 * Holds a backup, so that no prune removes it: under the lease, as a prune that is at work has made its plan already. Or
 * releases it, whether or not it can still be read.
 *
 * @throws LifeboatError `BACKUP_NOT_FOUND`, `BACKUP_HELD`, `LEASE_HELD`
 */
export async function hold(options: HoldOptions, context: JobContext = systemContext): Promise<HoldResult> {
	const { config, backup, reason, signal } = options;
	return withChosenStore(config, options.from, context, async (open) => {
		const { store } = open;
		const where = store.label;
		const place = placeOf(open, config.name);
		const find = async (wanted: string) => (await findManifest(store, place, wanted, signal)).id;
		if (reason === null) {
			const id = isBackupId(backup) ? backup : await find(backup);
			return { where, id, hold: await releaseHold(store, place, id, signal) };
		}
		// Before the lease too: it is not to be made where nothing is.
		const wanted = await find(backup);
		return withChosenLease(open, config, options, context, signal, async () => {
			const id = await find(wanted);
			const at = context.clock.now();
			await inStep('writing the hold', () => putHold(store, place, id, { reason, at }, signal));
			return { where, id, hold: { reason, at: at.toISOString() } };
		});
	});
}
