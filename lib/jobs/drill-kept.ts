import type { Place } from '../backup/backup-id';
import { pruneReports, putReport } from '../backup/drill-history';
import type { DrillReport } from '../backup/drill-report';
import type { Config } from '../config/config';
import { type ErrorCode, LifeboatError, toLifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import { TimeLimitError, withTimeLimit } from '../core/time-limit';
import type { Store } from '../store/store';
import { type JobContext, openStore, placeOf } from './context';

/** Time to keep a report in, in ms, also where the drill's own time is over. */
const KEEP_MS = 8_000;
const PRUNE_MS = 4_000;

/** Where a drill's report is kept, and how many old ones were removed; or what that failed with. Null: no store is configured. */
export type Kept =
	| { readonly name: string; readonly prunedReports: number }
	| { readonly name: string; readonly pruneFailed: ErrorCode }
	| { readonly keepFailed: ErrorCode }
	| null;

/** Keeps a drill's report in the configured store, wherever the backup lay, so that there is one history. */
export async function keepReport(
	report: DrillReport,
	config: Config,
	context: JobContext,
): Promise<{ readonly kept: Kept; readonly error: LifeboatError | null }> {
	const { store: storeConfig, name } = config;
	if (storeConfig === null || name === null) return { kept: null, error: null };
	let store: Store | null = null;
	try {
		const open = await openStore({ ...config, store: storeConfig }, context);
		store = open.store;
		return { kept: await keepIn(open.store, placeOf(open, name), report), error: null };
	} catch (caught) {
		const error = toLifeboatError(caught);
		return { kept: { keepFailed: error.code }, error };
	} finally {
		await store?.close();
	}
}

async function keepIn(store: Store, place: Place, report: DrillReport): Promise<Kept> {
	const put = (signal: AbortSignal) => putReport(store, place, report, signal);
	const name = await inStep('keeping the report', () => within(KEEP_MS, put));
	try {
		return { name, prunedReports: await within(PRUNE_MS, (signal) => pruneReports(store, place, signal)) };
	} catch (error) {
		// The next drill tries again.
		return { name, pruneFailed: toLifeboatError(error).code };
	}
}

async function within<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	try {
		return await withTimeLimit(limitMs, undefined, work);
	} catch (error) {
		if (!(error instanceof TimeLimitError)) throw error;
		throw new LifeboatError('STORE_UNREACHABLE', `the store took more than ${limitMs} ms`, { cause: error });
	}
}
