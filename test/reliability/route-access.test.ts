import { describe, expect, it } from 'vitest';
import { accessTally, expectDiscreet, givenGuarded, RIGHT, ROUTE, UNRUN } from '../e2e/guarded';
import { type RawAnswer, sendRaw } from '../support/raw-http';
import { SECRETS } from '../support/secrets';

const SECRET = SECRETS.CRON_SECRET;
/** Node's limit for all headers of a request, in bytes. */
const HEADERS_BYTES = 16_384;
const LIMIT_MS = 240_000;

const utf8 = (text: string) => Buffer.from(text).toString('latin1');

describe('the Authorization header', () => {
	const WRONG: readonly [what: string, headers: [string, string][]][] = [
		['none', []],
		['empty', [['authorization', '']]],
		...[
			'Bearer',
			'Bearer ',
			'Bearer x',
			SECRET,
			SECRET.slice(1),
			`Bearer ${SECRET.slice(0, -1)}`,
			`Bearer ${SECRET.slice(1)}`,
			`Bearer ${SECRET}x`,
			`Bearer x${SECRET}`,
			`Bearer ${SECRET}${SECRET}`,
			`Bearer ${SECRET.toUpperCase()}`,
			`Bearer ${SECRET.toLowerCase()}`,
			`Bearer  ${SECRET}`,
			`Bearer\t${SECRET}`,
			`Bearer ${SECRET} x`,
			`Bearer ${SECRET},`,
			`Bearer ${SECRET}, Bearer ${SECRET}`,
			`Bearer "${SECRET}"`,
			`Bearer <${SECRET}>`,
			`Bearer token=${SECRET}`,
			`Bearer:${SECRET}`,
			`Bearer${SECRET}`,
			`Basic ${Buffer.from(SECRET).toString('base64')}`,
			`Basic ${Buffer.from(`cron:${SECRET}`).toString('base64')}`,
			`Basic ${SECRET}`,
			`Digest ${SECRET}`,
			`Token ${SECRET}`,
			`Bearer ${Buffer.from(SECRET).toString('base64')}`,
			`Bearer ${Buffer.from(SECRET).toString('hex')}`,
			`Bearer ${encodeURIComponent(SECRET).replaceAll('-', '%2D')}`,
			'Bearer undefined',
			'Bearer null',
			'Bearer $CRON_SECRET',
			`Bearer ${utf8('ü')}`,
			`Bearer ${SECRET}${utf8('ü')}`,
			`Bearer ${SECRET}\xff`,
			`Bearer \x80${SECRET}`,
			`Bearer\xa0${SECRET}`,
			utf8(`Ｂearer ${SECRET}`),
		].map((value): [string, [string, string][]] => [`wrong: ${value.slice(0, 40)}`, [['authorization', value]]]),
		...[1_000, 2_000, 15_000].map((length): [string, [string, string][]] => [
			`${length} long`,
			[['authorization', `Bearer ${'x'.repeat(length)}`]],
		]),
		['long, and the right one in it', [['authorization', `${RIGHT}${'x'.repeat(15_000)}`]]],
		['repeated, all wrong', Array.from({ length: 50 }, () => ['authorization', 'Bearer x'])],
		[
			'repeated, the right one not the first',
			[
				['authorization', 'Bearer x'],
				['Authorization', RIGHT],
			],
		],
		[
			'under another name',
			[
				'proxy-authorization',
				'x-authorization',
				'x-forwarded-authorization',
				'cookie',
				'x-cron-secret',
				'x-vercel-cron-secret',
				'cron_secret',
				'authorization2',
				'authorizatio',
			].map((name) => [name, RIGHT]),
		],
	];

	it('that is wrong in any way lets nobody in, and runs nothing', { timeout: LIMIT_MS }, async () => {
		const tally = accessTally(
			'a wrong Authorization header',
			'raw HTTP: absent, empty, cut, prefixed, suffixed, doubled, encoded, quoted, non-ASCII, up to 15,000 long, repeated, other schemes, under other names',
			'401, the same each time; neither the database nor the store is asked',
		);
		const { send, runs, next } = await givenGuarded();
		const texts = new Set<string>();
		for (const [what, headers] of WRONG) {
			for (const target of [ROUTE, `${ROUTE}?dryRun=1`, UNRUN]) {
				const answer = await send('GET', target, [...headers, ['x-vercel-cron-schedule', '0 2 * * *']]);
				expect([what, answer.status, JSON.parse(answer.text).error.code]).toEqual([what, 401, 'UNAUTHORIZED']);
				expectDiscreet(answer);
				texts.add(answer.text);
				tally.add('refused');
			}
		}
		expect(texts.size).toBe(1);
		expect(runs()).toBe(0);
		expect(next.events()).toEqual([]);
		tally.expectSound();
	});

	it('that is no HTTP is refused, and runs nothing', { timeout: LIMIT_MS }, async () => {
		const tally = accessTally(
			'a request that is no HTTP',
			'raw bytes: headers past 16 KB, NUL, CR or LF in a header, folded lines, a space before the colon, two lengths, length and chunks at once',
			'400 or 431; nothing is run; the server goes on',
		);
		const { send, runs, next } = await givenGuarded();
		const lines = (...given: string[]) =>
			sendRaw(
				next.url,
				`GET ${UNRUN} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${given.join('\r\n')}\r\n\r\n`,
			);
		const answers = [
			await send('GET', ROUTE, [['authorization', `Bearer ${'x'.repeat(HEADERS_BYTES)}`]]),
			await send('GET', ROUTE, [
				['authorization', RIGHT],
				['x', 'y'.repeat(200_000)],
			]),
			await send('GET', `${UNRUN}&${'q'.repeat(100_000)}`, [['authorization', RIGHT]]),
			await send('GET', UNRUN, [['authorization', `${RIGHT}\0`]]),
			await send('GET', UNRUN, [['authorization', `Bearer x\nauthorization: ${RIGHT}\x01`]]),
			await lines('authorization: Bearer', ` ${SECRET}`),
			await lines(`authorization : ${RIGHT}`),
			await lines(`authorization: ${RIGHT}`, 'content-length: 1', 'content-length: 2'),
			await lines(`authorization: ${RIGHT}`, 'content-length: 4', 'transfer-encoding: chunked'),
		];
		for (const answer of answers) {
			expect([400, 431]).toContain(answer.status);
			tally.add('refused');
		}
		expect((await send('GET', ROUTE)).status).toBe(401);
		expect(runs()).toBe(0);
		tally.expectSound();
	});

	it('that is right lets in, as HTTP spells it', async () => {
		const { send, runs } = await givenGuarded();
		for (const [name, value] of [
			['authorization', RIGHT],
			['AUTHORIZATION', RIGHT],
			['Authorization', `bearer ${SECRET}`],
			['Authorization', `BEARER ${SECRET}`],
			// Space round a value is none of it.
			['authorization', ` \t ${RIGHT} \t `],
		] as const)
			expect((await send('GET', UNRUN, [[name, value]])).status).toBe(400);
		// Of several Node keeps the first: whoever sends the right one knows it.
		const both: [string, string][] = [
			['authorization', RIGHT],
			['authorization', 'Bearer x'],
		];
		expect((await send('GET', UNRUN, both)).status).toBe(400);
		expect(runs()).toBe(0);
	});
});

