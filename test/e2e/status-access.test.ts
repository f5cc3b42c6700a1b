import { describe, expect, it } from 'vitest';
import type { Ask, NextServer } from '../support/next-server';
import { SECRETS, STATUS_PASSWORD } from '../support/secrets';
import { ahead, FOLDER, givenDeposit, givenServer } from './deployment';

const BACKUP = '/backups/backup-20261120T020000Z-7f3a';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PAGES = ['/', BACKUP, '/sign-in', '/sign-in?limited'];

/** The site with a store, and what a browser does with it. */
async function givenSite(more: Record<string, string> = {}) {
	const deposit = await givenDeposit();
	const env = { ...deposit.envFor('http://127.0.0.1:9'), STATUS_PASSWORD, ...more };
	const next = await givenServer(env);
	return { ...deposit, env, next, ...browserOf(next) };
}

function browserOf(next: NextServer) {
	const ask = (path: string, more: Omit<Ask, 'path'> = {}) => next.ask({ path, authorization: null, ...more });
	const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
		ask(path, {
			method: 'POST',
			body: new URLSearchParams(fields).toString(),
			headers: { ...FORM, origin: next.url, ...headers },
		});
	const signIn = (password = STATUS_PASSWORD, headers?: Record<string, string>) =>
		post('/session', { password }, headers);
	return {
		ask,
		post,
		signIn,
		/** Shows a page to who has this cookie. */
		show: (path: string, cookie: string) => ask(path, { headers: { cookie } }),
		/** The cookie of a session. */
		async signedIn(): Promise<string> {
			const { headers } = await signIn();
			return headers.get('set-cookie')?.split(';')[0] ?? '';
		},
	};
}

const gistOf = ({ status, headers }: { status: number; headers: Headers }) => [status, headers.get('location')];

describe('without STATUS_PASSWORD', () => {
	it.each([
		['unset', ''],
		['too short', 'short-short'],
	])('there is no page: %s', async (_, password) => {
		const { ask, post, blob } = await givenSite({ STATUS_PASSWORD: password });
		for (const path of [...PAGES, '/session', '/session/end']) {
			const { status, text, headers } = await ask(path);
			expect([path, status]).toEqual([path, 404]);
			expect(text).toBe('there is nothing here\n');
			expect(headers.has('set-cookie')).toBe(false);
			expect(headers.get('cache-control')).toContain('no-store');
		}
		for (const path of ['/session', '/session/end']) expect((await post(path, { password })).status).toBe(404);
		expect(Object.values(blob.requests).reduce((sum, count) => sum + count)).toBe(0);
	});
});

