import type { Place } from '../backup/backup-id';
import { hasCode, toLifeboatError } from '../core/errors';
import type { RetryContext } from '../core/retry';
import type { Channel } from '../notify/channels';
import { type AlertPlan, type Delivered, type Delivery, planAlerts, type Sightings, settle } from '../notify/plan';
import { NO_STATE } from '../notify/state';
import { newUuid } from '../notify/uuid';
import type { Store } from '../store/store';
import { readAlerts, type StoredAlerts, writeAlerts } from './alert-store';
import type { AlertVerdict, ToldAlerts } from './told';

interface SeenBy extends Omit<Sightings, 'channels' | 'now'> {
	readonly channels: readonly Channel[];
}

export interface TellOptions extends SeenBy {
	/** The first store, in which is remembered what was told. */
	readonly store: Store;
	readonly place: Place;
	/** Keeps quiet unless it can be remembered: for whoever asks often. */
	readonly mustKeep: boolean;
	/** Claims that what is remembered under a key is about something that is there no more. */
	readonly isGone?: (key: string) => boolean;
}

/**
 * Tells the channels what they have not been told yet. What is to be told is written down first, so that of two who see
 * the same at once one tells it. Never throws: what fails is told in the verdicts.
 */
export async function tell(options: TellOptions, context: RetryContext): Promise<ToldAlerts> {
	const { store, place, mustKeep } = options;
	const { signal } = context;
	let kept: StoredAlerts | null = null;
	let notKept: unknown = null;
	let before = NO_STATE;
	let plan: AlertPlan = planAlerts(NO_STATE, sightings(options, context));
	const by = newUuid(context.random);
	try {
		for (let tries = 2; kept === null; tries--) {
			const read = await readAlerts(store, place, signal);
			// It was written, and only the answer was lost.
			if (read.state.by === by) kept = read;
			else {
				before = withoutGone(read, options);
				plan = planAlerts(before, sightings(options, context));
				if (JSON.stringify(plan.claimed) === JSON.stringify(read.state)) return { alerts: [] };
				try {
					kept = await writeAlerts(store, place, { ...plan.claimed, by }, read.etag, signal);
				} catch (error) {
					if (tries <= 1 || !hasCode(error, 'STORE_CHANGED', 'STORE_EXISTS')) throw error;
				}
			}
		}
	} catch (error) {
		if (mustKeep) return { alerts: [], alertsNotKept: toLifeboatError(error).code };
		notKept = error;
	}
	const delivered = await deliverAll(plan.deliveries, options.channels, context);
	if (kept !== null && delivered.length > 0) {
		try {
			const after = settle(plan.claimed, before, delivered, context.clock.now());
			await writeAlerts(store, place, after, kept.etag, signal);
		} catch (error) {
			notKept = error;
		}
	}
	const alerts = delivered.map(verdictOf);
	return notKept === null ? { alerts } : { alerts, alertsNotKept: toLifeboatError(notKept).code };
}

/** Tells the channels, and remembers nothing: for when there is nowhere to. Never throws. */
export async function tellAnyway(options: SeenBy, context: RetryContext): Promise<ToldAlerts> {
	const { deliveries } = planAlerts(NO_STATE, sightings(options, context));
	return { alerts: (await deliverAll(deliveries, options.channels, context)).map(verdictOf) };
}

function verdictOf({ channel, alert, failure }: Outcome): AlertVerdict {
	const error = failure && { code: failure.code, message: failure.message };
	return { channel, kind: alert.kind, status: error === null ? 'sent' : 'failed', error };
}

function sightings(options: SeenBy, { clock }: RetryContext): Sightings {
	return { ...options, now: clock.now(), channels: options.channels.map(({ name }) => name) };
}

function withoutGone({ state }: StoredAlerts, { isGone = () => false }: TellOptions): StoredAlerts['state'] {
	const problems = Object.entries(state.problems).filter(([key]) => !isGone(key));
	return { ...state, problems: Object.fromEntries(problems) };
}

type Outcome = Delivered & { readonly failure: { readonly code: string; readonly message: string } | null };

/** To each channel one message after another, to all channels at once. */
async function deliverAll(
	deliveries: readonly Delivery[],
	channels: readonly Channel[],
	context: RetryContext,
): Promise<Outcome[]> {
	const ofChannel = async (channel: Channel): Promise<Outcome[]> => {
		const outcomes: Outcome[] = [];
		for (const delivery of deliveries.filter((one) => one.channel === channel.name)) {
			const failure = await channel.send(delivery.alert, newUuid(context.random), context).then(
				() => null,
				(error) => toLifeboatError(error),
			);
			outcomes.push({ ...delivery, failure, error: failure?.code ?? null });
		}
		return outcomes;
	};
	return (await Promise.all(channels.map(ofChannel))).flat();
}