describe('without a fit CRON_SECRET', () => {
	it.each([
		['empty', ''],
		['blank', ' '],
		['of 5 characters', 'short'],
		['of 15 characters', '0123456789abcde'],
		['of 513 characters', 'x'.repeat(513)],
		['with a space', 'with a space in it'],
		['with an umlaut', 'umla\u00fct-secret-0123'],
	])('%s: nobody is let in', { timeout: LIMIT_MS }, async (_, secret) => {
		const tally = accessTally(
			'a missing or unfit CRON_SECRET',
			'empty, blank, of 5, 15 and 513 characters, with a space, non-ASCII; callers with none, that one, and others',
			'503 CONFIG_INVALID that names the variable and no other; nothing is run',
		);
		const { send, runs } = await givenGuarded({ CRON_SECRET: secret });
		for (const value of [
			null,
			'',
			'Bearer',
			'Bearer ',
			`Bearer ${utf8(secret)}`,
			'Bearer undefined',
			'Bearer null',
			RIGHT,
		]) {
			const answer = await send('GET', ROUTE, value === null ? [] : [['authorization', value]]);
			expect([value, answer.status, JSON.parse(answer.text).error.code]).toEqual([value, 503, 'CONFIG_INVALID']);
			expect(answer.text).toContain('CRON_SECRET');
			expect(answer.text).not.toContain('TURSO');
			expectDiscreet(answer);
			tally.add('refused');
		}
		expect(runs()).toBe(0);
		tally.expectSound();
	});
});

