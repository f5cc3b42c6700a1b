import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/core/secret';
import { handleSignIn } from '../../lib/http/sign-in';
import { handleSignOut } from '../../lib/http/sign-out';
import { isSession } from '../../lib/http/status-session';
import { countAttempt, forgetAttempts } from '../../lib/jobs/sign-in-attempts';
import { createAttemptMemory } from '../../lib/jobs/sign-in-memory';
import { givenFolder } from '../support/given-folder';

const PASSWORD = 'correct horse battery';
const ORIGIN = 'http://127.0.0.1:3000';
const FORM = 'application/x-www-form-urlencoded';

interface Sent {
	readonly password?: string;
	readonly next?: string;
	readonly headers?: Record<string, string>;
	readonly body?: BodyInit;
	readonly method?: string;
}

/** The sign-in of a site with a local store, until the test ends. */
async function givenSignIn(env: Record<string, string> = {}) {
	const folder = await givenFolder();
	const all = { STATUS_PASSWORD: PASSWORD, BACKUP_NAME: 'shop', BACKUP_LOCAL_DIR: folder, ...env };
	const memory = createAttemptMemory();
	const lines: string[] = [];
	const writeLog = (line: string) => void lines.push(line);
	return {
		folder: join(folder, 'shop'),
		lines,
		async send({ password = PASSWORD, next, headers, body, method = 'POST' }: Sent = {}) {
			const form = new URLSearchParams({ password, ...(next !== undefined && { next }) });
			const request = new Request(`${ORIGIN}/session`, {
				method,
				headers: {
					host: '127.0.0.1:3000',
					origin: ORIGIN,
					'content-type': FORM,
					'x-forwarded-proto': 'http',
					...headers,
				},
				...(method === 'POST' && { body: body ?? form.toString(), duplex: 'half' }),
			} as RequestInit);
			const answer = await handleSignIn(request, { env: all, memory, countAttempt, forgetAttempts, writeLog });
			const text = await answer.text();
			expect(text + JSON.stringify([...answer.headers]) + lines.join('')).not.toContain(PASSWORD);
			expect(answer.headers.get('cache-control')).toBe('no-store');
			return {
				status: answer.status,
				to: answer.headers.get('location'),
				cookie: answer.headers.get('set-cookie'),
				retryAfter: answer.headers.get('retry-after'),
				text,
			};
		},
	};
}

describe('the right password', () => {
	it('begins a session, and sends to the page that was asked for', async () => {
		const { send, folder, lines } = await givenSignIn();
		const backup = '/backups/backup-20261120T020000Z-7f3a';
		expect(await send()).toMatchObject({ status: 303, to: '/' });
		const { cookie, ...answer } = await send({ next: backup });
		expect(answer).toMatchObject({ status: 303, to: backup });
		const [, seal] = /^lifeboat=([^;]+); Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/.exec(cookie ?? '') ?? [];
		expect(await isSession(seal ?? null, new Secret(PASSWORD), Date.now())).toBe(true);
		expect(await readdir(folder)).toEqual(['sign-in.json']);
		expect(JSON.parse(await readFile(join(folder, 'sign-in.json'), 'utf8')).attempts).toEqual([]);
		expect(lines.map((line) => JSON.parse(line).result)).toEqual(['right', 'right']);
	});

	it('is right with space round it, and however its letters are composed', async () => {
		const { send } = await givenSignIn({ STATUS_PASSWORD: 'caf\u00e9 au lait, s\u2019il' });
		expect(await send({ password: ' cafe\u0301 au lait, s\u2019il\r\n' })).toMatchObject({ status: 303, to: '/' });
		expect(await send({ password: 'cafe au lait, s\u2019il' })).toMatchObject({ to: '/sign-in?wrong' });
	});

	it('lets in though nothing else is configured, so that the page can say so', async () => {
		const { send, lines } = await givenSignIn({ VERCEL: '1', BACKUP_NAME: '', TURSO_DATABASE_URL: 'nonsense' });
		expect(await send({ headers: { 'x-real-ip': '192.0.2.1' } })).toMatchObject({ status: 303, to: '/' });
		expect(lines).toHaveLength(1);
	});

	it('begins one whose cookie is only for https, wherever the page is not on this machine by http', async () => {
		const { send } = await givenSignIn();
		const attributes = 'Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure';
		const hosts: [string, string][] = [
			['https', '127.0.0.1:3000'],
			['https', 'backups.example.com'],
			['http', 'backups.example.com'],
		];
		for (const [protocol, host] of hosts) {
			const origin = `${protocol}://${host}`;
			const { cookie } = await send({ headers: { 'x-forwarded-proto': protocol, host, origin } });
			expect(cookie).toMatch(new RegExp(`^__Host-lifeboat=[^;]+; ${attributes}$`));
		}
	});
});

