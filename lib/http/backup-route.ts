import { getDeadline } from '@vercel/functions';
import type { EnvironmentSource } from '../config/environment';
import { loadConfig, loadCronSecret, loadWatch } from '../config/load';
import { redactSecrets } from '../config/redact';
import { hasCode, LifeboatError } from '../core/errors';
import type { NightlyOptions, NightlyResult } from '../jobs/nightly-types';
import type { TellConfigOptions } from '../jobs/tell-config';
import type { Told } from '../jobs/told';
import { answerJson } from './answer';
import { isBearerOf } from './bearer';
import { createEventLog, describeForLog, type EventLog } from './event-log';
import { methodAnswer, problemAnswer, unauthorizedAnswer } from './problem';

export interface BackupRouteDeps {
	readonly env: EnvironmentSource;
	runNightly(options: NightlyOptions): Promise<NightlyResult>;
	tellOfConfig(failure: LifeboatError, options: TellConfigOptions): Promise<Told>;
	/** Takes one line of the log; stdout by default. */
	readonly writeLog?: (line: string) => void;
	/** Milliseconds since the epoch. */
	readonly now?: () => number;
}

/**
 * Answers `GET /api/cron/backup`: runs the nightly job, or with `?dryRun=1` counts. Nothing is done and nothing but
 * `CRON_SECRET` looked at before the caller has shown it.
 * Never rejects. 200 done, skipped or counted; 400, 401, 405; 409 lease held; 503 not configured; 500 failed.
 */
export async function handleBackupRequest(request: Request, deps: BackupRouteDeps): Promise<Response> {
	const redact = (text: string) => redactSecrets(text, deps.env);
	const now = deps.now ?? Date.now;
	const log = createEventLog({ write: deps.writeLog ?? console.log, redact, now });
	const startedAt = now();
	let told: Told = {};
	const onTold = (all: Told) => {
		told = JSON.parse(redact(JSON.stringify(all)));
	};
	try {
		const secret = loadCronSecret(deps.env);
		if (!isBearerOf(request.headers.get('authorization'), secret)) return unauthorizedAnswer();
		if (request.method !== 'GET') return methodAnswer();
		let dryRun: boolean;
		try {
			dryRun = readDryRun(new URL(request.url).searchParams);
		} catch (error) {
			return problemAnswer(error, { status: 400, redact });
		}
		const result = await run(request, deps, { dryRun, startedAt, log, redact, onTold });
		log({ event: 'backup.answered', status: result.status, durationMs: now() - startedAt });
		// The verdicts of copies have the words of other people's servers in them.
		return answerJson({ ...JSON.parse(redact(JSON.stringify(result))), ...told });
	} catch (error) {
		log({ event: 'backup.failed', durationMs: now() - startedAt, error: describeForLog(error) });
		return problemAnswer(error, { redact, beside: told });
	}
}

async function run(
	request: Request,
	deps: BackupRouteDeps,
	{
		startedAt,
		...options
	}: Pick<NightlyOptions, 'dryRun' | 'redact' | 'onTold'> & { startedAt: number; log: EventLog },
): Promise<NightlyResult> {
	const config = await loadOrTell(deps, options);
	const trigger = request.headers.has('x-vercel-cron-schedule') ? 'cron' : 'http';
	const deadlineAt = getDeadline()?.getTime() ?? startedAt + config.maxDurationSeconds * 1000;
	const { dryRun, log } = options;
	log({ event: 'backup.asked', trigger, dryRun, deadlineAt: new Date(deadlineAt).toISOString() });
	// The request's own signal is left out: a backup that has begun goes on when the caller hangs up.
	return await deps.runNightly({ ...options, config, trigger, deadlineAt });
}

/** A dry run has somebody who reads its answer; nobody may read that of a scheduled one. */
async function loadOrTell(
	{ env, tellOfConfig }: BackupRouteDeps,
	{ dryRun, redact, log, onTold }: Pick<NightlyOptions, 'dryRun' | 'redact' | 'onTold'> & { log: EventLog },
) {
	try {
		return loadConfig(env, { need: ['database', 'cronSecret', 'store', 'name'] });
	} catch (error) {
		if (!dryRun && hasCode(error, 'CONFIG_INVALID')) {
			const database = env.BACKUP_NAME?.trim() || 'the database';
			onTold?.(await tellOfConfig(error, { of: 'backup', watch: loadWatch(env), database, redact, log }));
		}
		throw error;
	}
}

function readDryRun(query: URLSearchParams): boolean {
	for (const name of query.keys()) {
		// A real run must not come of a slip of the pen: `dry-run`, `?dryRun`, `amp;dryRun`, `dryRun[]`.
		const letters = name.normalize('NFKC').replace(/[^a-z]/gi, '');
		if (name !== 'dryRun' && /dryrun/i.test(letters)) throw dryRunInvalid();
	}
	const values = query.getAll('dryRun');
	if (values.length === 0) return false;
	if (values.length > 1 || (values[0] !== '1' && values[0] !== 'true')) throw dryRunInvalid();
	return true;
}

function dryRunInvalid(): LifeboatError {
	return new LifeboatError('USAGE_INVALID', 'the dryRun parameter is not one that is known', {
		hint: 'say ?dryRun=1, or leave it out for a real run',
	});
}
