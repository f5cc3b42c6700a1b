import type { Place } from '../backup/backup-id';
import type { Config } from '../config/config';
import { startDeadline } from '../core/deadline';
import { hasCode, type LifeboatError, toLifeboatError } from '../core/errors';
import type { RetryContext } from '../core/retry';
import { openChannels } from '../notify/channels';
import type { Store } from '../store/store';
import { beatsOf, type SendBeat } from './beats';
import type { JobContext } from './context';
import { problemOfFailure, redacted, sightingsOf } from './nightly-problems';
import type { NightlyOptions, NightlyResult } from './nightly-types';
import { type TellOptions, tell } from './tell';
import { type BeatVerdict, logTold, type Told } from './told';

export interface WatchOptions extends NightlyOptions {
	readonly context: JobContext;
	readonly store: Store;
	readonly place: Place;
}

/** Kept back for telling at the end of a run whose time is over, in ms. */
const TELL_MS = 10_000;
/** Of that, kept back for the answer, in ms. */
const ANSWER_MS = 1_000;
/** Telling takes no longer than this, in ms, however much time is left. */
const MOST_MS = 30_000;

/** How long before its end a run must stop for what is to be told of it, in ms. */
export function tellMsOf({ watch }: Config): number {
	return isWatched(watch) ? TELL_MS : 0;
}

function isWatched(watch: Config['watch']): boolean {
	return watch.heartbeat !== null || openChannels(watch).length > 0;
}

/**
 * Does a nightly run, and tells of it: the heartbeat that it has begun and how it ended, the alert channels what is
 * wrong. What comes of the run is the same whoever could not be told; that is told to `options.onTold`.
 *
 * @param run calls `begun` when it has the lease. A run that was refused it is nobody's failure, and not told of
 */
export async function watchRun(
	options: WatchOptions,
	run: (begun: () => void) => Promise<NightlyResult>,
): Promise<NightlyResult> {
	const { config, context, deadlineAt, onTold } = options;
	if (!isWatched(config.watch)) return run(() => {});
	const beat = beatsOf({ ...options, url: config.watch.heartbeat });
	const deadline = startDeadline(context.clock, deadlineAt, ANSWER_MS);
	let isBegun = false;
	const begun = () => {
		isBegun = true;
		beat('start', { status: 'started', database: options.place.name }, { ...context, signal: deadline.signal });
	};
	const outcome = await run(begun).then(
		(result) => ({ result }),
		(error: unknown) => ({ error }),
	);
	deadline.stop();
	const isTurnedAway = 'error' in outcome && !isBegun && hasCode(outcome.error, 'LEASE_HELD');
	if (!isTurnedAway) onTold?.(await inform(options, outcome, beat));
	if ('error' in outcome) throw outcome.error;
	return outcome.result;
}

type Outcome = { readonly result: NightlyResult } | { readonly error: unknown };

/** Tells how a run went. Never throws: the run is what matters. */
async function inform(options: WatchOptions, outcome: Outcome, beat: SendBeat): Promise<Told> {
	const { context, deadlineAt, log } = options;
	const until = Math.min(deadlineAt, context.clock.now().getTime() + MOST_MS);
	const deadline = startDeadline(context.clock, until, ANSWER_MS);
	const io = { ...context, signal: deadline.signal };
	try {
		const told: Told = await ('result' in outcome
			? send(options, io, beat('success', outcome.result, io), sightingsOf(outcome.result))
			: informOfFailure(options, io, beat, toLifeboatError(outcome.error)));
		logTold(told, log);
		return told;
	} catch (error) {
		const { code, message } = toLifeboatError(error);
		log({ event: 'alert.failed', error: { code, message } });
		return { alertsNotKept: code };
	} finally {
		deadline.stop();
	}
}

function informOfFailure(
	options: WatchOptions,
	io: RetryContext,
	beat: SendBeat,
	failure: LifeboatError,
): Promise<Told> {
	const problem = problemOfFailure(failure);
	const { code, what: message, hint } = problem;
	const beats = beat('fail', { status: 'failed', error: { code, message, hint } }, io);
	return send(options, io, beats, { problems: [problem], recovered: [] });
}

async function send(
	{ config, store, place, redact }: WatchOptions,
	io: RetryContext,
	beats: Promise<BeatVerdict | null>,
	{ problems, recovered }: ReturnType<typeof sightingsOf>,
): Promise<Told> {
	const channels = openChannels(config.watch);
	const names = new Set(config.copies.map(({ name }) => `copy:${name}`));
	const options: TellOptions = {
		channels,
		store,
		place,
		database: place.name,
		problems: problems.map((problem) => redacted(problem, redact)),
		recovered,
		isGone: (key) => key.startsWith('copy:') && !names.has(key),
		mustKeep: false,
	};
	const [alerts, heartbeat] = await Promise.all([channels.length === 0 ? {} : tell(options, io), beats]);
	return { ...alerts, ...(heartbeat && { heartbeat }) };
}
