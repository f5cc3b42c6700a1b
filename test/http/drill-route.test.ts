import { describe, expect, it } from 'vitest';
import type { DrillReport } from '../../lib/backup/drill-report';
import { LifeboatError } from '../../lib/core/errors';
import { handleDrillRequest } from '../../lib/http/drill-route';
import type { DrillOptions, DrillOutcome } from '../../lib/jobs/drill';

const SECRET = 'cron-secret-0123456789';
const ENV = { CRON_SECRET: SECRET, TURSO_DATABASE_URL: 'file:/tmp/shop.db' };
const NOW = 1_700_000_000_000;

const REPORT: DrillReport = {
	drill: 1,
	id: 'drill-20261120T040000Z-7f3a',
	at: '2026-11-20T04:00:00.000Z',
	trigger: 'cron',
	backup: null,
	target: 'scratch',
	steps: [{ name: 'find', durationMs: 5 }],
	recovery: { durationMs: 5, limitMs: 3_600_000 },
	point: { ageMs: 7, limitMs: 8 },
	notes: [],
	failure: null,
};
const PASSED: DrillOutcome = { report: REPORT, kept: { name: 'shop/x.json', prunedReports: 0 }, error: null };

const ALERTED = { channel: 'slack', kind: 'drill-failed', status: 'sent', error: null } as const;

interface Given {
	readonly env?: Record<string, string | undefined>;
	readonly authorization?: string | null;
	readonly headers?: Record<string, string>;
	readonly query?: string;
	readonly method?: string;
	readonly job?: (options: DrillOptions) => Promise<DrillOutcome>;
}

async function ask({ env = ENV, authorization = `Bearer ${SECRET}`, headers, query = '', method, job }: Given = {}) {
	const runs: DrillOptions[] = [];
	const lines: string[] = [];
	const told: unknown[] = [];
	const all = new Headers(headers);
	if (authorization !== null) all.set('authorization', authorization);
	const request = new Request(`http://localhost/api/cron/drill${query}`, { method, headers: all });
	const response = await handleDrillRequest(request, {
		env,
		now: () => NOW,
		writeLog: (line) => void lines.push(line),
		runDrill: async (options) => {
			runs.push(options);
			return job ? job(options) : PASSED;
		},
		tellOfDrill: async ({ report }) => (report.failure ? { alerts: [ALERTED] } : {}),
		tellOfConfig: async ({ code }, { of, database, watch }) => {
			told.push({ code, of, database, hasSlack: watch.slack !== null });
			return { alerts: [{ ...ALERTED, error: { code: 'ALERT_FAILED', message: `of ${SECRET}` } }] };
		},
	});
	const text = await response.text();
	expect(response.headers.get('cache-control')).toBe('no-store');
	expect(text + lines.join('\n')).not.toContain(SECRET);
	return { status: response.status, body: JSON.parse(text), runs, lines, response, told };
}

describe('the drill route', () => {
	it.each([null, '', 'Bearer ', `Bearer ${SECRET}x`, `Basic ${SECRET}`])(
		'lets in none who sends %j',
		async (authorization) => {
			const { status, body, ...did } = await ask({ authorization, env: { ...ENV, BACKUP_PROOF: 'nonsense' } });
			expect([status, body.error.code, did.runs, did.lines, did.told]).toEqual([401, 'UNAUTHORIZED', [], [], []]);
		},
	);

	it.each([undefined, '', 'short'])('lets in nobody when CRON_SECRET is %j', async (CRON_SECRET) => {
		const { status, runs, told } = await ask({ env: { ...ENV, CRON_SECRET }, authorization: `Bearer ${CRON_SECRET}` });
		expect([status, runs, told]).toEqual([503, [], []]);
	});

	it.each(['HEAD', 'POST'])('does nothing by %s', async (method) => {
		const { status, response, runs } = await ask({ method });
		expect([status, response.headers.get('allow'), runs]).toEqual([405, 'GET', []]);
	});

	it('drills the newest backup until the configured time is over, and answers with the report', async () => {
		const { status, body, runs, lines } = await ask({ env: { ...ENV, BACKUP_MAX_DURATION_SECONDS: '60' } });
		expect([status, body]).toEqual([200, { status: 'passed', drill: REPORT, kept: PASSED.kept }]);
		expect(runs).toMatchObject([{ backup: 'latest', trigger: 'http', deadlineAt: NOW + 60_000 }]);
		expect(runs[0]?.to ?? runs[0]?.from).toBeUndefined();
		expect(lines.map((line) => JSON.parse(line).event)).toEqual(['drill.asked', 'drill.answered']);
	});

	it('knows who asks, and which store is meant', async () => {
		const { runs } = await ask({ headers: { 'x-vercel-cron-schedule': '0 4 1 * *' }, query: '?from=offsite' });
		expect(runs).toMatchObject([{ trigger: 'cron', from: 'offsite' }]);
		const unknown = new LifeboatError('USAGE_INVALID', 'there is no store called "x"');
		const refused = await ask({ query: '?from=x', job: () => Promise.reject(unknown) });
		expect([refused.status, refused.told]).toEqual([400, []]);
		const twice = await ask({ query: '?from=x&from=y' });
		expect([twice.status, twice.runs]).toEqual([400, []]);
	});

	it('answers 500 to a drill that failed, with its report and what is to be done', async () => {
		const error = new LifeboatError('KEY_NEEDED', `sealed ${SECRET}`, { hint: 'drill elsewhere' });
		const report = { ...REPORT, failure: { code: 'KEY_NEEDED', step: null } };
		const { status, body, lines } = await ask({ job: async () => ({ ...PASSED, report, error }) });
		expect(status).toBe(500);
		expect(body).toMatchObject({
			status: 'failed',
			drill: report,
			error: { code: 'KEY_NEEDED', message: 'sealed [redacted]', hint: 'drill elsewhere' },
			alerts: [ALERTED],
		});
		expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'drill.failed', error: { code: 'KEY_NEEDED' } });
	});

	it('answers 500 to what is no failure of the drill, and says nothing of it', async () => {
		const { status, body, told } = await ask({ job: () => Promise.reject(new Error('row 7 is odd')) });
		expect([status, body.error.code, JSON.stringify(body).includes('row 7')]).toEqual([500, 'INTERNAL', false]);
		expect(told).toMatchObject([{ of: 'drill', code: 'INTERNAL' }]);
	});

	it('tells the channels that are right of a configuration that is not', async () => {
		const env = {
			...ENV,
			BACKUP_NAME: 'shop',
			BACKUP_PROOF: 'nonsense',
			BACKUP_ALERT_SLACK_URL: 'https://hooks.example/x',
		};
		const { status, body, told, runs } = await ask({ env });
		expect([status, body.error.code, runs]).toEqual([503, 'CONFIG_INVALID', []]);
		expect(told).toEqual([{ code: 'CONFIG_INVALID', of: 'drill', database: 'shop', hasSlack: true }]);
		expect(body.alerts).toMatchObject([{ error: { message: 'of [redacted]' } }]);
	});
});
