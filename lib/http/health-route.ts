import type { EnvironmentSource } from '../config/environment';
import { loadConfig, loadHealthSecret } from '../config/load';
import { redactSecrets } from '../config/redact';
import type { Health, HealthOptions } from '../jobs/health-types';
import { answerJson } from './answer';
import { isBearerOf } from './bearer';
import type { BriefMemory } from './brief-memory';
import { createEventLog, describeForLog, type EventLog } from './event-log';
import { metricsOf } from './metrics';
import { problemAnswer, unauthorizedAnswer } from './problem';

export interface HealthRouteDeps {
	readonly env: EnvironmentSource;
	checkHealth(options: HealthOptions): Promise<Health>;
	/** Keeps the bare status for a moment: anyone may ask for it, and each look costs requests to the store. */
	readonly memory: BriefMemory<Health['status']>;
	/** Takes one line of the log; stdout by default. */
	readonly writeLog?: (line: string) => void;
}

const SECRET = 'HEALTH_SECRET';

/**
 * Answers `GET /api/health`: 200 if the backups are as they should be, else 503. To who shows `HEALTH_SECRET` all that is
 * known of them; to others the bare status, a minute old at most. Never rejects. 401 for a wrong bearer.
 */
export async function handleHealthRequest(request: Request, deps: HealthRouteDeps): Promise<Response> {
	const { redact, log } = toolsOf(deps);
	const given = request.headers.get('authorization');
	try {
		const secret = loadHealthSecret(deps.env);
		if (given === null || secret === null) {
			const status = await deps.memory.recall(async () => (await check(deps, log)).status);
			return answerJson({ status }, statusOf(status));
		}
		if (!isBearerOf(given, secret)) return unauthorizedAnswer(SECRET);
		const health = await check(deps, log);
		return answerJson(JSON.parse(redact(JSON.stringify(health))), statusOf(health.status));
	} catch (error) {
		log({ event: 'health.failed', error: describeForLog(error) });
		if (given === null) return answerJson({ status: 'failing' }, 503);
		return problemAnswer(error, { status: 503, redact });
	}
}

/**
 * Answers `GET /api/metrics` in Prometheus's text form, to who shows `HEALTH_SECRET`. Never rejects. 401; 503 if there is
 * no such secret, or the configuration is wrong.
 */
export async function handleMetricsRequest(request: Request, deps: Omit<HealthRouteDeps, 'memory'>): Promise<Response> {
	const { redact, log } = toolsOf(deps);
	try {
		const secret = loadHealthSecret(deps.env, { isNeeded: true });
		if (!isBearerOf(request.headers.get('authorization'), secret)) return unauthorizedAnswer(SECRET);
		const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' };
		return new Response(metricsOf(await check(deps, log)), {
			headers: { ...headers, 'x-content-type-options': 'nosniff' },
		});
	} catch (error) {
		log({ event: 'health.failed', error: describeForLog(error) });
		return problemAnswer(error, { redact });
	}
}

async function check(deps: Omit<HealthRouteDeps, 'memory'>, log: EventLog): Promise<Health> {
	const config = loadConfig(deps.env, { need: ['store', 'name'] });
	const health = await deps.checkHealth({ config, log });
	const { status, backup, copies, killedRun } = health;
	if (status === 'failing') log({ event: 'health.failing', backup, copies, killedRun });
	return health;
}

function toolsOf({ env, writeLog }: Omit<HealthRouteDeps, 'memory'>) {
	const redact = (text: string) => redactSecrets(text, env);
	return { redact, log: createEventLog({ write: writeLog ?? console.log, redact, now: Date.now }) };
}

function statusOf(status: Health['status']): number {
	return status === 'ok' ? 200 : 503;
}
