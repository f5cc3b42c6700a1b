import { METHODS } from 'node:http';
import { expect, it } from 'vitest';
import { accessTally, expectDiscreet, givenGuarded, RIGHT, ROUTE } from '../e2e/guarded';
import type { RawAnswer } from '../support/raw-http';

const LIMIT_MS = 240_000;

it('another method runs nothing, with the secret or without', { timeout: LIMIT_MS }, async () => {
	const tally = accessTally(
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
	const tally = accessTally(
		'path and header tricks',
		"doubled, encoded, dotted and cut paths, Next's internals, and headers that proxies and Next look at, without the secret",
		'never 200, never a redirect to elsewhere, never a run; a target that is no path is answered 500 by Next itself',
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
	const tally = accessTally(
		'a query that is not what it seems',
		'with the secret: misspelled, doubled, encoded, bracketed and cut dryRun; CR and LF, NUL, lone surrogates, 2,000 parameters, 14,000 characters',
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
