import { describe, expect, it } from 'vitest';
import { LifeboatError } from '../../lib/core/errors';
import { createBriefMemory } from '../../lib/http/brief-memory';
import { handleHealthRequest, handleMetricsRequest } from '../../lib/http/health-route';
import type { Health } from '../../lib/jobs/health-types';

const SECRET = 'health-secret-0123456789';
const ENV = { HEALTH_SECRET: SECRET, BACKUP_NAME: 'shop' };
const GOOD: Health = {
	status: 'ok',
	at: '2026-11-01T02:00:00.000Z',
	backup: { status: 'ok', id: 'backup-1', ageSeconds: 60, limitSeconds: 93_600, error: null },
	drill: null,
	copies: [{ name: 'nas', status: 'ok', id: 'backup-1', ageSeconds: 60, limitSeconds: 93_600, error: null }],
	killedRun: null,
	alerts: { slack: { at: '2026-11-01T02:00:00.000Z', error: null } },
	summary: null,
};
const BAD: Health = { ...GOOD, status: 'failing' };

async function ask(
	authorization: string | null,
	{
		env = ENV as Record<string, string>,
		health = GOOD as Health | Error,
		memory = createBriefMemory<'ok' | 'failing'>(60_000),
	} = {},
) {
	let looks = 0;
	const lines: string[] = [];
	const headers = new Headers(authorization === null ? {} : { authorization });
	const deps = {
		env,
		memory,
		writeLog: (line: string) => void lines.push(line),
		checkHealth: async () => {
			looks++;
			if (health instanceof Error) throw health;
			return health;
		},
	};
	const answer = await handleHealthRequest(new Request('http://localhost/api/health', { headers }), deps);
	const metrics = await handleMetricsRequest(new Request('http://localhost/api/metrics', { headers }), deps);
	for (const one of [answer, metrics]) expect(one.headers.get('cache-control')).toBe('no-store');
	const texts = { health: await answer.text(), metrics: await metrics.text() };
	expect(JSON.stringify([texts, lines])).not.toContain(SECRET);
	return {
		status: answer.status,
		body: JSON.parse(texts.health),
		metrics: { status: metrics.status, text: texts.metrics },
		looks,
		lines,
	};
}

describe('who asks for the health', () => {
	it('with the secret is told all', async () => {
		expect(await ask(`Bearer ${SECRET}`)).toMatchObject({ status: 200, body: GOOD });
		expect(await ask(`Bearer ${SECRET}`, { health: BAD })).toMatchObject({ status: 503, body: BAD });
	});

	it('without it is told the bare status', async () => {
		expect(await ask(null)).toMatchObject({ status: 200, body: { status: 'ok' } });
		const failing = await ask(null, { health: BAD });
		expect([failing.status, failing.body]).toEqual([503, { status: 'failing' }]);
		for (const authorization of [null, 'Bearer x', `Bearer ${SECRET}`])
			expect((await ask(authorization, { env: { BACKUP_NAME: 'shop' } })).body).toEqual({ status: 'ok' });
	});

	it.each(['Bearer', `Bearer ${SECRET}x`, SECRET, `Basic ${SECRET}`])(
		'with a wrong one (%s) is told nothing',
		async (wrong) => {
			const { status, body, metrics, looks } = await ask(wrong);
			expect([status, body.error.code, body.error.hint]).toEqual([
				401,
				'UNAUTHORIZED',
				expect.stringContaining('HEALTH_SECRET'),
			]);
			expect([metrics.status, looks]).toEqual([401, 0]);
		},
	);

	it('is told by name what is wrong with the configuration, if he has the secret', async () => {
		const env = { HEALTH_SECRET: SECRET, VERCEL: '1' };
		const { status, body } = await ask(`Bearer ${SECRET}`, { env });
		expect([status, body.error.code]).toEqual([503, 'CONFIG_INVALID']);
		expect(await ask(null, { env })).toMatchObject({ status: 503, body: { status: 'failing' } });
		expect((await ask(null, { env: { ...ENV, HEALTH_SECRET: 'short' } })).status).toBe(503);
	});

	it('is told of a failure without what others must not know', async () => {
		const health = new LifeboatError('STORE_REFUSED', `with ${SECRET}`);
		expect((await ask(`Bearer ${SECRET}`, { health })).body.error.message).toBe('with [redacted]');
		expect(await ask(null, { health })).toMatchObject({ status: 503, body: { status: 'failing' } });
	});
});

describe('the bare status', () => {
	it('is looked for once a minute, however many ask', async () => {
		let nowMs = 0;
		const memory = createBriefMemory<'ok' | 'failing'>(60_000, () => nowMs);
		const bare = async (health: Health | Error) => (await ask(null, { memory, health })).body.status;
		expect(await Promise.all([bare(GOOD), bare(BAD), bare(BAD)])).toEqual(['ok', 'ok', 'ok']);
		nowMs = 59_999;
		expect(await bare(BAD)).toBe('ok');
		nowMs = 60_000;
		expect(await bare(BAD)).toBe('failing');
		nowMs = 120_000;
		expect(await bare(new Error('no'))).toBe('failing');
		expect(await bare(GOOD)).toBe('ok');
	});
});

describe('the metrics', () => {
	it('are of the text form', async () => {
		const summary = {
			durationMs: 1500,
			bytes: 10,
			plainBytes: 100,
			rows: 3,
			omittedRows: 0,
			tables: 2,
		} as Health['summary'];
		const { metrics } = await ask(`Bearer ${SECRET}`, { health: { ...BAD, summary } });
		expect(metrics.status).toBe(200);
		expect(metrics.text).toContain('# TYPE lifeboat_backup_age_seconds gauge\nlifeboat_backup_age_seconds 60\n');
		expect(metrics.text).toContain('lifeboat_copy_age_seconds{copy="nas"} 60\n');
		expect(metrics.text).toContain('lifeboat_backup_duration_seconds 1.5\n');
		expect(metrics.text).toContain('lifeboat_alert_delivered{channel="slack"} 1\n');
		expect(metrics.text).toContain('lifeboat_healthy 0\n');
		for (const line of metrics.text.trimEnd().split('\n'))
			expect(line).toMatch(/^(# (HELP|TYPE) lifeboat_[a-z_]+ .+|lifeboat_[a-z_]+(\{[a-z]+="[a-z]+"\})? [0-9.]+)$/);
	});

	it('leave out what is not known', async () => {
		const health = { ...BAD, backup: { ...BAD.backup, id: null, ageSeconds: null } };
		const { metrics } = await ask(`Bearer ${SECRET}`, { health });
		expect(metrics.text).not.toContain('lifeboat_backup_age_seconds');
		expect(metrics.text).toContain('lifeboat_backup_age_limit_seconds 93600\n');
	});

	it('are nobody’s without a secret', async () => {
		const { metrics } = await ask(null, { env: { BACKUP_NAME: 'shop' } });
		expect([metrics.status, JSON.parse(metrics.text).error.code]).toEqual([503, 'CONFIG_INVALID']);
	});
});