describe('with STATUS_PASSWORD', () => {
	it('a stranger is sent to the sign-in, from every page', async () => {
		const { ask } = await givenSite();
		expect(gistOf(await ask('/'))).toEqual([307, '/sign-in']);
		expect(gistOf(await ask(BACKUP))).toEqual([307, `/sign-in?next=${BACKUP}`]);
		expect(gistOf(await ask('/backups/x'))).toEqual([307, '/sign-in']);
		expect(gistOf(await ask('/backups/%2F%2Fevil.example'))).toEqual([307, '/sign-in']);
		// What Next's own client asks for holds no more.
		const flight = await ask('/', { headers: { rsc: '1' } });
		expect(flight.text).not.toMatch(/Recoverable|Not set up|Sign out/);
		const form = await ask('/sign-in');
		expect(form.status).toBe(200);
		expect(form.text).toMatch(/<form[^>]+method="post"/i);
		const nothing = await ask('/nothing');
		expect(nothing.status).toBe(404);
		expect(nothing.text).toMatch(/<main[\s\S]*<h1[^>]*>Not found/);
	});

	it('the right password opens all pages, until the sign-out', async () => {
		const { signIn, show, post } = await givenSite();
		const answer = await signIn();
		expect(gistOf(answer)).toEqual([303, '/']);
		const setCookie = answer.headers.get('set-cookie') ?? '';
		expect(setCookie).toMatch(/^lifeboat=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
		const cookie = setCookie.split(';')[0] ?? '';
		for (const path of ['/', BACKUP]) expect((await show(path, cookie)).status).toBe(200);
		expect(gistOf(await show('/sign-in', cookie))).toEqual([307, '/']);
		const ended = await post('/session/end', {}, { cookie });
		expect(gistOf(ended)).toEqual([303, '/sign-in']);
		expect(ended.headers.get('set-cookie')).toMatch(/^lifeboat=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/);
	});

	it('leads on to the page that was asked for, and nowhere else', async () => {
		const { post } = await givenSite();
		const go = async (next: string) =>
			(await post('/session', { password: STATUS_PASSWORD, next })).headers.get('location');
		expect(await go(BACKUP)).toBe(BACKUP);
		for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example', `${BACKUP}/..//evil.example`])
			expect(await go(next)).toBe('/');
	});

	it('behind https the cookie is for https alone', async () => {
		const { signIn, ask, next } = await givenSite();
		const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'backups.example.com' };
		const { headers } = await signIn(STATUS_PASSWORD, { ...https, origin: 'https://backups.example.com' });
		expect(headers.get('set-cookie')).toMatch(
			/^__Host-lifeboat=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
		);
		const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
		expect((await ask('/', { headers: { ...https, cookie } })).status).toBe(200);
		const plain = cookie.replace('__Host-', '');
		expect((await ask('/', { headers: { ...https, cookie: plain } })).status).toBe(307);
		expect(next.output()).not.toContain(cookie);
	});

	it('a wrong one leads back, and five of them make wait, in every instance', async () => {
		const { signIn, show, next, env, blob, names } = await givenSite();
		const other = browserOf(await givenServer(env));
		for (let nth = 1; nth <= 5; nth++) {
			const { headers, ...answer } = await (nth % 2 ? signIn : other.signIn)(`${STATUS_PASSWORD}${nth}`);
			expect(gistOf({ ...answer, headers })).toEqual([303, '/sign-in?wrong']);
			expect(headers.has('set-cookie')).toBe(false);
		}
		for (const { signIn: trySignIn } of [other, { signIn }]) {
			const limited = await trySignIn();
			expect(gistOf(limited)).toEqual([303, '/sign-in?limited']);
			expect(limited.headers.has('set-cookie')).toBe(false);
			expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(600);
		}
		expect((await show('/', 'lifeboat=')).status).toBe(307);
		expect(names()).toEqual(['sign-in.json']);
		expect((await blob.contentOf(`${FOLDER}sign-in.json`)).toString()).not.toContain('127.0.0.1');
		const results = next.events().map(({ result }) => result);
		expect(results).toEqual(['wrong', 'wrong', 'wrong', 'limited']);
	});

	it('on Vercel only the address that they came from has to wait', async () => {
		const { signIn } = await givenSite({ VERCEL: '1', VERCEL_ENV: 'production' });
		const from = (address: string, password?: string) => signIn(password, { 'x-vercel-forwarded-for': address });
		for (let nth = 1; nth <= 5; nth++) await from('192.0.2.1', 'a wrong password');
		expect(gistOf(await from('192.0.2.1'))).toEqual([303, '/sign-in?limited']);
		expect(gistOf(await from('192.0.2.2'))).toEqual([303, '/']);
	});

	it('of many attempts at once five are looked at', async () => {
		const { signIn, next } = await givenSite();
		await Promise.all(Array.from({ length: 40 }, (_, nth) => signIn(`wrong password ${nth}`)));
		const results = next.events().map(({ result }) => result);
		expect(results.filter((result) => result === 'limited').length).toBe(
			40 - results.filter((result) => result === 'wrong').length,
		);
		expect(results.filter((result) => result === 'wrong').length).toBeLessThanOrEqual(5);
		expect(results.filter((result) => result === 'wrong').length).toBeGreaterThan(0);
	});

	it('still opens when the store cannot be asked', async () => {
		const { signIn, blob, next } = await givenSite();
		blob.fault({ on: 'get', kind: 'status', status: 403, code: 'forbidden', times: 100 });
		expect(gistOf(await signIn())).toEqual([303, '/']);
		expect(next.events().map(({ event }) => event)).toContain('sign-in.not-kept');
	});
});

