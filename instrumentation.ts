import { startTelemetryOf } from './lib/jobs/telemetry';

/** Called by Next before the first request. */
export async function register(): Promise<void> {
	if (process.env.NEXT_RUNTIME !== 'nodejs') return;
	// The addresses of the channels and of the heartbeat are secrets, and Next's span of a fetch has its address in it.
	process.env.NEXT_OTEL_FETCH_DISABLED = '1';
	await startTelemetryOf(process.env);
}
