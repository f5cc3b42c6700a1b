import type { TelemetryConfig } from './config';
import type { EnvironmentSource } from './environment';

/**
 * What OpenTelemetry is to send, by its own variables; null: nothing is configured. The rest of them is read by OpenTelemetry.
 */
export function telemetryOf(env: EnvironmentSource): TelemetryConfig | null {
	const isSet = (variable: string) => (env[variable] ?? '').trim() !== '';
	if (isSet('OTEL_SDK_DISABLED')) return null;
	const isForAll = isSet('OTEL_EXPORTER_OTLP_ENDPOINT');
	const traces = isForAll || isSet('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') || isSet('VERCEL_OTEL_ENDPOINTS');
	const metrics = isForAll || isSet('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT');
	return traces || metrics ? { traces, metrics, isVerbose: isSet('OTEL_LOG_LEVEL') } : null;
}

/** What of a list of headers, such as `authorization=Bearer%20abc,x-key=def`, is secret. */
export function headerSecrets(list: string | undefined): string[] {
	const values = (list ?? '').split(',').map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
	return values.flatMap((value) => {
		const plain = decoded(value);
		return [value, plain, plain.slice(plain.lastIndexOf(' ') + 1)];
	});
}

function decoded(value: string): string {
	try {
		return decodeURIComponent(value);
	} catch {
		return value;
	}
}
