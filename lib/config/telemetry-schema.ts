import { text } from './variables';

const HEADERS = 'Headers for it, `name=value` separated by commas, spaces in a value as `%20`.';

/** The variables of OpenTelemetry that Lifeboat looks at. It reads them itself, and others beside them. */
export const telemetrySchema = {
	OTEL_EXPORTER_OTLP_ENDPOINT: text(
		'The OTLP collector that spans and metrics are sent to, over HTTP; see [OpenTelemetry](alerts.md#opentelemetry).',
		{ fallback: 'none: nothing is sent, nor loaded' },
	),
	OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text('For spans alone: the whole address.', {
		fallback: '`OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/traces`',
	}),
	OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: text('For metrics alone: the whole address.', {
		fallback: '`OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/metrics`',
	}),
	OTEL_EXPORTER_OTLP_HEADERS: headers(HEADERS, 'none'),
	OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers('The same for spans alone.', 'none'),
	OTEL_EXPORTER_OTLP_METRICS_HEADERS: headers('The same for metrics alone.', 'none'),
	OTEL_SDK_DISABLED: text('Anything: nothing is sent.', { fallback: 'none' }),
};

/** A list of headers, whose values are keys. */
function headers(description: string, fallback: string) {
	return text(description, { fallback, secret: true });
}
