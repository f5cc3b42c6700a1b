/** Sends what has been gathered. Rejects if the collector did not take it; has no time limit of its own. */
export type Flush = () => Promise<void>;

/** Of the process: Next loads `instrumentation.ts` and the routes apart, each with modules of its own. */
const STARTED = Symbol.for('lifeboat.telemetry');
const shared = globalThis as { [STARTED]?: Flush };

/** How to send what OpenTelemetry has gathered; undefined: it has not been started. */
export function startedTelemetry(): Flush | undefined {
	return shared[STARTED];
}

/** Remembers that it has been started. */
export function rememberStarted(flush: Flush): void {
	shared[STARTED] = flush;
}
