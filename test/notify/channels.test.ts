import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/core/secret';
import type { Alert } from '../../lib/notify/alert';
import { type Channel, openChannels } from '../../lib/notify/channels';
import { sendBeat } from '../../lib/notify/heartbeat';
import { FakeContext } from '../jobs/fixture';
import { givenFolder } from '../support/given-folder';
import { givenListener, type Heard, type Listener } from '../support/listener';

const ALERT: Alert = {
	kind: 'backup-failed',
	database: 'shop',
	backup: null,
	code: 'DATABASE_UNREACHABLE',
	what: 'opening the database failed: <it> & more did not answer',
	hint: 'try again',
	since: '2026-11-19T02:00:00.000Z',
	at: '2026-11-20T02:00:00.000Z',
};
const KEY = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');
const ID = 'f3b0c442-98fc-4c14-9afb-f4c8996fb924';

const context = () => new FakeContext('2026-11-20T02:00:01Z');

function channelsAt({ url }: Listener): Channel[] {
	return openChannels({
		slack: new Secret(`${url}/services/T0/B0/slack-secret`),
		webhook: {
			url: new Secret(`${url}/hook?token=hook-secret`),
			secret: new Secret(`whsec_${KEY.toString('base64')}`),
		},
		email: { apiKey: new Secret('re_key'), baseUrl: `${url}/resend`, from: 'L <l@example.com>', to: ['a@example.com'] },
	});
}

/** As docs/alerts.md has it, whatever the time. */
function verify({ headers, body }: Heard, key: Buffer): boolean {
	const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
	const wanted = createHmac('sha256', key).update(signed).digest();
	return String(headers['webhook-signature'])
		.split(' ')
		.some((one) => {
			const given = Buffer.from(one.replace(/^v1,/, ''), 'base64');
			return given.length === wanted.length && timingSafeEqual(given, wanted);
		});
}

