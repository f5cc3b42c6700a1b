import { ALERT_KINDS, type Alert, type AlertKind } from './alert';
import type { AlertState, Told } from './state';

/** A problem that has lasted is told again after so long, in ms. */
const REMIND_MS = 7 * 24 * 3_600_000;
/** Who said so long ago, in ms, that he would tell, and has not said since that he has, was killed. */
const CLAIM_MS = 5 * 60_000;

/** Something that is wrong now. */
export interface Problem extends Pick<Alert, 'code' | 'what' | 'hint' | 'backup'> {
	/** What it is that is wrong, whatever the reason: `run`, `copy:NAME`, `shrunk`, `drill`. */
	readonly key: string;
	readonly kind: Exclude<AlertKind, 'recovered'>;
	/** The reasons: one that has not been told makes a new alert of the same problem. None: the key says it all. */
	readonly items: readonly string[];
	/** It is not told again after a week: nobody can mend what has happened. */
	readonly isEvent?: true;
}

/** Something that works now. */
export interface Recovery {
	readonly key: string;
	/** The backup by which it is known. */
	readonly backup: string | null;
	/** Nobody is told. */
	readonly isQuiet?: true;
}

/** A message that is due to one channel. */
export interface Delivery {
	readonly channel: string;
	readonly key: string;
	readonly alert: Alert;
	/** What the channel had been told before; null: nothing. */
	readonly before: Told | null;
}

export interface Sightings {
	readonly database: string;
	readonly now: Date;
	/** The names of the channels that are set up. */
	readonly channels: readonly string[];
	readonly problems: readonly Problem[];
	/** What is neither a problem nor said to work is left as it was. */
	readonly recovered: readonly Recovery[];
}

export interface AlertPlan {
	readonly deliveries: readonly Delivery[];
	/** What to remember before anything is sent. */
	readonly claimed: AlertState;
}

/**
 * Decides who is to be told what: of a problem each channel once, again when there is a new reason, or a week later; of
 * its end each channel that was told of it.
 */
export function planAlerts(state: AlertState, { database, now, channels, problems, recovered }: Sightings): AlertPlan {
	const at = now.toISOString();
	const deliveries: Delivery[] = [];
	const next: AlertState['problems'] = structuredClone(state.problems);
	for (const problem of problems) {
		const { key, kind, code, what, hint, backup, items } = problem;
		const known = next[key] ?? { title: '', code, since: at, told: {} };
		next[key] = { ...known, title: ALERT_KINDS[kind][0], code };
		for (const channel of channels) {
			const before = known.told[channel] ?? null;
			if (!isDue(before, problem, now)) continue;
			deliveries.push({
				channel,
				key,
				before,
				alert: { kind, database, backup, code, what, hint, since: known.since, at },
			});
			known.told[channel] = { at, items: [...new Set([...(before?.items ?? []), ...items])], sent: false };
		}
	}
	for (const { key, backup, isQuiet } of recovered) {
		const known = next[key];
		if (known === undefined || problems.some((problem) => problem.key === key)) continue;
		const { since, title, code } = known;
		const what = `${title}${code === null ? '' : ` (${code})`}, since ${since}; now it works`;
		for (const channel of isQuiet ? [] : channels) {
			const before = known.told[channel];
			if (!before?.sent) continue;
			const alert = { kind: 'recovered', database, backup, code: null, what, hint: null, since, at } as const;
			deliveries.push({ channel, key, before, alert });
		}
		delete next[key];
	}
	return { deliveries, claimed: { ...state, problems: next } };
}

function isDue(before: Told | null, { items, isEvent }: Problem, now: Date): boolean {
	if (before === null) return true;
	const ageMs = now.getTime() - Date.parse(before.at);
	if (!before.sent) return ageMs >= CLAIM_MS;
	if (items.some((item) => !before.items.includes(item))) return true;
	return isEvent !== true && ageMs >= REMIND_MS;
}

/** What came of a delivery; `error`: the code that it failed with. */
export interface Delivered extends Delivery {
	readonly error: string | null;
}

/** What to remember once it is known which messages were taken: those that were not are due again. */
export function settle(claimed: AlertState, state: AlertState, delivered: readonly Delivered[], now: Date): AlertState {
	const problems: AlertState['problems'] = structuredClone(claimed.problems);
	const channels = { ...claimed.channels };
	for (const { channel } of delivered) {
		const failed = delivered.find((one) => one.channel === channel && one.error !== null);
		channels[channel] = { at: now.toISOString(), error: failed?.error ?? null };
	}
	for (const { channel, key, before, alert, error } of delivered) {
		if (alert.kind === 'recovered') {
			const known = state.problems[key];
			if (error === null || known === undefined || before === null) continue;
			problems[key] ??= { ...known, told: {} };
			problems[key].told[channel] = before;
			continue;
		}
		const told = problems[key]?.told;
		const claim = told?.[channel];
		if (told === undefined || claim === undefined) continue;
		if (error === null) told[channel] = { ...claim, sent: true };
		else if (before === null) delete told[channel];
		else told[channel] = before;
	}
	return { ...claimed, problems, channels };
}
