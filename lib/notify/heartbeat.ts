import type { RetryContext } from '../core/retry';
import { Secret } from '../core/secret';
import { post } from './post';

/** What a heartbeat says: that a run has begun, has ended well, or has failed. */
export type Beat = 'start' | 'success' | 'fail';

const PATHS: Readonly<Record<Beat, string>> = { start: '/start', success: '', fail: '/fail' };
/** What a healthchecks.io server of one's own keeps of a body, in characters. */
const LONGEST_BODY = 10_000;

export interface BeatOptions {
	/** The address of the check. */
	readonly url: Secret;
	/** The same UUID for all that one run sends. */
	readonly runId: string;
	/** The run's summary, as JSON. */
	readonly summary: Readonly<Record<string, unknown>>;
}

/**
 * Tells a service of healthchecks.io's convention how a run goes: whoever does not hear from it in time raises the alarm.
 *
 * @throws LifeboatError `CHANNEL_FAILED`
 */
export function sendBeat(beat: Beat, { url, runId, summary }: BeatOptions, context: RetryContext): Promise<void> {
	const address = new URL(url.reveal());
	address.pathname = address.pathname.replace(/\/+$/, '') + PATHS[beat];
	address.searchParams.set('rid', runId);
	const headers = { 'content-type': 'application/json' };
	const body = JSON.stringify(summary).slice(0, LONGEST_BODY);
	// The end of the run waits for it, and says more.
	const tries = beat === 'start' ? 1 : undefined;
	return post({ to: 'heartbeat', url: new Secret(address.href), headersAt: () => headers, body, tries }, context);
}
