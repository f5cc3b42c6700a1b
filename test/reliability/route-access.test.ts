import { METHODS } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { givenDeposit } from '../e2e/deployment';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { type NextServer, startNext } from '../support/next-server';
import { type RawAnswer, rawRequest, sendRaw } from '../support/raw-http';
import { SECRETS } from '../support/secrets';
import { Tally } from '../support/tally';

const SECRET = SECRETS.CRON_SECRET;
const RIGHT = `Bearer ${SECRET}`;
const ROUTE = '/api/cron/backup';
/** To one who is let in, 400 before anything is run: so it tells who is. */
const UNRUN = `${ROUTE}?dryRun=maybe`;
/** Node's limit for all headers of a request, in bytes. */
const HEADERS_BYTES = 16_384;
const LIMIT_MS = 240_000;

/** The app, with a database and a store that count who comes. */
interface Guarded {
	readonly next: NextServer;
	/** Sends a request as it is. */
	send(method: string, target: string, headers?: [string, string][], body?: string): Promise<RawAnswer>;
	/** How many requests have come to the database and the store. */
	runs(): number;
}

async function givenGuarded(more: Record<string, string> = {}): Promise<Guarded> {
	const deposit = await givenDeposit();
	const database: FaultProxy = await startFaultProxy('http://127.0.0.1:9');
	onTestFinished(() => database.close());
	const next = await startNext({ ...deposit.envFor(database.url), ...more });
	onTestFinished(() => next.close());
	return {
		next,
		send: (method, target, headers, body) => sendRaw(next.url, rawRequest(method, target, headers, body)),
		runs: () => database.requests + Object.values(deposit.blob.requests).reduce((sum, count) => sum + count, 0),
	};
}

const access = (fault: string, provoked: string, promised: string) =>
	new Tally({ area: 'Access', fault, provoked, promised });

