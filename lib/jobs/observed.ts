import type { Manifest } from '../backup/manifest';
import type { Config } from '../config/config';
import { LifeboatError, toLifeboatError } from '../core/errors';
import { observeWith } from '../core/observer';
import { TimeLimitError, withTimeLimit } from '../core/time-limit';
import type { TelemetryObserver } from '../notify/telemetry/observer';
import type { Flush } from '../notify/telemetry/started';
import type { JobContext } from './context';
import { startTelemetry } from './telemetry';

/** A collector may take so long, in ms, at the end of a run. */
const FLUSH_MS = 3_000;
/** Kept back for the answer, in ms. */
const ANSWER_MS = 500;

export interface ObservedOptions {
	readonly config: Pick<Config, 'telemetry'>;
	/** When the process will be ended, in ms since the epoch; null: it will not. */
	readonly deadlineAt: number | null;
	readonly context: JobContext;
	/** Told that OpenTelemetry could not be started, or its collector did not take what it was sent. */
	readonly onUntold?: (failure: { readonly code: string; readonly message: string }) => void;
}

/** Takes the newest backup that the job knows of. */
export type SawNewest = (manifest: Pick<Manifest, 'createdAt' | 'rows' | 'plainBytes' | 'object'>) => void;

/** Of the process: metrics are to be made once. */
let watching: TelemetryObserver | null = null;

/**
 * Does the job called `name`, its steps told to OpenTelemetry where that is configured, and sent before it returns. What
 * comes of the job is the same whether anybody could be told or not.
 */
export async function observed<T>(
	name: string,
	{ config, context, deadlineAt, onUntold }: ObservedOptions,
	work: (sawNewest: SawNewest) => Promise<T>,
): Promise<T> {
	if (config.telemetry === null) return work(() => {});
	const failed = (error: unknown) => {
		const { code, message } = toLifeboatError(error);
		onUntold?.({ code, message });
	};
	let flush: Flush;
	let observer: TelemetryObserver;
	try {
		flush = await startTelemetry(config.telemetry);
		const { createTelemetryObserver } = await import('../notify/telemetry/observer');
		watching ??= createTelemetryObserver(() => context.clock.now().getTime());
		observer = watching;
		observeWith(observer);
	} catch (error) {
		failed(error);
		return work(() => {});
	}
	const sawNewest: SawNewest = ({ createdAt, rows, plainBytes, object }) =>
		observer.sawNewest({ createdAt, rows, plainBytes, bytes: object.bytes });
	try {
		return await observer.run(name, () => work(sawNewest));
	} finally {
		const leftMs = deadlineAt === null ? FLUSH_MS : deadlineAt - context.clock.now().getTime() - ANSWER_MS;
		await flushWithin(Math.max(0, Math.min(FLUSH_MS, leftMs)), flush).catch(failed);
	}
}

async function flushWithin(limitMs: number, flush: Flush): Promise<void> {
	try {
		await withTimeLimit(limitMs, undefined, flush);
	} catch (error) {
		if (!(error instanceof TimeLimitError)) throw error;
		const late = `the OpenTelemetry collector had not answered after ${limitMs} ms`;
		throw new LifeboatError('CHANNEL_FAILED', late, { cause: error });
	}
}