describe('a channel', () => {
	it('tells by the way of each', async () => {
		const listener = await givenListener();
		for (const channel of channelsAt(listener)) await channel.send(ALERT, ID, context());
		const [slack, hook, email] = listener.heard as [Heard, Heard, Heard];
		expect([slack.method, slack.path]).toEqual(['POST', '/services/T0/B0/slack-secret']);
		expect(JSON.parse(slack.body)).toEqual({
			text: [
				'*Lifeboat, shop: the backup failed (DATABASE_UNREACHABLE)*',
				'opening the database failed: &lt;it&gt; &amp; more did not answer',
				'What to do: try again',
				'Since: 2026-11-19T02:00:00.000Z',
				'Runbook: docs/runbook.md#backups-stopped',
			].join('\n'),
		});

		expect([hook.method, hook.path]).toEqual(['POST', '/hook?token=hook-secret']);
		const { kind, at, ...data } = ALERT;
		expect(JSON.parse(hook.body)).toEqual({
			type: `lifeboat.${kind}`,
			timestamp: at,
			data: { ...data, runbook: 'docs/runbook.md#backups-stopped' },
		});
		expect(hook.headers).toMatchObject({ 'webhook-id': ID, 'webhook-timestamp': '1795140001' });
		expect(verify(hook, KEY)).toBe(true);
		expect(verify(hook, Buffer.from('another key of enough bytes'))).toBe(false);
		expect(verify({ ...hook, body: hook.body.replace('shop', 'shed') }, KEY)).toBe(false);
		expect(verify({ ...hook, headers: { ...hook.headers, 'webhook-timestamp': '1795140002' } }, KEY)).toBe(false);

		expect([email.method, email.path]).toEqual(['POST', '/resend/emails']);
		expect(email.headers).toMatchObject({ authorization: 'Bearer re_key', 'idempotency-key': ID });
		expect(JSON.parse(email.body)).toMatchObject({
			from: 'L <l@example.com>',
			to: ['a@example.com'],
			subject: 'Lifeboat, shop: the backup failed (DATABASE_UNREACHABLE)',
			text: expect.stringContaining('What to do: try again'),
		});
	});

	it('tries again what may pass, under the same id', async () => {
		const listener = await givenListener();
		const manners = [500, 'cut', 200] as const;
		listener.manner = () => manners[listener.heard.length - 1] ?? 200;
		await channelsAt(listener)[1]?.send(ALERT, ID, context());
		expect(listener.heard).toHaveLength(3);
		expect(new Set(listener.heard.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([ID]));
	});

	it.each([
		[500, 3, 'it answered 500'],
		[429, 3, 'it answered 429'],
		[404, 1, 'it answered 404'],
		[302, 1, 'it answered 302'],
		['cut', 3, 'it could not be reached'],
	] as const)('that fails by %s is tried %i times, and tells no secret', async (manner, tries, told) => {
		const listener = await givenListener();
		listener.manner = () => manner;
		for (const channel of channelsAt(listener)) {
			listener.heard.length = 0;
			const error = await channel.send(ALERT, ID, context()).catch((thrown) => thrown);
			expect(error).toMatchObject({ code: 'CHANNEL_FAILED', data: { channel: channel.name } });
			expect(error.message).toContain(told);
			expect(JSON.stringify([error.message, error.hint, error.data, String(error.cause)])).not.toMatch(/secret|re_key/);
			expect(listener.heard).toHaveLength(tries);
		}
	});

	it('that nobody serves says so', async () => {
		const listener = await givenListener();
		await listener.close();
		await expect(channelsAt(listener)[0]?.send(ALERT, ID, context())).rejects.toMatchObject({
			code: 'CHANNEL_FAILED',
			message: expect.stringContaining('ECONNREFUSED'),
		});
	});

	it('stops when time is over', async () => {
		const listener = await givenListener();
		const stop = new AbortController();
		listener.manner = () => {
			stop.abort(new Error('enough'));
			return 'hang';
		};
		const sent = channelsAt(listener)[0]?.send(ALERT, ID, { ...context(), signal: stop.signal });
		await expect(sent).rejects.toMatchObject({ code: 'CHANNEL_FAILED' });
		expect(listener.heard).toHaveLength(1);
	});
});

it('the code that docs/alerts.md has for a receiver takes what is sent, and nothing else', async () => {
	const page = await readFile(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
	const [, code] = /```js\n(.*?)```/s.exec(page) ?? [];
	const path = join(await givenFolder(), 'receiver.mjs');
	await writeFile(path, `${code}\nexport { verify };\n`);
	const { verify } = await import(/* @vite-ignore */ pathToFileURL(path).href);
	const listener = await givenListener();
	const now = Date.now();
	for (const agoMs of [0, 310_000])
		await channelsAt(listener)[1]?.send(ALERT, ID, new FakeContext(new Date(now - agoMs).toISOString()));
	const [{ headers, body }, old] = listener.heard as [Heard, Heard];
	const secret = `whsec_${KEY.toString('base64')}`;
	expect(verify(headers, body, secret)).toBe(true);
	expect(verify(headers, body.replace('shop', 'shed'), secret)).toBe(false);
	expect(verify({ ...headers, 'webhook-id': 'another' }, body, secret)).toBe(false);
	expect(verify(headers, body, `whsec_${Buffer.from('another key of enough bytes').toString('base64')}`)).toBe(false);
	expect(verify(old.headers, old.body, secret)).toBe(false);
});

// Of the tests of the reference libraries of Standard Webhooks.
it('the check of these tests is that of Standard Webhooks', () => {
	const headers = {
		'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
		'webhook-timestamp': '1614265330',
		'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
	};
	const heard = { method: 'POST', path: '/', headers, body: '{"test": 2432232314}' };
	expect(verify(heard, Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'))).toBe(true);
});

it.each([
	['/ping/uuid', '/ping/uuid/start?rid=R', '/ping/uuid?rid=R', '/ping/uuid/fail?rid=R'],
	[
		'/ping/key/slug/?create=1',
		'/ping/key/slug/start?create=1&rid=R',
		'/ping/key/slug?create=1&rid=R',
		'/ping/key/slug/fail?create=1&rid=R',
	],
])('the heartbeat at %s', async (path, ...paths) => {
	const listener = await givenListener();
	const options = {
		url: new Secret(listener.url + path),
		runId: ID,
		summary: { status: 'done', long: 'x'.repeat(20_000) },
	};
	for (const beat of ['start', 'success', 'fail'] as const) await sendBeat(beat, options, context());
	expect(listener.heard.map((heard) => heard.path.replace(ID, 'R'))).toEqual(paths);
	for (const { method, body } of listener.heard) {
		expect(method).toBe('POST');
		expect(body).toMatch(/^\{"status":"done"/);
		expect(body.length).toBe(10_000);
	}
});
