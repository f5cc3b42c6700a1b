import { type Place, timeOfId } from '../backup/backup-id';
import { readReports } from '../backup/drill-history';
import type { DrillReport } from '../backup/drill-report';
import { type BackupEntry, newestEntries } from '../backup/inventory';
import { findLostRun, isMadeGood, type LostRun } from '../backup/lease';
import type { Manifest } from '../backup/manifest';
import type { Config, CopyConfig } from '../config/config';
import { toLifeboatError } from '../core/errors';
import { openChannels } from '../notify/channels';
import type { AlertState } from '../notify/state';
import type { Store } from '../store/store';
import { readAlerts } from './alert-store';
import { type JobContext, openStore, placeOf, systemContext } from './context';
import { lookAtCopy } from './copy-look';
import type { At } from './copy-one';
import type { AgeCheck, Health, HealthOptions } from './health-types';
import { findNewestGood } from './newest-good';
import { observed, type SawNewest } from './observed';
import { askWithin } from './store-limit';
import { summarize } from './summary';
import { tellOfHealth } from './tell-health';

/** How long a store may take to be asked, in ms: whoever watches does not wait for long. */
const LIMIT_MS = 10_000;
/** So many of the newest backups are looked at. */
const LOOK_BACK = 30;

/**
 * Looks how old the newest backup is, in the first store and in each copy, and whether a run was killed; and tells the
 * alert channels, once, of what nobody else would. A store that cannot be asked is a failure in the answer, not an error.
 */
export function checkHealth(options: HealthOptions, context: JobContext = systemContext): Promise<Health> {
	const { config, log } = options;
	const onUntold = (error: object) => log({ event: 'telemetry.failed', error });
	return observed('health', { config, deadlineAt: null, context, onUntold }, (sawNewest) =>
		check(options, context, sawNewest),
	);
}

async function check(options: HealthOptions, context: JobContext, sawNewest: SawNewest): Promise<Health> {
	const { config } = options;
	const { watch } = config;
	const now = context.clock.now();
	const open = await openStore(config, context);
	const { store } = open;
	const place = placeOf(open, config.name);
	try {
		const looking = askWithin(LIMIT_MS, undefined, (signal) => look(store, place, now, signal));
		const first = await looking.catch((error) => ({ ...NOTHING, error: toLifeboatError(error).code }));
		const copies = await Promise.all(
			config.copies.map(async (copy) => ({
				name: copy.name,
				...ageCheck(
					await newestOf(copy, config.name, { store, place }, first.entries, context),
					watch.copyMaxAgeHours,
					now,
				),
			})),
		);
		const { newest, error } = first;
		if (newest !== null) sawNewest(newest);
		const backup = ageCheck(
			{ id: newest?.id ?? null, at: newest && new Date(newest.createdAt), error },
			watch.maxAgeHours,
			now,
		);
		const killedRun = first.lostRun && {
			since: first.lostRun.since.toISOString(),
			until: first.lostRun.until.toISOString(),
		};
		const drill = drillCheck(first.drill, watch.drillMaxAgeDays, now);
		const isOk = killedRun === null && [backup, drill, ...copies].every((check) => check?.status !== 'failing');
		const health: Health = {
			status: isOk ? 'ok' : 'failing',
			at: now.toISOString(),
			backup,
			drill,
			copies,
			killedRun,
			alerts: error === null ? await channelsOf(config, store, place) : {},
			summary: newest && summarize(newest),
		};
		if (error !== null) return health;
		const told = await tellOfHealth(health, { ...options, store, place, context });
		return { ...health, alerts: told ?? health.alerts };
	} finally {
		await store.close();
	}
}

interface First {
	readonly newest: Manifest | null;
	readonly entries: readonly BackupEntry[];
	readonly lostRun: LostRun | null;
	readonly drill: DrillReport | null;
	readonly error: string | null;
}

const NOTHING: First = { newest: null, entries: [], lostRun: null, drill: null, error: null };

async function look(store: Store, place: Place, now: Date, signal: AbortSignal): Promise<First> {
	const entries = await newestEntries(store, place, LOOK_BACK, signal);
	const { newest, seen } = await findNewestGood(store, place, entries, now, signal);
	const lost = await findLostRun(store, place, now, signal);
	const made = seen.map(({ createdAt, trigger }) => ({ createdAt, day: trigger.day }));
	const [drill = null] = await readReports(store, place, 1, signal);
	return { newest, entries, lostRun: lost && !isMadeGood(lost, made) ? lost : null, drill, error: null };
}

/** Null while there is no report: drills are not asked for where nobody makes any. One that is no pass is failing. */
function drillCheck(report: DrillReport | null, limitDays: number, now: Date): AgeCheck | null {
	if (report === null) return null;
	const newest = { id: report.id, at: new Date(report.at), error: report.failure?.code ?? null };
	return ageCheck(newest, limitDays * 24, now);
}

interface Newest {
	readonly id: string | null;
	readonly at: Date | null;
	readonly error: string | null;
}

function ageCheck({ id, at, error }: Newest, limitHours: number, now: Date): AgeCheck {
	const ageSeconds = at === null ? null : Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000));
	const limitSeconds = limitHours * 3600;
	const isOk = error === null && ageSeconds !== null && ageSeconds <= limitSeconds;
	return { status: isOk ? 'ok' : 'failing', id, ageSeconds, limitSeconds, error };
}

/** The newest backup of a copy, by its list; by what was copied there, where it may not be listed. */
async function newestOf(
	copy: CopyConfig,
	name: string,
	from: At,
	entries: readonly BackupEntry[],
	context: JobContext,
): Promise<Newest> {
	const { newest, error } = await lookAtCopy(copy, name, from, context, LIMIT_MS);
	const id = newest(entries.map((entry) => entry.id));
	return { id, at: id === null ? null : timeOfId(id), error };
}

/** How the last alert to each channel went. */
export async function channelsOf({ watch }: Config, store: Store, place: Place): Promise<AlertState['channels']> {
	if (openChannels(watch).length === 0) return {};
	return (await readAlerts(store, place).catch(() => null))?.state.channels ?? {};
}
