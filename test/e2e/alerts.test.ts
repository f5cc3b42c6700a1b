import { createHmac } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { givenFolder } from '../support/given-folder';
import { givenListener, type Heard } from '../support/listener';
import { type NextServer, startNext } from '../support/next-server';
import { recordOutput, SECRETS } from '../support/secrets';
import { ahead, execute, gist, givenServer, SHOP } from './deployment';

const KEY = Buffer.from('the receiver has this key as well');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

async function given() {
	const listener = await givenListener();
	const folder = await givenFolder();
	const database = `file:${join(folder, 'shop.db')}`;
	await execute(database, SHOP);
	const env = {
		...SECRETS,
		BLOB_READ_WRITE_TOKEN: '',
		TURSO_DATABASE_URL: database,
		BACKUP_NAME: 'shop',
		BACKUP_LOCAL_DIR: join(folder, 'backups'),
		BACKUP_SCRATCH_DIR: folder,
		BACKUP_ALERT_SLACK_URL: `${listener.url}/slack/a-secret-path`,
		BACKUP_ALERT_WEBHOOK_URL: `${listener.url}/webhook`,
		BACKUP_ALERT_WEBHOOK_SECRET: `whsec_${KEY.toString('base64')}`,
		BACKUP_ALERT_EMAIL_TO: 'ops@example.com',
		BACKUP_ALERT_EMAIL_FROM: 'backups@example.com',
		RESEND_API_KEY: 're_123456789',
		RESEND_BASE_URL: `${listener.url}/resend`,
		BACKUP_HEARTBEAT_URL: `${listener.url}/ping/abc`,
	};
	/** What was heard since the last look: the paths, and what the signed messages are of. */
	const heard = () =>
		listener.heard
			.splice(0)
			.map((one) => {
				recordOutput('what others are told', JSON.stringify([one.path, one.body]));
				return one.path === '/webhook' ? typeOf(one) : one.path.replace(/\?rid=.*/, '');
			})
			.sort();
	return { listener, folder, env, heard };
}

function typeOf({ headers, body }: Heard): string {
	const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
	expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', KEY).update(signed).digest('base64')}`);
	return JSON.parse(body).type;
}

async function get({ url }: NextServer, path: string, secret: string | null = SECRETS.HEALTH_SECRET) {
	const headers: Record<string, string> = secret === null ? {} : { authorization: `Bearer ${secret}` };
	const response = await fetch(`${url}/api/${path}`, { headers });
	const text = await response.text();
	recordOutput(`${path} ${response.status}`, text);
	return { status: response.status, text, body: path === 'health' ? JSON.parse(text) : null };
}

