import type { Config } from '../config/config';
import { startDeadline } from '../core/deadline';
import type { LifeboatError } from '../core/errors';
import { openChannels } from '../notify/channels';
import type { Problem, Recovery } from '../notify/plan';
import { type JobContext, openStore, placeOf, systemContext } from './context';
import type { DrillOutcome } from './drill';
import { redacted } from './nightly-problems';
import { tell, tellAnyway } from './tell';
import { logTold, type Told } from './told';

/** Telling takes no longer than this, in ms: a drill whose time is over has kept back a little more. */
const MOST_MS = 12_000;

export interface TellDrillOptions {
	readonly config: Config;
	redact(text: string): string;
	log(event: Readonly<Record<string, unknown>>): void;
}

/** Tells the alert channels of a drill that failed, once, and of the next that passes. Never throws. */
export async function tellOfDrill(
	outcome: DrillOutcome,
	{ config, redact, log }: TellDrillOptions,
	context: JobContext = systemContext,
): Promise<Told> {
	const { store: storeConfig, name } = config;
	const channels = openChannels(config.watch);
	if (channels.length === 0 || storeConfig === null || name === null) return {};
	const { problems, recovered } = sightingsOf(outcome);
	const seen = { channels, database: name, problems: problems.map((one) => redacted(one, redact)), recovered };
	const deadline = startDeadline(context.clock, context.clock.now().getTime() + MOST_MS, 0);
	const io = { ...context, signal: deadline.signal };
	// What is wrong may be the store.
	const open = await openStore({ ...config, store: storeConfig }, context).catch(() => null);
	try {
		const told = await (open === null
			? tellAnyway(seen, io)
			: tell({ ...seen, store: open.store, place: placeOf(open, name), mustKeep: false }, io));
		logTold(told, log);
		return told;
	} finally {
		deadline.stop();
		await open?.store.close();
	}
}

function sightingsOf({ report, error }: DrillOutcome): { problems: Problem[]; recovered: Recovery[] } {
	const backup = report.backup?.id ?? null;
	if (error === null) return { problems: [], recovered: [{ key: 'drill', backup }] };
	return { problems: [problemOfDrill(error, backup)], recovered: [] };
}

/** What a drill that failed is told as. What an error that is not ours says stays in the log. */
export function problemOfDrill(error: LifeboatError, backup: string | null): Problem {
	const { code, message, hint = null } = error;
	const what = code === 'INTERNAL' ? 'unexpected failure' : message;
	return { key: 'drill', kind: 'drill-failed', items: [code], code, what, hint, backup };
}