describe('a wrong password', () => {
	it.each([
		'',
		'x',
		PASSWORD.slice(1),
		PASSWORD.toUpperCase(),
		`${PASSWORD}x`,
		PASSWORD.repeat(50),
		'\0',
		'[redacted]',
	])('(%j) sends back to the sign-in, without a cookie', async (password) => {
		const { send } = await givenSignIn();
		expect(await send({ password })).toMatchObject({ status: 303, to: '/sign-in?wrong', cookie: null });
		const next = '/backups/backup-20261120T020000Z-7f3a';
		expect(await send({ password, next })).toMatchObject({ to: `/sign-in?wrong&next=${next}`, cookie: null });
	});

	it('five times makes the right one wait, until the quarter of an hour is over', async () => {
		const { send, lines } = await givenSignIn();
		for (let nth = 1; nth <= 5; nth++) expect((await send({ password: `wrong ${nth}` })).to).toBe('/sign-in?wrong');
		const { retryAfter, ...answer } = await send();
		expect(answer).toMatchObject({ status: 303, to: '/sign-in?limited', cookie: null });
		expect(Number(retryAfter)).toBeGreaterThan(800);
		expect(Number(retryAfter)).toBeLessThanOrEqual(900);
		expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'sign-in.answered', result: 'limited' });
	});

	it('counts for nothing any more after the right one', async () => {
		const { send } = await givenSignIn();
		for (let round = 0; round < 3; round++) {
			for (let nth = 1; nth <= 4; nth++) expect((await send({ password: 'wrong' })).to).toBe('/sign-in?wrong');
			expect((await send()).to).toBe('/');
		}
	});

	it('makes wait who typed it, and nobody else, where addresses can be believed', async () => {
		const { send, folder } = await givenSignIn({ VERCEL: '1', VERCEL_ENV: 'development' });
		const from = (address: string, password?: string) =>
			send({ password, headers: { 'x-vercel-forwarded-for': address, 'x-forwarded-for': '198.51.100.7' } });
		for (let nth = 1; nth <= 5; nth++) expect((await from('192.0.2.1', 'wrong')).to).toBe('/sign-in?wrong');
		expect((await from('192.0.2.1')).to).toBe('/sign-in?limited');
		expect((await from('192.0.2.2')).to).toBe('/');
		expect(await readFile(join(folder, 'sign-in.json'), 'utf8')).not.toMatch(/192\.0|198\.51/);
	});

	it('makes everyone wait where anyone could say what he likes of his address', async () => {
		const { send } = await givenSignIn();
		for (let nth = 1; nth <= 5; nth++) {
			const headers = { 'x-forwarded-for': `192.0.2.${nth}`, 'x-real-ip': `192.0.2.${nth}` };
			expect((await send({ password: 'wrong', headers })).to).toBe('/sign-in?wrong');
		}
		expect((await send({ headers: { 'x-vercel-forwarded-for': '192.0.2.9' } })).to).toBe('/sign-in?limited');
	});
});

