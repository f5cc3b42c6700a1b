import { context, createContextKey, metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { LifeboatError, toLifeboatError } from '../../core/errors';
import type { NoteStep, Observer } from '../../core/observer';

/** What is known of the newest backup at the end of a run. */
export interface NewestBackup {
	readonly createdAt: string;
	readonly rows: number;
	/** In the store. */
	readonly bytes: number;
	/** Before compression. */
	readonly plainBytes: number;
}

/** Turns steps into spans and metrics. */
export interface TelemetryObserver extends Observer {
	/** A whole run of the job called `name`, in which the steps are. */
	run<T>(name: string, work: () => Promise<T>): Promise<T>;
	/** Takes the newest backup that is known of. */
	sawNewest(backup: NewestBackup): void;
}

const STEP = createContextKey('lifeboat.step');

/**
 * Makes one that tells whatever SDK has been registered. Of errors it tells the code alone, as their texts may hold
 * anything. Times in seconds.
 */
export function createTelemetryObserver(now: () => number): TelemetryObserver {
	const tracer = trace.getTracer('lifeboat');
	const meter = metrics.getMeter('lifeboat');
	const runs = meter.createCounter('lifeboat.runs', { description: 'Runs of a job, by how they ended.' });
	const seconds = {
		unit: 's',
		advice: { explicitBucketBoundaries: [0.01, 0.1, 1, 5, 15, 30, 60, 120, 180, 240, 300] },
	};
	const durations = meter.createHistogram('lifeboat.step.duration', {
		...seconds,
		description: 'How long a step took.',
	});
	const moved = meter.createCounter('lifeboat.step.bytes', { unit: 'By', description: 'Bytes that a step moved.' });
	const retries = meter.createCounter('lifeboat.retries', { description: 'What was tried again, by step and reason.' });
	const rows = meter.createGauge('lifeboat.backup.rows', { unit: '{row}', description: 'Rows of the newest backup.' });
	const bytes = meter.createGauge('lifeboat.backup.bytes', { unit: 'By', description: 'Its size in the store.' });
	const plain = meter.createGauge('lifeboat.backup.plain_bytes', { unit: 'By', description: 'Before compression.' });
	const age = meter.createObservableGauge('lifeboat.backup.age', { unit: 's', description: 'How old it is.' });
	let newestAt: number | null = null;
	// Observed anew with each look: what was true at the end of a run grows old.
	age.addCallback((result) => {
		if (newestAt !== null) result.observe(Math.max(0, now() - newestAt) / 1000);
	});

	async function inSpan<T>(name: string, work: (note: NoteStep) => Promise<T>, onEnd: (code: string | null) => void) {
		return tracer.startActiveSpan(name, {}, context.active().setValue(STEP, name), async (span) => {
			let code: string | null = null;
			try {
				return await work((facts) => {
					if (facts.bytes !== undefined) moved.add(facts.bytes, { step: name });
					for (const [fact, count] of Object.entries(facts)) span.setAttribute(`lifeboat.${fact}`, count);
				});
			} catch (error) {
				code = toLifeboatError(error).code;
				span.setStatus({ code: SpanStatusCode.ERROR, message: code });
				span.setAttribute('error.type', code);
				throw error;
			} finally {
				onEnd(code);
				span.end();
			}
		});
	}

	return {
		run(name, work) {
			// A series that has never been counted up is not sent: none were tried again is something to know.
			retries.add(0, { step: name });
			const end = (code: string | null) => runs.add(1, { job: name, outcome: code ?? 'done' });
			return inSpan(`lifeboat ${name}`, work, end);
		},
		step(name, work) {
			const startedMs = performance.now();
			return inSpan(name, work, () => durations.record((performance.now() - startedMs) / 1000, { step: name }));
		},
		retried(error) {
			const reason = reasonOf(error);
			trace.getActiveSpan()?.addEvent('again', { 'error.type': reason });
			retries.add(1, { step: String(context.active().getValue(STEP) ?? 'none'), reason });
		},
		sawNewest(backup) {
			rows.record(backup.rows);
			bytes.record(backup.bytes);
			plain.record(backup.plainBytes);
			newestAt = Math.max(newestAt ?? 0, Date.parse(backup.createdAt));
		},
	};
}

/** Never an error's text, which may hold anything. */
function reasonOf(error: unknown): string {
	if (error instanceof LifeboatError) return error.code;
	return error instanceof Error ? error.constructor.name : 'unknown';
}
