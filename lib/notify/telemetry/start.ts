import { DiagLogLevel, diag, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { registerOTel } from '@vercel/otel';
import { LifeboatError } from '../../core/errors';
import { type Flush, rememberStarted, startedTelemetry } from './started';

export interface TelemetryOptions {
	readonly traces: boolean;
	readonly metrics: boolean;
	/** OpenTelemetry's own messages go to the console. */
	readonly isVerbose: boolean;
}

/**
 * Starts OpenTelemetry, once a process. Where it sends to, and with what headers, it reads from the environment's `OTEL_…`
 * itself. Throws what its parts throw of settings that they cannot use.
 */
export function startTelemetry({ traces, metrics, isVerbose }: TelemetryOptions): Flush {
	const started = startedTelemetry();
	if (started) return started;
	let failures = 0;
	let toldFailures = 0;
	const readers = metrics ? [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })] : [];
	registerOTel({
		serviceName: 'lifeboat',
		spanProcessors: traces ? ['auto'] : [],
		metricReaders: readers,
		instrumentations: [],
	});
	// What it says may hold the collector's answer; that something failed is enough.
	const quiet = () => {};
	const logger = { error: () => failures++, warn: quiet, info: quiet, debug: quiet, verbose: quiet };
	if (!isVerbose) diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
	const flush = async () => {
		const tracers = trace.getTracerProvider();
		const spans = tracers instanceof ProxyTracerProvider ? tracers.getDelegate() : tracers;
		await Promise.all([
			'forceFlush' in spans ? (spans as { forceFlush: Flush }).forceFlush() : null,
			...readers.map((reader) => reader.forceFlush()),
		]);
		if (failures === toldFailures) return;
		// Those of what was sent in between, too.
		toldFailures = failures;
		throw new LifeboatError('CHANNEL_FAILED', 'the OpenTelemetry collector did not take all');
	};
	rememberStarted(flush);
	return flush;
}
