import type { Place } from '../backup/backup-id';
import { startDeadline } from '../core/deadline';
import { openChannels } from '../notify/channels';
import type { Problem } from '../notify/plan';
import type { AlertState } from '../notify/state';
import type { Store } from '../store/store';
import { readAlerts } from './alert-store';
import type { JobContext } from './context';
import type { Health, HealthOptions } from './health-types';
import { tell } from './tell';
import { logTold } from './told';

/** Telling takes no longer than this, in ms. */
const MOST_MS = 20_000;

export interface TellHealthOptions extends HealthOptions {
	readonly store: Store;
	readonly place: Place;
	readonly context: JobContext;
}

/**
 * Tells the alert channels of a run that was killed, and of backups that have stopped, which no run can tell of itself.
 * Anyone may ask for the health: nothing is told that cannot be remembered, or that is known to be failing already.
 *
 * @returns how it went with each channel; null if there was nothing to tell
 */
export async function tellOfHealth(
	health: Health,
	{ config, store, place, context, log }: TellHealthOptions,
): Promise<AlertState['channels'] | null> {
	const channels = openChannels(config.watch);
	const problem = problemOf(health);
	if (problem === null || channels.length === 0) return null;
	const deadline = startDeadline(context.clock, context.clock.now().getTime() + MOST_MS, 0);
	try {
		const options = { channels, store, place, database: config.name, problems: [problem], recovered: [] };
		const told = await tell({ ...options, mustKeep: true }, { ...context, signal: deadline.signal });
		logTold(told, log);
		if (told.alerts.length === 0) return null;
		return (await readAlerts(store, place).catch(() => null))?.state.channels ?? null;
	} finally {
		deadline.stop();
	}
}

function problemOf({ killedRun, backup }: Health): Problem | null {
	const hint = 'look at the log of the function and call the cron route, or make a backup by hand';
	const both = { key: 'run', code: null, hint, backup: backup.id } as const;
	if (killedRun !== null) {
		const { since, until } = killedRun;
		const what = `the run that began at ${since} was ended by ${until}, and left no backup`;
		return { ...both, kind: 'run-killed', items: ['run-killed'], what };
	}
	if (backup.status === 'ok' || backup.error !== null) return null;
	const hours = backup.ageSeconds === null ? null : Math.floor(backup.ageSeconds / 3600);
	const what = hours === null ? 'there is no proven backup' : `the newest proven backup is ${hours} hours old`;
	return { ...both, kind: 'backup-overdue', items: [], what };
}