/** That an answer tells nothing of the inside. */
function expectDiscreet({ text, headers }: RawAnswer): void {
	expect(text).not.toMatch(/\n\s+at |node_modules|\/lib\/|Error:/);
	expect(headers.has('x-powered-by')).toBe(false);
	expect(headers.has('set-cookie')).toBe(false);
}

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
		const tally = access(
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
		const tally = access(
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

it('another method runs nothing, with the secret or without', { timeout: LIMIT_MS }, async () => {
	const tally = access(
		'another method',
		'every method that Node knows but GET, and some that it does not, with and without the secret, and with headers that name GET instead',
		'401, 405 or 400, never a run; TRACE is answered 500 by Next itself',
	);
	const { send, runs, next } = await givenGuarded();
	const overrides: [string, string][] = ['x-http-method-override', 'x-http-method', 'x-method-override'].map((name) => [
		name,
		'GET',
	]);
	for (const method of [...METHODS, 'FOO', 'get', 'GETT', 'G', 'GET\t'].filter((method) => method !== 'GET')) {
		for (const headers of [[], [['authorization', RIGHT] as [string, string], ...overrides]]) {
			const answer = await send(method, ROUTE, headers, '');
			// CONNECT is answered by a closed connection, OPTIONS by the methods that there are.
			const allowed = [0, 204, 400, 401, 405, ...(method === 'TRACE' ? [500] : [])];
			expect([method, answer.status]).toEqual([method, expect.toSatisfy((status) => allowed.includes(status))]);
			if (answer.status !== 0) expectDiscreet(answer);
			tally.add('refused');
		}
	}
	const form = 'authorization=x';
	const posted = await send(
		'POST',
		`${ROUTE}?_method=GET`,
		[
			['authorization', RIGHT],
			['content-type', 'application/x-www-form-urlencoded'],
			['content-length', String(form.length)],
		],
		form,
	);
	expect(posted.status).toBe(405);
	expect((await send('GET', ROUTE)).status).toBe(401);
	expect(runs()).toBe(0);
	expect(next.events()).toEqual([]);
	tally.expectSound();
});

it('no path and no header goes round the secret', { timeout: LIMIT_MS }, async () => {
	const tally = access(
		'path and header tricks',
		"doubled, encoded, dotted and cut paths, Next's internals, and headers that proxies and Next look at, without the secret",
		'never 200, never a redirect to elsewhere, never a run',
	);
	const { send, runs, next } = await givenGuarded();
	const paths = [
		ROUTE,
		`${ROUTE}/`,
		`${ROUTE}//`,
		`/${ROUTE}`,
		'//api//cron//backup',
		'///api/cron/backup',
		'/api/cron/%62ackup',
		'/api/cron/backup%2f',
		'/api%2fcron%2fbackup',
		'/api/cron/backup%00',
		'/api/cron/backup%0d%0aset-cookie:x=1',
		'/api/cron/backup/../backup',
		'/x/../api/cron/backup',
		'/api/cron/./backup',
		'/api/cron/%2e%2e/cron/backup',
		'/api/cron/..%2fcron/backup',
		'/api/cron/backup;x=1',
		'/api/cron/backup.json',
		'/api/cron/backup.rsc',
		'/api/cron/backup.txt',
		'/API/CRON/BACKUP',
		'/api/cron/backup%20',
		'/api\\cron\\backup',
		'/\\evil.example/',
		'//evil.example/',
		'///evil.example/..',
		'/%5cevil.example',
		'/%2f%2fevil.example',
		'/api/cron/backup#x',
		'/%',
		'/%ff',
		'/%c0%af',
		'/_next/data/x/api/cron/backup.json',
		'/_next/image?url=%2Fapi%2Fcron%2Fbackup&w=640&q=75',
		'/_next/image?url=http%3A%2F%2F127.0.0.1%2F&w=640&q=75',
		'/_next/static/../server/app/api/cron/backup/route.js',
		'/_next/static/%2e%2e/server/app-paths-manifest.json',
		'/_next/static/..%2f..%2fpackage.json',
		'/.env',
		'/.env.local',
		'/.next/BUILD_ID',
		'/backups/',
		'/package.json',
		'/../../../../etc/passwd',
		'/%2e%2e/%2e%2e/etc/passwd',
		`http://localhost${ROUTE}`,
		`http://evil.example${ROUTE}`,
		'*',
		'',
	];
	const headers: [string, string][] = [
		['x-middleware-subrequest', 'middleware'],
		['x-middleware-subrequest', 'src/middleware:src/middleware:src/middleware:src/middleware:src/middleware'],
		['x-middleware-invoke', '1'],
		['x-middleware-rewrite', ROUTE],
		['x-middleware-next', '1'],
		['x-middleware-override-headers', 'authorization'],
		['x-middleware-request-authorization', RIGHT],
		['x-forwarded-for', '127.0.0.1'],
		['x-forwarded-host', 'evil.example'],
		['x-forwarded-proto', 'https'],
		['x-forwarded-method', 'GET'],
		['x-real-ip', '127.0.0.1'],
		['forwarded', 'for=127.0.0.1;host=evil.example'],
		['x-original-url', ROUTE],
		['x-rewrite-url', ROUTE],
		['x-vercel-cron-schedule', '0 2 * * *'],
		['user-agent', 'vercel-cron/1.0'],
		['x-vercel-id', 'x'],
		['x-vercel-oidc-token', 'x'],
		['x-now-route-matches', '1=x'],
		['x-matched-path', ROUTE],
		['x-invoke-path', ROUTE],
		['x-invoke-status', '200'],
		['x-invoke-error', '{}'],
		['x-invoke-output', ROUTE],
		['x-nextjs-data', '1'],
		['x-prerender-revalidate', 'x'],
		['x-next-revalidate-tag-token', 'x'],
		['next-action', '0'.repeat(40)],
		['next-router-state-tree', '%5B%22%22%5D'],
		['next-router-prefetch', '1'],
		['next-router-segment-prefetch', '/_tree'],
		['next-resume', '1'],
		['rsc', '1'],
		['purpose', 'prefetch'],
		['upgrade', 'websocket'],
		['upgrade', 'h2c'],
		['expect', '100-continue'],
		['range', 'bytes=0-'],
		['if-none-match', '*'],
		['accept', 'text/x-component'],
		['origin', 'http://evil.example'],
		['host', 'evil.example'],
		['host', ''],
		['te', 'trailers'],
	];
	const check = async (what: string, answer: RawAnswer) => {
		expect([what, answer.status]).toEqual([
			what,
			// A target that is no path is answered 500 by Next itself.
			expect.toSatisfy((status) => (status >= 300 && status < 500) || status === 0 || (what === '*' && status === 500)),
		]);
		// A target with a host of its own names that host again.
		if (answer.status >= 300 && answer.status < 400 && !what.startsWith('http:'))
			expect(answer.headers.get('location') ?? '/').toMatch(/^\/(?![/\\])/);
		if (answer.status !== 0) expectDiscreet(answer);
		tally.add('refused');
	};
	for (const path of paths) await check(path, await send('GET', path));
	for (const [name, value] of headers)
		for (const path of [ROUTE, '/'])
			await check(`${name}: ${value} at ${path}`, await send('GET', path, [[name, value]]));
	await check(
		'all of them',
		await send(
			'GET',
			ROUTE,
			headers.filter(([name]) => name !== 'host' && name !== 'upgrade'),
		),
	);
	expect((await send('GET', ROUTE)).status).toBe(401);
	expect(runs()).toBe(0);
	expect(next.events()).toEqual([]);
	tally.expectSound();
});

it('no query makes a real run of a dry one', { timeout: LIMIT_MS }, async () => {
	const tally = access(
		'a query that is not what it seems',
		'with the secret: misspelled, doubled, encoded, bracketed and cut dryRun; CR and LF, NUL, lone surrogates, 10,000 parameters, 14,000 characters',
		'400; nothing is run, nothing of the query comes back in a header',
	);
	const { send, runs } = await givenGuarded();
	const many = Array.from({ length: 2_000 }, (_, nth) => `${nth}=`).join('&');
	const queries = [
		'dryRun',
		'dryRun=',
		'dryRun=0',
		'dryRun=no',
		'dryRun=TRUE',
		'dryRun=1&dryRun=1',
		'dryRun=0&dryRun=1',
		'dryRun=1;x',
		'dryRun=1%00',
		'dryRun=%31%20',
		'dryRun=+1',
		'dryRun=1%0d%0aset-cookie:%20x=1',
		'dryRun=%ff',
		'dryRun=%ud800',
		'dryRun=%EF%BC%91',
		'dryrun=1',
		'DRYRUN=1',
		'DryRun=true',
		'dry-run=1',
		'dry_run=1',
		'dry.run=1',
		'dry%20run=1',
		'dryRun%20=1',
		'%20dryRun=1',
		'dryRun%00=1',
		'dryRun[]=1',
		'dryRun[0]=1',
		'dryRun%3D1',
		'?dryRun=1',
		'x=1&amp;dryRun=1',
		'isDryRun=1',
		'dryRun;=1',
		'%EF%BD%84ryRun=1',
		'dryRun%0d%0a=1',
		`${many}&dryRun=maybe`,
		`dryRun=${'1'.repeat(14_000)}`,
		`x=${'y'.repeat(14_000)}&dryRun=2`,
	];
	for (const query of queries) {
		const answer = await send('GET', `${ROUTE}?${query}`, [['authorization', RIGHT]]);
		expect([query, answer.status, JSON.parse(answer.text).error.code]).toEqual([query, 400, 'USAGE_INVALID']);
		expectDiscreet(answer);
		tally.add('refused');
	}
	expect(runs()).toBe(0);
	tally.expectSound();
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
		const tally = access(
			'a missing or unfit CRON_SECRET',
			'unset, blank, of 5, 15 and 513 characters, with a space, non-ASCII; callers with none, that one, and others',
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
		const tally = access(
			'a page or an answer without security headers',
			"the root, missing pages, static files, all answers of the route, Next's own 204, 400, 404, 405 and 500",
			'nosniff, no-referrer, noindex, frame-ancestors none; on answers of the API default-src none and no-store too',
		);
		const { send } = await givenGuarded();
		const page = await send('GET', '/');
		const script = /\/_next\/static\/[^"]+\.js/.exec(page.text)?.[0] ?? '';
		const right: [string, string][] = [['authorization', RIGHT]];
		const answers: [string, number, RawAnswer][] = [
			['/', 404, page],
			['a missing page', 404, await send('GET', '/nothing/here')],
			['a script', 200, await send('GET', script)],
			['a missing script', 404, await send('GET', '/_next/static/nothing.js')],
			['a path that cannot be decoded', 404, await send('GET', '/%')],
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
		const common = [
			['x-content-type-options', 'nosniff'],
			['referrer-policy', 'no-referrer'],
			['x-robots-tag', 'noindex'],
		] as const;
		for (const [what, status, { headers, ...answer }] of [...answers, ...api]) {
			expect([what, answer.status]).toEqual([what, status]);
			for (const [name, value] of common) expect([what, headers.get(name)]).toEqual([what, value]);
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
