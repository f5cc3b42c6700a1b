import { describe, expect, it } from 'vitest';
import { type ErrorCode, LifeboatError } from '../../lib/core/errors';
import { handleBackupRequest } from '../../lib/http/backup-route';
import type { NightlyOptions, NightlyResult } from '../../lib/jobs/nightly-types';

const SECRET = 'cron-secret-0123456789';
const ENV = { CRON_SECRET: SECRET, TURSO_DATABASE_URL: 'file:/tmp/shop.db' };
const NOW = 1_700_000_000_000;

interface Given {
	readonly env?: Record<string, string | undefined>;
	readonly authorization?: string | null;
	readonly headers?: Record<string, string>;
	readonly query?: string;
	readonly method?: string;
	readonly job?: (options: NightlyOptions) => Promise<NightlyResult>;
}

async function ask({ env = ENV, authorization = `Bearer ${SECRET}`, headers, query = '', method, job }: Given = {}) {
	const runs: NightlyOptions[] = [];
	const lines: string[] = [];
	const told: object[] = [];
	const all = new Headers(headers);
	if (authorization !== null) all.set('authorization', authorization);
	const response = await handleBackupRequest(
		new Request(`http://localhost/api/cron/backup${query}`, { method, headers: all }),
		{
			env,
			now: () => NOW,
			writeLog: (line) => void lines.push(line),
			tellOfConfig: async (failure, { database, watch }) => {
				told.push({ code: failure.code, database, hasSlack: watch.slack !== null });
				return { alerts: [{ channel: 'slack', kind: 'backup-failed', status: 'sent', error: null }] };
			},
			runNightly: async (options) => {
				runs.push(options);
				return job ? job(options) : { status: 'done', backup: { id: 'x' } };
			},
		},
	);
	const text = await response.text();
	expect(response.headers.get('cache-control')).toBe('no-store');
	expect(response.headers.get('x-content-type-options')).toBe('nosniff');
	expect(text + lines.join('\n')).not.toContain(SECRET);
	return { response, status: response.status, text, body: JSON.parse(text), runs, lines, told };
}

describe('who may call', () => {
	it.each([
		null,
		'',
		'Bearer',
		'Bearer ',
		`Bearer ${SECRET.slice(0, -1)}`,
		`Bearer ${SECRET}x`,
		`Bearer x${SECRET}`,
		`Bearer ${SECRET.toUpperCase()}`,
		`Bearer Bearer ${SECRET}`,
		`XBearer ${SECRET}`,
		`Basic ${SECRET}`,
		SECRET,
		`Bearer ${SECRET}, Bearer ${SECRET}`,
		`Bearer ${SECRET},`,
		`Bearer ${'x'.repeat(100_000)}`,
		'Bearer undefined',
		`Bearer ${SECRET}\u00fc`,
	])('not one who sends %.40s', async (authorization) => {
		// A wrong query and a wrong environment tell nothing more to whoever has not shown the secret.
		const env = { ...ENV, BACKUP_PROOF: 'nonsense' };
		const { status, body, runs, response, lines } = await ask({ authorization, env, query: '?dryRun=maybe' });
		expect(status).toBe(401);
		expect(body.error.code).toBe('UNAUTHORIZED');
		expect(response.headers.get('www-authenticate')).toBe('Bearer');
		expect(runs).toEqual([]);
		expect(lines).toEqual([]);
	});

	it('not one who sends the header twice', async () => {
		const headers = new Headers({ authorization: `Bearer ${SECRET}` });
		headers.append('authorization', `Bearer ${SECRET}`);
		const request = new Request('http://localhost/api/cron/backup', { headers });
		const job = () => Promise.reject(new Error('it ran'));
		expect((await handleBackupRequest(request, { env: ENV, runNightly: job, tellOfConfig: job })).status).toBe(401);
	});

	it.each([undefined, '', ' ', 'undefined', 'short'])('nobody when CRON_SECRET is %j', async (CRON_SECRET) => {
		for (const authorization of [null, '', 'Bearer ', `Bearer ${CRON_SECRET}`, `Bearer ${SECRET}`]) {
			const { status, body, runs } = await ask({ env: { ...ENV, CRON_SECRET }, authorization });
			expect([status, body.error.code]).toEqual([503, 'CONFIG_INVALID']);
			expect(runs).toEqual([]);
		}
	});

	it('one whose scheme is spelled in another case', async () => {
		expect((await ask({ authorization: `bearer ${SECRET}` })).status).toBe(200);
	});
});

describe('what is run', () => {
	it('is a real run, by whoever asked, until the configured time is over', async () => {
		const { status, body, runs, lines } = await ask({ env: { ...ENV, BACKUP_MAX_DURATION_SECONDS: '60' } });
		expect([status, body]).toEqual([200, { status: 'done', backup: { id: 'x' } }]);
		expect(runs).toMatchObject([{ dryRun: false, trigger: 'http', deadlineAt: NOW + 60_000 }]);
		expect(lines.map((line) => JSON.parse(line).event)).toEqual(['backup.asked', 'backup.answered']);
	});

	it('is triggered by cron if the header of the scheduler is there', async () => {
		const { runs } = await ask({ headers: { 'x-vercel-cron-schedule': '0 2 * * *' } });
		expect(runs[0]?.trigger).toBe('cron');
	});

	it("keeps Vercel's deadline where there is one", async () => {
		const context = Symbol.for('@vercel/request-context');
		const holder = globalThis as unknown as Record<symbol, unknown>;
		holder[context] = { get: () => ({ deadline: NOW + 7000 }) };
		try {
			expect((await ask()).runs[0]?.deadlineAt).toBe(NOW + 7000);
		} finally {
			delete holder[context];
		}
	});

	it.each(['?dryRun=1', '?dryRun=true', '?other=2&dryRun=1'])('is a dry run by %s', async (query) => {
		expect((await ask({ query })).runs[0]?.dryRun).toBe(true);
	});

	it.each([
		'?dryRun',
		'?dryRun=',
		'?dryRun=0',
		'?dryRun=false',
		'?dryRun=TRUE',
		'?dryRun=1&dryRun=1',
		'?dryRun=1&dryRun=0',
		'?dryrun=1',
		'?dry-run=1',
		'?dry_run=1',
		'??dryRun=1',
		'?x=1&amp;dryRun=1',
		'?dryRun[]=1',
		'?dryRun%20=1',
		'?dryRun%3D1',
	])('is nothing by %s', async (query) => {
		const { status, body, runs } = await ask({ query });
		expect([status, body.error.code, runs.length]).toEqual([400, 'USAGE_INVALID', 0]);
	});

	it.each(['HEAD', 'POST', 'DELETE'])('is nothing by %s', async (method) => {
		const { status, response, runs } = await ask({ method });
		expect([status, response.headers.get('allow'), runs.length]).toEqual([405, 'GET', 0]);
	});
});

