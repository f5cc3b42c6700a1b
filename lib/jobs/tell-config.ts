import type { WatchConfig } from '../config/config';
import { startDeadline } from '../core/deadline';
import type { LifeboatError } from '../core/errors';
import { openChannels } from '../notify/channels';
import { beatsOf } from './beats';
import { type JobContext, systemContext } from './context';
import { problemOfFailure, redacted } from './nightly-problems';
import { tellAnyway } from './tell';
import { problemOfDrill } from './tell-drill';
import { logTold, type Told } from './told';

/** Telling takes no longer than this, in ms. */
const MOST_MS = 20_000;

export interface TellConfigOptions {
	readonly of: 'backup' | 'drill';
	readonly watch: WatchConfig;
	/** What the backups would be called. */
	readonly database: string;
	redact(text: string): string;
	log(event: Readonly<Record<string, unknown>>): void;
}

/**
 * Tells of a run that could not begin, as its configuration is not fit, or of a drill that came to nothing. There may be no
 * store to remember it in: so it is told each time. Of drills the heartbeat knows nothing.
 */
export async function tellOfConfig(
	failure: LifeboatError,
	{ of, watch, database, redact, log }: TellConfigOptions,
	context: JobContext = systemContext,
): Promise<Told> {
	const channels = openChannels(watch);
	const url = of === 'backup' ? watch.heartbeat : null;
	if (channels.length === 0 && url === null) return {};
	const problem = redacted(of === 'backup' ? problemOfFailure(failure) : problemOfDrill(failure, null), redact);
	const { code, what: message, hint } = problem;
	const deadline = startDeadline(context.clock, context.clock.now().getTime() + MOST_MS, 0);
	const io = { ...context, signal: deadline.signal };
	try {
		const beat = beatsOf({ url, context, redact });
		const [alerts, heartbeat] = await Promise.all([
			tellAnyway({ channels, database, problems: [problem], recovered: [] }, io),
			beat('fail', { status: 'failed', error: { code, message, hint } }, io),
		]);
		const told: Told = { ...(channels.length > 0 && alerts), ...(heartbeat && { heartbeat }) };
		logTold(told, log);
		return told;
	} finally {
		deadline.stop();
	}
}
