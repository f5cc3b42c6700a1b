import { type Lease, takeLease } from '../backup/lease';
import { type JobContext, type OpenStore, placeOf } from './context';

/** A run by hand has no deadline; its lease holds this long unless renewed, in ms. */
const LEASE_MS = 30 * 60_000;
/** Time to give it up, in ms. */
const RELEASE_MS = 4_000;

/**
 * Does `work` as the one run at work on the database `name`, by hand.
 *
 * @throws LifeboatError `LEASE_HELD`
 */
export async function withLease<T>(
	open: OpenStore,
	name: string,
	context: JobContext,
	signal: AbortSignal | undefined,
	work: (lease: Lease) => Promise<T>,
): Promise<T> {
	const lease = await takeLease(open.store, placeOf(open, name), { ...context, ttlMs: LEASE_MS, signal });
	try {
		return await work(lease);
	} finally {
		await lease.release(AbortSignal.timeout(RELEASE_MS)).catch(() => {
			// It expires by itself; the result of the run is what matters now.
		});
	}
}
