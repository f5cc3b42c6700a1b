import type { TelemetryConfig } from '../config/config';
import type { EnvironmentSource } from '../config/environment';
import { telemetryOf } from '../config/telemetry';
import type { Flush } from '../notify/telemetry/started';
import { startedTelemetry } from '../notify/telemetry/started';

/** Starts OpenTelemetry where it is configured. Never rejects: whoever runs a job is told then. */
export async function startTelemetryOf(env: EnvironmentSource): Promise<void> {
	const telemetry = telemetryOf(env);
	if (telemetry !== null) await startTelemetry(telemetry).catch(() => {});
}

/** Starts it, unless that has been done. Nothing of it is loaded before. */
export async function startTelemetry(telemetry: TelemetryConfig): Promise<Flush> {
	return startedTelemetry() ?? (await import('../notify/telemetry/start')).startTelemetry(telemetry);
}