describe('a session', () => {
	it('ends after twelve hours, whatever the browser keeps', async () => {
		const deposit = await givenDeposit();
		const env = { ...deposit.envFor('http://127.0.0.1:9'), STATUS_PASSWORD };
		const next = await givenServer(ahead(env, 0, 6 * 3_600_000));
		const { signedIn, show } = browserOf(next);
		const cookie = await signedIn();
		expect((await show('/', cookie)).status).toBe(200);
		await next.stepClock();
		expect((await show('/', cookie)).status).toBe(200);
		await next.stepClock();
		expect(gistOf(await show('/', cookie))).toEqual([307, '/sign-in']);
	});

	it('is not made by changing one, nor by another password', async () => {
		const { signedIn, show, env } = await givenSite();
		const cookie = await signedIn();
		const middle = Math.floor(cookie.length / 2);
		const turned = cookie[middle] === 'x' ? 'y' : 'x';
		for (const other of [
			`${cookie.slice(0, middle)}${turned}${cookie.slice(middle + 1)}`,
			cookie.slice(0, -6),
			'lifeboat=',
			'lifeboat=%00',
			`lifeboat=${'*'.repeat(4_000)}`,
			cookie.replace('lifeboat', 'lifeboat2'),
		])
			expect(gistOf(await show('/', other))).toEqual([307, '/sign-in']);
		const another = browserOf(await givenServer({ ...env, STATUS_PASSWORD: `${STATUS_PASSWORD}-new` }));
		expect(gistOf(await another.show('/', cookie))).toEqual([307, '/sign-in']);
		expect((await show('/', cookie)).status).toBe(200);
	});
});

describe('forms', () => {
	it('of other sites, and what is no form, are refused', async () => {
		const { post, ask, next, signedIn } = await givenSite();
		const fields = { password: STATUS_PASSWORD };
		const cookie = await signedIn();
		for (const path of ['/session', '/session/end']) {
			const wrong: Record<string, string>[] = [
				{ origin: 'https://evil.example' },
				{ origin: 'null' },
				{ 'sec-fetch-site': 'cross-site' },
			];
			for (const headers of wrong) {
				const answer = await post(path, fields, { cookie, ...headers });
				expect([path, answer.status, answer.headers.has('set-cookie')]).toEqual([path, 403, false]);
			}
			expect((await ask(path)).status).toBe(405);
		}
		const json = { 'content-type': 'application/json', origin: next.url };
		expect((await ask('/session', { method: 'POST', body: JSON.stringify(fields), headers: json })).status).toBe(400);
		expect((await post('/session', { password: 'x'.repeat(100_000) })).status).toBe(400);
		expect(next.events().map(({ result }) => result)).toEqual(['right']);
	});
});

describe('headers', () => {
	it('of every page forbid what is not its own, with a nonce for Next alone', async () => {
		const { ask, show, signedIn } = await givenSite();
		const cookie = await signedIn();
		const answers = [
			await show('/', cookie),
			await show('/', cookie),
			await show(BACKUP, cookie),
			await ask('/sign-in'),
			await ask('/nothing'),
			await ask('/backups'),
			await ask('/'),
		];
		const nonces = answers.map(({ headers, text }) => {
			const policy = headers.get('content-security-policy') ?? '';
			expect(policy).not.toMatch(/unsafe|\*|https?:/);
			for (const directive of ["default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"])
				expect(policy).toContain(directive);
			expect(headers.get('x-robots-tag')).toBe('noindex, nofollow');
			expect(headers.get('referrer-policy')).toBe('same-origin');
			expect(headers.get('x-content-type-options')).toBe('nosniff');
			expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
			expect(headers.get('permissions-policy')).toContain('camera=()');
			expect(headers.get('cache-control')).toContain('no-store');
			expect(headers.has('x-powered-by')).toBe(false);
			const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
			// Nothing that the page holds is in need of more.
			for (const [script] of text.matchAll(/<script\b[^>]*>/g)) expect(script).toContain(`nonce="${nonce}"`);
			expect(text).not.toMatch(/<style\b|\sstyle="|\son[a-z]+="/);
			return nonce;
		});
		expect(new Set(nonces).size).toBe(answers.length);
		expect(nonces).not.toContain(undefined);
		const pages = answers.filter(({ status }) => status === 200);
		expect(pages).toHaveLength(4);
		for (const { text } of pages) expect(text).toMatch(/<meta name="robots" content="noindex, nofollow"/);
	});

	it('of the API are as ever, and it asks for no session', async () => {
		const { next, ask } = await givenSite();
		const wrong = await next.ask({ authorization: 'Bearer x' });
		expect([wrong.status, wrong.body.error.code]).toEqual([401, 'UNAUTHORIZED']);
		expect(wrong.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
		expect(wrong.headers.get('referrer-policy')).toBe('no-referrer');
		expect(wrong.headers.get('x-robots-tag')).toBe('noindex');
		const right = await next.ask({ query: '?dryRun=maybe', authorization: `Bearer ${SECRETS.CRON_SECRET}` });
		expect(right.status).toBe(400);
		const health = await ask('/api/health');
		expect([health.status, health.body.status]).toEqual([503, 'failing']);
		for (const { headers } of [wrong, right, health]) expect(headers.has('set-cookie')).toBe(false);
	});
});
