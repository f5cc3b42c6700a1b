import { readReports } from '../backup/drill-history';
import { estimateRecovery } from '../backup/estimate-recovery';
import { isKnownDay } from '../backup/history-days';
import { findLostRun, isMadeGood } from '../backup/lease';
import { type HistoryRead, readHistory } from '../backup/read-history';
import type { ConfigWith, CopyConfig } from '../config/config';
import { toLifeboatError } from '../core/errors';
import { openChannels } from '../notify/channels';
import type { StatusFacts, StoreFacts } from '../status/facts';
import { type JobContext, openStore, placeOf } from './context';
import { type CopyLook, lookAtCopy } from './copy-look';
import type { At } from './copy-one';
import { channelsOf } from './health';
import { newestWhole, takeInventory } from './status-inventory';
import { askWithin } from './store-limit';

/** How long a store may take to be asked, in ms. */
const LIMIT_MS = 10_000;
/** Of that, for reading manifests anew where the summary does not tell, in ms: the rest is told as not read. */
const MEND_MS = 7_000;
/** Reports of drills: two years of monthly ones. */
const MOST_DRILLS = 24;

/** What of a view is not read from a store. */
export type Shown = Pick<StatusFacts, 'configuration' | 'runbookUrl'>;

/** Reads all that a status view is made of: from the first store, and from each copy. Throws as the first store does. */
export async function readFacts(
	config: ConfigWith<'store' | 'name'>,
	shown: Shown,
	context: JobContext,
): Promise<StatusFacts> {
	const open = await openStore(config, context);
	const at: At = { store: open.store, place: placeOf(open, config.name) };
	try {
		const [first, looks] = await Promise.all([
			askWithin(LIMIT_MS, undefined, (signal) => readFirst(at, config, context, signal)),
			Promise.all(config.copies.map((copy) => lookAtCopy(copy, config.name, at, context, LIMIT_MS))),
		]);
		const ids = first.points.filter(({ isThere }) => isThere).map(({ id }) => id);
		const { kind } = config.store;
		return {
			...first,
			...shown,
			database: config.name,
			store: { name: 'primary', where: kind === 'vercel-blob' ? 'Vercel Blob' : at.store.label },
			copies: config.copies.map((copy, nth) => factsOfCopy(copy, looks[nth] as CopyLook, ids)),
			...watchedBy(config),
			retention: config.retention,
			targets: { rtoMs: config.rtoMinutes * 60_000, rpoMs: config.rpoMinutes * 60_000 },
			limits: config.watch,
		};
	} finally {
		await at.store.close();
	}
}

async function readFirst(at: At, config: ConfigWith<'store' | 'name'>, context: JobContext, signal: AbortSignal) {
	const { store, place } = at;
	const now = context.clock.now();
	const startedMs = context.clock.elapsedMs();
	const isOver = () => context.clock.elapsedMs() - startedMs > MEND_MS;
	const unread: { what: string; code: string }[] = [];
	const attempt = <T, E>(what: string, work: Promise<T>, otherwise: E): Promise<T | E> =>
		work.catch((error) => {
			unread.push({ what, code: toLifeboatError(error).code });
			return otherwise;
		});
	const [read, drills, lost, channels] = await Promise.all([
		readHistory(store, place, { signal, wanted: newestWhole(now), isOver }),
		attempt('the reports of drills', readReports(store, place, MOST_DRILLS, signal), []),
		attempt('the lease', findLostRun(store, place, now, signal), null),
		channelsOf(config, store, place),
	]);
	const inventory = await takeInventory(at, read, now, signal);
	const { good, points } = inventory;
	const restore =
		good && ({ where: store.label, plainBytes: good.plainBytes, target: 'server', isByHand: true } as const);
	return {
		now,
		...inventory,
		...historyOf(read, now, config),
		lostRun: lost !== null && !isMadeGood(lost, points) ? lost : null,
		drills,
		recoveryMs: (restore && estimateRecovery(drills, restore)?.durationMs) ?? null,
		unread,
		channels: openChannels(config.watch).map(({ name }) => ({
			name,
			at: channels[name]?.at ?? null,
			error: channels[name]?.error ?? null,
		})),
	};
}

function historyOf(
	{ history, there, state, unreadable }: HistoryRead,
	now: Date,
	{ retention }: Pick<ConfigWith<'store'>, 'retention'>,
) {
	const daily = retention?.daily ?? null;
	return {
		freshness: { readAt: now.toISOString(), summaryAt: history.at, summary: state },
		unreadable: unreadable.map(({ id, error }) => ({ id, code: error.code })),
		failures: history.failures,
		isKnownDay: (day: string) => isKnownDay(day, history, there, daily),
	};
}

function factsOfCopy(copy: CopyConfig, look: CopyLook, newestFirst: readonly string[]): StoreFacts {
	const { error } = look;
	return {
		name: copy.name,
		where: look.where ?? placeOfCopy(copy),
		newestId: look.newest(newestFirst),
		missing: error === null ? newestFirst.filter((id) => !look.has(id)).length : null,
		error,
	};
}

function placeOfCopy({ store }: CopyConfig): string {
	if (store.kind === 's3') return `s3://${store.bucket}`;
	return store.kind === 'local' ? store.directory : 'set up wrongly';
}

function watchedBy({ watch, database, cronSecret }: ConfigWith<'name'>): Pick<StatusFacts, 'isTold' | 'unset'> {
	const needed = { TURSO_DATABASE_URL: database, CRON_SECRET: cronSecret };
	return {
		isTold: openChannels(watch).length > 0 || watch.heartbeat !== null,
		unset: Object.entries(needed).flatMap(([variable, value]) => (value === null ? [variable] : [])),
	};
}