describe('a failure', () => {
	it('of the configuration names the variables, to who may know', async () => {
		const { status, body, runs } = await ask({ env: { CRON_SECRET: SECRET, BACKUP_PROOF: 'nonsense', VERCEL: '1' } });
		expect([status, body.error.code, runs.length]).toEqual([503, 'CONFIG_INVALID', 0]);
		for (const name of ['TURSO_DATABASE_URL', 'BACKUP_PROOF', 'BLOB_READ_WRITE_TOKEN']) {
			expect(body.error.message).toContain(name);
		}
	});

	it('of the configuration is told to the channels that are right, unless it is a dry run', async () => {
		const env = {
			CRON_SECRET: SECRET,
			BACKUP_NAME: 'shop',
			BACKUP_ALERT_SLACK_URL: 'https://hooks.example/x',
			BACKUP_HEARTBEAT_URL: 'nonsense',
		};
		const { status, body, told } = await ask({ env });
		expect([status, body.error.code]).toEqual([503, 'CONFIG_INVALID']);
		expect(told).toEqual([{ code: 'CONFIG_INVALID', database: 'shop', hasSlack: true }]);
		expect(body.alerts).toMatchObject([{ channel: 'slack', status: 'sent' }]);
		expect((await ask({ env, query: '?dryRun=1' })).told).toEqual([]);
	});

	it('of the settings of a copy hinders no run', async () => {
		const env = { ...ENV, BACKUP_COPIES: 'offsite,nas', BACKUP_FOLDER_NAS: '.', BACKUP_S3_OFFSITE_BUCKET: '?' };
		const { status, runs } = await ask({ env });
		expect(status).toBe(200);
		expect(runs[0]?.config.copies.map(({ store }) => store.kind)).toEqual(['invalid', 'local']);
	});

	it.each<[ErrorCode, number]>([
		['LEASE_HELD', 409],
		['CONFIG_INVALID', 503],
		['TARGET_NOT_EMPTY', 500],
		['PROOF_FAILED', 500],
		['DATABASE_UNREACHABLE', 500],
		['DEADLINE_NEAR', 500],
		['USAGE_INVALID', 500],
	])('%s is answered %i', async (code, status) => {
		const answer = await ask({
			job: () => Promise.reject(new LifeboatError(code, 'it went wrong', { hint: 'do this' })),
		});
		expect(answer.status).toBe(status);
		expect(answer.body).toEqual({ error: { code, message: 'it went wrong', hint: 'do this' } });
	});

	it('that is not ours is told in the log only, and without secrets there', async () => {
		const cause = new Error(`denied for ${SECRET}`);
		const { status, body, text, lines } = await ask({
			job: () => Promise.reject(new Error('row 7 is odd', { cause })),
		});
		expect([status, body.error.code]).toEqual([500, 'INTERNAL']);
		expect(text).not.toContain('row 7');
		expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
			event: 'backup.failed',
			error: { message: 'row 7 is odd', cause: { message: 'denied for [redacted]' } },
		});
	});

	it('of ours is told without secrets', async () => {
		const { body } = await ask({ job: () => Promise.reject(new LifeboatError('STORE_REFUSED', `with ${SECRET}`)) });
		expect(body.error.message).toBe('with [redacted]');
	});

	it('that is no error at all is answered too', async () => {
		expect((await ask({ job: () => Promise.reject(undefined) })).status).toBe(500);
	});
});

it('the log says when, and how grave it is', async () => {
	const { lines } = await ask({
		job: async ({ log }) => {
			for (let n = 0; n < 300; n++) log({ event: 'page' });
			log({ event: 'copy.failed', copy: 'nas' });
			throw new Error('no');
		},
	});
	const at = new Date(NOW).toISOString();
	expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'backup.asked', level: 'info', at });
	expect(lines[0]).toMatch(/^\{"event":"backup.asked","level":"info","at":"/);
	expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'backup.failed', level: 'error', at });
	expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ event: 'copy.failed', level: 'error', copy: 'nas' });
	expect(lines).toHaveLength(202);
});

it('the log stays within what Vercel keeps', async () => {
	const { lines } = await ask({
		job: async ({ log }) => {
			for (let n = 0; n < 1000; n++) log({ event: 'page', n, text: 'x'.repeat(10_000) });
			return { status: 'dry-run', tables: [], rows: 0 };
		},
	});
	expect(lines.length).toBeLessThan(256);
	expect(lines.join('\n').length).toBeLessThan(1_000_000);
	expect(lines.every((line) => !line.includes('\n'))).toBe(true);
	expect(JSON.parse(lines.at(-1) ?? '').event).toBe('backup.answered');
});
