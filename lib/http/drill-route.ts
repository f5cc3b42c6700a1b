import { getDeadline } from '@vercel/functions';
import type { Config } from '../config/config';
import type { EnvironmentSource } from '../config/environment';
import { loadConfig, loadCronSecret, loadWatch } from '../config/load';
import { redactSecrets } from '../config/redact';
import { hasCode, LifeboatError, toLifeboatError } from '../core/errors';
import type { DrillOptions, DrillOutcome } from '../jobs/drill';
import type { TellConfigOptions } from '../jobs/tell-config';
import type { TellDrillOptions } from '../jobs/tell-drill';
import type { Told } from '../jobs/told';
import { answerJson } from './answer';
import { isBearerOf } from './bearer';
import { createEventLog, describeForLog, type EventLog } from './event-log';
import { methodAnswer, problemAnswer, unauthorizedAnswer } from './problem';

export interface DrillRouteDeps {
	readonly env: EnvironmentSource;
	runDrill(options: DrillOptions): Promise<DrillOutcome>;
	tellOfDrill(outcome: DrillOutcome, options: TellDrillOptions): Promise<Told>;
	/** Tells of a drill that came to nothing. */
	tellOfConfig(failure: LifeboatError, options: TellConfigOptions): Promise<Told>;
	/** Takes one line of the log; stdout by default. */
	readonly writeLog?: (line: string) => void;
	/** Milliseconds since the epoch. */
	readonly now?: () => number;
}

/**
 * Answers `GET /api/cron/drill`: drills the newest backup, or with `?from=NAME` that of one store. Nothing is done and
 * nothing but `CRON_SECRET` looked at before the caller has shown it.
 * Never rejects. 200 passed, with the report; 400, 401, 405; 503 not configured; 500 failed, with the report where there is one.
 */
export async function handleDrillRequest(request: Request, deps: DrillRouteDeps): Promise<Response> {
	const redact = (text: string) => redactSecrets(text, deps.env);
	const now = deps.now ?? Date.now;
	const log = createEventLog({ write: deps.writeLog ?? console.log, redact, now });
	const startedAt = now();
	try {
		const secret = loadCronSecret(deps.env);
		if (!isBearerOf(request.headers.get('authorization'), secret)) return unauthorizedAnswer();
		if (request.method !== 'GET') return methodAnswer();
	} catch (error) {
		log({ event: 'drill.failed', error: describeForLog(error) });
		return problemAnswer(error, { redact });
	}
	try {
		const config = loadConfig(deps.env, { need: ['cronSecret', 'store', 'name'] });
		const outcome = await run(request, deps, config, startedAt, log);
		const { report, kept, error } = outcome;
		const { id, steps, recovery, point, failure } = report;
		log({ event: 'drill.answered', id, steps, recovery, point, failure, kept });
		const body = { status: report.failure === null ? 'passed' : 'failed', drill: report, kept };
		const failed = error && { error: { code: error.code, message: error.message, hint: error.hint } };
		if (error !== null) log({ event: 'drill.failed', error: describeForLog(error) });
		const told = await deps.tellOfDrill(outcome, { config, redact, log });
		return answerJson(JSON.parse(redact(JSON.stringify({ ...body, ...failed, ...told }))), error === null ? 200 : 500);
	} catch (error) {
		log({ event: 'drill.failed', error: describeForLog(error) });
		if (hasCode(error, 'USAGE_INVALID')) return problemAnswer(error, { status: 400, redact });
		const database = deps.env.BACKUP_NAME?.trim() || 'the database';
		const options = { of: 'drill', watch: loadWatch(deps.env), database, redact, log } as const;
		const told = await deps.tellOfConfig(toLifeboatError(error), options);
		return problemAnswer(error, { redact, beside: JSON.parse(redact(JSON.stringify(told))) });
	}
}

async function run(
	request: Request,
	deps: DrillRouteDeps,
	config: Config,
	startedAt: number,
	log: EventLog,
): Promise<DrillOutcome> {
	const trigger = request.headers.has('x-vercel-cron-schedule') ? 'cron' : 'http';
	const deadlineAt = getDeadline()?.getTime() ?? startedAt + config.maxDurationSeconds * 1000;
	const from = readFrom(new URL(request.url).searchParams);
	log({ event: 'drill.asked', trigger, from, deadlineAt: new Date(deadlineAt).toISOString() });
	return deps.runDrill({
		config,
		backup: 'latest',
		from,
		// Nothing in it is relative: no file is named.
		cwd: '/',
		trigger,
		deadlineAt,
		onPart: (part) => log({ event: 'drill.part', part }),
		onUnreachable: (store, error) => log({ event: 'drill.unreachable', store, error: error.code }),
		onLost: (error) => log({ event: 'drill.again', error: describeForLog(error) }),
		onUntold: (error) => log({ event: 'telemetry.failed', error }),
	});
}

function readFrom(query: URLSearchParams): string | undefined {
	const [from, ...more] = query.getAll('from');
	if (more.length === 0) return from;
	throw new LifeboatError('USAGE_INVALID', 'the from parameter is given twice', { hint: 'say ?from=NAME once' });
}
