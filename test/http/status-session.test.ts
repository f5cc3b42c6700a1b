import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/core/secret';
import { type Access, accessOf } from '../../lib/http/page-access';
import { endedCookie, sealIn, sessionCookie } from '../../lib/http/session-cookie';
import { isSession, SESSION_MS, sealSession } from '../../lib/http/status-session';

const TEXT = 'correct horse battery';
const PASSWORD = new Secret(TEXT);
const HOUR_MS = 3_600_000;

describe('a session', () => {
	it('lasts for twelve hours, and not a moment longer', async () => {
		const now = Date.now();
		const seal = await sealSession(PASSWORD, now);
		expect(SESSION_MS).toBe(12 * HOUR_MS);
		expect(await isSession(seal, PASSWORD, now)).toBe(true);
		expect(await isSession(seal, PASSWORD, now + SESSION_MS - 1)).toBe(true);
		expect(await isSession(seal, PASSWORD, now + SESSION_MS)).toBe(false);
	});

	it('is one of its password only', async () => {
		const now = Date.now();
		const seal = await sealSession(PASSWORD, now);
		expect(await isSession(seal, new Secret(`${TEXT}!`), now)).toBe(false);
		expect(await isSession(seal, PASSWORD, now)).toBe(true);
	});

	it('holds nothing of the password, and is another each time', async () => {
		const seals = [await sealSession(PASSWORD, 0), await sealSession(PASSWORD, 0)];
		expect(seals[0]).not.toBe(seals[1]);
		for (const seal of seals) {
			const opened = seal.split('*').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
			expect([seal, ...opened].join()).not.toContain(TEXT);
		}
	});

	it('is none any more with a character of its seal changed, anywhere', { timeout: 120_000 }, async () => {
		const now = Date.now();
		const seal = await sealSession(PASSWORD, now);
		const end = seal.lastIndexOf('~');
		for (let at = 0; at < end; at++) {
			const other = seal[at] === '1' ? '2' : '1';
			const changed = seal.slice(0, at) + other + seal.slice(at + 1);
			expect([at, await isSession(changed, PASSWORD, now)]).toEqual([at, false]);
		}
	});

	it.each([
		null,
		'',
		'~2',
		'*******~2',
		'Fe26.2*1**x*x**x*x~2',
		'Fe26.2*1*a*%*%*9999999999999*b*c~2',
		'{"expiresAt":9999999999999}',
		'undefined',
		'x'.repeat(5_000),
		'*'.repeat(1_000),
	])('is not made of %j', async (sealed) => {
		expect(await isSession(sealed, PASSWORD, Date.now())).toBe(false);
	});
});

describe('the cookie', () => {
	it('is found among others, by its whole name', () => {
		expect(sealIn('a=1; lifeboat=x*y~2; b=2', false)).toBe('x*y~2');
		expect(sealIn('__Host-lifeboat=secure; lifeboat=plain', true)).toBe('secure');
		expect(sealIn('__Host-lifeboat=secure; lifeboat=plain', false)).toBe('plain');
		for (const header of [null, '', 'lifeboat', 'lifeboat2=x', 'xlifeboat=x', 'a="lifeboat=x"'])
			expect(sealIn(header, false)).toBeNull();
		// By http anyone on the way could have set it.
		expect(sealIn('lifeboat=plain', true)).toBeNull();
	});

	it('comes back as it was sent', async () => {
		const seal = await sealSession(PASSWORD, 0);
		for (const isSecure of [true, false]) {
			const pair = sessionCookie(seal, isSecure).split(';')[0] ?? '';
			expect(sealIn(pair, isSecure)).toBe(seal);
			expect(pair.length).toBeLessThan(4096);
			expect(sealIn(endedCookie(isSecure).split(';')[0] ?? '', isSecure)).toBe('');
		}
	});
});

describe('who may see the page', () => {
	const ask = async (env: Record<string, string>, cookie: string | null, more: Record<string, string> = {}) => {
		const headers = new Headers({ host: 'localhost:3000', 'x-forwarded-proto': 'http', ...more });
		if (cookie !== null) headers.set('cookie', cookie);
		return accessOf({ env, headers, writeLog: () => {} });
	};

	it('is nobody without a password, however he asks', async () => {
		const seal = await sealSession(new Secret(''), Date.now());
		const shut: Record<string, string>[] = [
			{},
			{ NODE_ENV: 'production' },
			{ NODE_ENV: 'test' },
			{ STATUS_PASSWORD: 'short' },
			{ STATUS_PASSWORD: 'short', NODE_ENV: 'development' },
		];
		for (const cookie of [null, `lifeboat=${seal}`])
			for (const env of shut) expect(await ask(env, cookie)).toBe<Access>('closed');
	});

	it('is everyone in development without one', async () => {
		expect(await ask({ NODE_ENV: 'development' }, null)).toBe<Access>('free');
		expect(await ask({ NODE_ENV: 'development', STATUS_PASSWORD: TEXT }, null)).toBe<Access>('unsigned');
	});

	it('is who has a session', async () => {
		const env = { STATUS_PASSWORD: TEXT };
		const seal = await sealSession(PASSWORD, Date.now());
		expect(await ask(env, `lifeboat=${seal}`)).toBe<Access>('signed');
		expect(await ask(env, null)).toBe<Access>('unsigned');
		expect(await ask(env, 'lifeboat=')).toBe<Access>('unsigned');
		expect(await ask({ STATUS_PASSWORD: `${TEXT}!` }, `lifeboat=${seal}`)).toBe<Access>('unsigned');
		const https = { host: 'backups.example.com', 'x-forwarded-proto': 'https' };
		expect(await ask(env, `__Host-lifeboat=${seal}`, https)).toBe<Access>('signed');
		expect(await ask(env, `lifeboat=${seal}`, https)).toBe<Access>('unsigned');
	});
});
