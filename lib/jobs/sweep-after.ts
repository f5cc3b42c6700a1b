import type { Place } from '../backup/backup-id';
import { sweepLitter } from '../backup/sweep';
import { type ErrorCode, toLifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import type { JobContext } from './context';

/** How many objects were swept, or what sweeping failed with. */
export type Swept = { readonly sweptObjects: number } | { readonly sweepFailed: ErrorCode };

/**
 * Sweeps what runs that were killed have left beside a backup that is committed. That is not undone by litter that
 * could not be swept: the failure is told beside it.
 */
export async function sweepAfter(
	store: Store,
	place: Place,
	context: JobContext,
	signal: AbortSignal | undefined,
): Promise<Swept> {
	try {
		return { sweptObjects: await sweepLitter(store, place, context.clock.now(), signal) };
	} catch (error) {
		return { sweepFailed: toLifeboatError(error).code };
	}
}