describe('security headers', () => {
	it('are on every page and answer', { timeout: LIMIT_MS }, async () => {
		const tally = accessTally(
			'a page or an answer without security headers',
			"the root, missing pages, static files, all answers of the route, Next's own 204, 400, 404, 405 and 500",
			'nosniff, noindex, frame-ancestors none; on pages scripts by nonce only; on answers of the API default-src none and no-store too',
		);
		const { send } = await givenGuarded();
		const missing = await send('GET', '/nothing/here');
		const script = /\/_next\/static\/[^"]+\.js/.exec(missing.text)?.[0] ?? '';
		const right: [string, string][] = [['authorization', RIGHT]];
		const pages: [string, number, RawAnswer][] = [
			['/', 404, await send('GET', '/')],
			['a missing page', 404, missing],
			['a path that cannot be decoded', 404, await send('GET', '/%')],
		];
		const files: [string, number, RawAnswer][] = [
			['a script', 200, await send('GET', script)],
			['a missing script', 404, await send('GET', '/_next/static/nothing.js')],
			['the optimizer of pictures', 404, await send('GET', '/_next/image?url=%2Fx.png&w=640&q=75')],
		];
		const api: [string, number, RawAnswer][] = [
			['no secret', 401, await send('GET', ROUTE)],
			['HEAD', 401, await send('HEAD', ROUTE)],
			['POST', 405, await send('POST', ROUTE, right)],
			['HEAD with the secret', 405, await send('HEAD', ROUTE, right)],
			['OPTIONS', 204, await send('OPTIONS', ROUTE)],
			['a method that Next does not know', 400, await send('PROPFIND', ROUTE)],
			['TRACE', 500, await send('TRACE', ROUTE)],
			['a wrong query', 400, await send('GET', UNRUN, right)],
			['a slash at the end', 401, await send('GET', `${ROUTE}/`)],
			['a failure', 500, await send('GET', `${ROUTE}?dryRun=1`, right)],
			['another path', 404, await send('GET', '/api/nothing')],
		];
		const common = [['x-content-type-options', 'nosniff']] as const;
		const ofPages = [...common, ['referrer-policy', 'same-origin'], ['x-robots-tag', 'noindex, nofollow']] as const;
		const ofOthers = [...common, ['referrer-policy', 'no-referrer'], ['x-robots-tag', 'noindex']] as const;
		for (const [what, status, { headers, ...answer }] of [...pages, ...files, ...api]) {
			expect([what, answer.status]).toEqual([what, status]);
			const expected = pages.some(([page]) => page === what) ? ofPages : ofOthers;
			for (const [name, value] of expected) expect([what, headers.get(name)]).toEqual([what, value]);
			expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
			expect(headers.has('x-powered-by')).toBe(false);
			tally.add('exact');
		}
		for (const [what, , { headers }] of api) {
			expect([what, headers.get('content-security-policy')]).toEqual([
				what,
				"default-src 'none'; frame-ancestors 'none'",
			]);
			expect([what, headers.get('cache-control')]).toEqual([what, expect.stringContaining('no-store')]);
		}
		tally.expectSound();
	});
});
