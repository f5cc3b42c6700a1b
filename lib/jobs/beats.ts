import { type LifeboatError, toLifeboatError } from '../core/errors';
import type { RetryContext } from '../core/retry';
import type { Secret } from '../core/secret';
import { type Beat, sendBeat } from '../notify/heartbeat';
import { newUuid } from '../notify/uuid';
import type { JobContext } from './context';
import type { BeatVerdict } from './told';

/** Sends a beat, and tells what came of all so far; null where no heartbeat is set up. Never throws. */
export type SendBeat = (beat: Beat, facts: object, io: RetryContext) => Promise<BeatVerdict | null>;

export interface BeatsOptions {
	/** Null: no heartbeat is set up. */
	readonly url: Secret | null;
	readonly context: JobContext;
	/** Takes secrets out of what is told. */
	redact(text: string): string;
}

/** The heartbeat of one run. */
export function beatsOf({ url, context, redact }: BeatsOptions): SendBeat {
	const runId = newUuid(context.random);
	let failure: LifeboatError | null = null;
	let last: Promise<void> = Promise.resolve();
	return async (beat, facts, io) => {
		if (url === null) return null;
		const summary = JSON.parse(redact(JSON.stringify(facts)));
		// In order: a start that comes after the end would begin another run.
		last = last
			.then(() => sendBeat(beat, { url, runId, summary }, io))
			.catch((error) => {
				failure ??= toLifeboatError(error);
			});
		await last;
		const error = failure && { code: failure.code, message: failure.message };
		return { status: error === null ? 'sent' : 'failed', error };
	};
}
