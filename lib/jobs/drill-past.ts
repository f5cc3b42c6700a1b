import { MOST_REPORTS, readReports } from '../backup/drill-history';
import type { DrillReport } from '../backup/drill-report';
import { estimateRecovery, type RecoveryEstimate, type RestoreFacts } from '../backup/estimate-recovery';
import type { Config, ConfigWith } from '../config/config';
import { type LifeboatError, toLifeboatError } from '../core/errors';
import { TimeLimitError, withTimeLimit } from '../core/time-limit';
import { type JobContext, openStore, placeOf, systemContext } from './context';

/** Reports that an estimate looks at. */
const LOOKED_AT = 30;
/** An estimate is not waited for longer, in ms. */
const ESTIMATE_MS = 5_000;

/** The drills of the past of which the configured store has reports, newest first. */
export async function pastDrills(
	config: ConfigWith<'store' | 'name'>,
	signal?: AbortSignal,
	context: JobContext = systemContext,
	limit = MOST_REPORTS,
): Promise<DrillReport[]> {
	const open = await openStore(config, context);
	try {
		return await readReports(open.store, placeOf(open, config.name), limit, signal);
	} finally {
		await open.store.close();
	}
}

/** How long a restore will take, told by past drills; or why nobody can tell. */
export type Estimated = RecoveryEstimate | { readonly unknown: 'no drill' | 'no store' | LifeboatError['code'] };

/** Estimates a restore by the drills of the past. Never fails: what hinders it is told, and no reason not to restore. */
export async function estimateRestore(
	config: Config,
	restore: RestoreFacts,
	context: JobContext,
	signal?: AbortSignal,
): Promise<Estimated> {
	const { store, name } = config;
	if (store === null || name === null) return { unknown: 'no store' };
	try {
		const reports = await withTimeLimit(ESTIMATE_MS, signal, (limited) =>
			pastDrills({ ...config, store, name }, limited, context, LOOKED_AT),
		);
		return estimateRecovery(reports, restore) ?? { unknown: 'no drill' };
	} catch (error) {
		return { unknown: error instanceof TimeLimitError ? 'STORE_UNREACHABLE' : toLifeboatError(error).code };
	}
}