describe('what is not the form of the sign-in page', () => {
	it.each([
		['another site', { origin: 'https://evil.example' }],
		['another port', { origin: 'http://127.0.0.1:4000' }],
		['a page without an origin', { origin: 'null' }],
		['nonsense', { origin: 'nonsense' }],
		['another site, by what the browser says', { 'sec-fetch-site': 'cross-site' }],
		['another site of the same domain', { 'sec-fetch-site': 'same-site' }],
		['nowhere', { 'sec-fetch-site': 'none' }],
		['another site that names this host', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
	])('is refused, and not counted, from %s', async (_, headers) => {
		const { send, folder } = await givenSignIn();
		expect(await send({ headers })).toMatchObject({ status: 403, cookie: null });
		await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
	});

	it('is refused from what tells nothing of where it comes from', async () => {
		const { folder } = await givenSignIn();
		const request = new Request(`${ORIGIN}/session`, {
			method: 'POST',
			body: new URLSearchParams({ password: PASSWORD }),
		});
		const env = { STATUS_PASSWORD: PASSWORD, BACKUP_LOCAL_DIR: folder };
		const answer = await handleSignIn(request, { env, memory: createAttemptMemory(), countAttempt, forgetAttempts });
		expect(answer.status).toBe(403);
	});

	it.each([
		['JSON', { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password: PASSWORD }) }],
		['of no type', { headers: { 'content-type': '' } }],
		['longer than 8 KB', { body: `password=${'x'.repeat(8192)}` }],
	])('is refused: %s', async (_, sent) => {
		const { send, folder } = await givenSignIn();
		expect(await send(sent)).toMatchObject({ status: 400, cookie: null });
		await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
	});

	it('is read no further than 8 KB', async () => {
		const { send } = await givenSignIn();
		let pulled = 0;
		let isCancelled = false;
		const body = new ReadableStream({
			pull(controller) {
				pulled += 1024;
				controller.enqueue(new Uint8Array(1024));
			},
			cancel() {
				isCancelled = true;
			},
		});
		expect((await send({ body })).status).toBe(400);
		expect(pulled).toBeLessThan(12_000);
		expect(isCancelled).toBe(true);
	});

	it('is refused when it does not come to its end', async () => {
		const { send } = await givenSignIn();
		const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('password=')) });
		expect((await send({ body })).status).toBe(400);
	});

	it('is refused by another method', async () => {
		const { send } = await givenSignIn();
		expect(await send({ method: 'GET' })).toMatchObject({ status: 405, cookie: null });
	});
});

describe('without a password that is fit', () => {
	it.each([
		['none', ''],
		['of 11 characters', '0123456789a'],
		['of 513 characters', 'x'.repeat(513)],
		['with a line break', 'correct horse\nbattery'],
	])('there is nothing: %s', async (_, password) => {
		const { send, folder, lines } = await givenSignIn({ STATUS_PASSWORD: password });
		for (const method of ['GET', 'POST'])
			expect(await send({ password, method })).toMatchObject({ status: 404, cookie: null });
		await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
		if (password !== '') expect(lines.join()).toContain('STATUS_PASSWORD');
	});

	it('nobody need sign in, in development on who works there', async () => {
		const { send } = await givenSignIn({ STATUS_PASSWORD: '', NODE_ENV: 'development' });
		expect(await send({ password: '' })).toMatchObject({ status: 303, to: '/', cookie: null });
	});

	it('there is nothing either where somebody has deployed for development', async () => {
		const deployed: Record<string, string>[] = [{ VERCEL: '1' }, { VERCEL_ENV: 'production' }];
		for (const more of deployed) {
			const { send } = await givenSignIn({ STATUS_PASSWORD: '', NODE_ENV: 'development', ...more });
			expect((await send()).status).toBe(404);
		}
	});
});

describe('signing out', () => {
	const env = { STATUS_PASSWORD: PASSWORD };
	const ask = (headers: Record<string, string>, method = 'POST', environment: Record<string, string> = env) =>
		handleSignOut(new Request(`${ORIGIN}/session/end`, { method, headers }), { env: environment });

	it('takes the cookie away', () => {
		const plain = ask({ host: '127.0.0.1:3000', origin: ORIGIN, 'x-forwarded-proto': 'http' });
		expect([plain.status, plain.headers.get('location')]).toEqual([303, '/sign-in']);
		expect(plain.headers.get('set-cookie')).toBe('lifeboat=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict');
		const secure = ask({ 'sec-fetch-site': 'same-origin' });
		expect(secure.headers.get('set-cookie')).toBe(
			'__Host-lifeboat=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
		);
	});

	it('is nothing that another site can do, or a link', () => {
		expect(ask({ 'sec-fetch-site': 'cross-site' }).status).toBe(403);
		expect(ask({}).status).toBe(403);
		expect(ask({ 'sec-fetch-site': 'same-origin' }, 'GET').status).toBe(405);
		expect(ask({ 'sec-fetch-site': 'same-origin' }, 'POST', {}).status).toBe(404);
	});
});