it('a failure of the route is told once by every channel, and its end', async () => {
	const { folder, env, heard, listener } = await given();
	const days = async (shift: number, more: Record<string, string> = {}) => {
		const next = await givenServer(ahead({ ...env, ...more }, shift * DAY_MS));
		return { next, answer: await next.ask() };
	};
	const first = await days(0);
	expect(gist(first.answer)).toEqual([200, 'done']);
	expect(first.answer.body).toMatchObject({ alerts: [], heartbeat: { status: 'sent', error: null } });
	expect(heard()).toEqual(['/ping/abc', '/ping/abc/start']);
	expect(await get(first.next, 'health', null)).toMatchObject({ status: 200, body: { status: 'ok' } });
	expect((await get(first.next, 'health')).body).toMatchObject({ backup: { status: 'ok', limitSeconds: 26 * 3600 } });
	expect((await get(first.next, 'metrics')).text).toContain('lifeboat_backup_rows 8\n');
	expect((await get(first.next, 'metrics', null)).status).toBe(401);
	expect((await get(first.next, 'health', SECRETS.CRON_SECRET)).status).toBe(401);

	await rm(join(folder, 'shop.db'));
	listener.manner = ({ path }) => (path.startsWith('/slack') ? 403 : 200);
	const second = await days(1);
	expect(gist(second.answer)).toEqual([500, 'DATABASE_NOT_FOUND']);
	expect(heard()).toEqual([
		'/ping/abc/fail',
		'/ping/abc/start',
		'/resend/emails',
		'/slack/a-secret-path',
		'lifeboat.backup-failed',
	]);
	expect(second.answer.body.alerts).toMatchObject([
		{ channel: 'slack', status: 'failed', error: { code: 'CHANNEL_FAILED' } },
		{ channel: 'webhook', status: 'sent' },
		{ channel: 'email', status: 'sent' },
	]);
	expect(second.next.events()).toContainEqual(expect.objectContaining({ event: 'alert.failed', channel: 'slack' }));
	expect((await get(second.next, 'metrics')).text).toContain('lifeboat_alert_delivered{channel="slack"} 0\n');
	expect(second.answer.text + second.next.output()).not.toContain('a-secret-path');
	heard();

	listener.manner = () => 200;
	const third = await days(2);
	expect(gist(third.answer)).toEqual([500, 'DATABASE_NOT_FOUND']);
	expect(heard()).toEqual(['/ping/abc/fail', '/ping/abc/start', '/slack/a-secret-path']);
	await execute(env.TURSO_DATABASE_URL, SHOP);
	expect(gist((await days(3)).answer)).toEqual([200, 'done']);
	expect(heard()).toEqual([
		'/ping/abc',
		'/ping/abc/start',
		'/resend/emails',
		'/slack/a-secret-path',
		'lifeboat.recovered',
	]);
});

it('a configuration that is not fit is told as well', async () => {
	const { env, heard } = await given();
	const next = await givenServer({ ...env, BACKUP_PROOF: 'nonsense', VERCEL: '1' });
	const answer = await next.ask();
	expect(gist(answer)).toEqual([503, 'CONFIG_INVALID']);
	expect(answer.body).toMatchObject({ alerts: [{ status: 'sent' }, { status: 'sent' }, { status: 'sent' }] });
	expect(heard()).toEqual(['/ping/abc/fail', '/resend/emails', '/slack/a-secret-path', 'lifeboat.backup-failed']);
	expect((await get(next, 'health', null)).status).toBe(503);
	expect(await get(next, 'cron/drill', SECRETS.CRON_SECRET)).toMatchObject({ status: 503 });
	expect(heard()).toEqual(['/resend/emails', '/slack/a-secret-path', 'lifeboat.drill-failed']);
});

it('a run that is killed is noticed by the next call of health within five minutes, and told', async () => {
	const { env, heard } = await given();
	const database = await givenListener();
	const victim = await startNext({ ...env, TURSO_DATABASE_URL: database.url });
	// It is in the midst of its work, and does not come to an end.
	const struck = new Promise<void>((resolve) => {
		database.manner = () => {
			resolve();
			return 'hang';
		};
	});
	const answer = victim.ask().catch(() => null);
	await struck;
	await victim.kill();
	expect(await answer).toBeNull();
	expect(heard()).toEqual(['/ping/abc/start']);

	const now = await givenServer(env);
	expect((await get(now, 'health')).body.killedRun).toBeNull();
	heard();
	const later = await givenServer(ahead(env, 5 * MINUTE_MS));
	const health = await get(later, 'health');
	expect([health.status, health.body.status]).toEqual([503, 'failing']);
	expect(health.body.killedRun).not.toBeNull();
	expect(heard()).toEqual(['/resend/emails', '/slack/a-secret-path', 'lifeboat.run-killed']);
	expect(await get(later, 'health', null)).toMatchObject({ status: 503, body: { status: 'failing' } });
	expect(heard()).toEqual([]);
	const next = await givenServer(ahead(env, 6 * MINUTE_MS));
	expect(gist(await next.ask())).toEqual([200, 'done']);
	expect(heard()).toContain('lifeboat.recovered');
	expect((await get(next, 'health')).status).toBe(200);
});
