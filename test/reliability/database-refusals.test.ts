import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate';
import { DatabaseTokens } from '../support/database-tokens';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { execute, Fixtures } from '../support/fixtures';
import { describeWithShared } from '../support/fixtures-fidelity';
import { closedPort, prepareAdmin, QUOTA_REASON, type SqldAdmin } from '../support/sqld-admin';
import { casesOf, Tally } from '../support/tally';
import { startTlsFront } from '../support/tls-front';
import { type Content, contentOf, type FaultCase, HeldTime, runCases, SOURCE, tryBackup } from './database-cases';

const LIMIT_MS = casesOf(120_000, 600_000);
/** As Turso answers, and as a service before it might. */
const BLOCKED = { message: `Operation was blocked: ${QUOTA_REASON}`, code: 'BLOCKED' };

const fixtures = new Fixtures();
const tokens = new DatabaseTokens();
let server: { readonly url: string };
let admin: SqldAdmin;
let content: Content;
/** Whoever may do everything. */
const owner = tokens.sign();
/** How many requests a backup takes that nothing is done to. */
let requests: number;

beforeAll(async () => {
	const { args = [] } = await tokens.serverOptions(await fixtures.folder());
	admin = await prepareAdmin();
	server = await fixtures.sqld({ args: [...args, ...admin.args] });
	const { url } = server;
	const sourceUrl = `${url}?authToken=${owner}`;
	await execute(sourceUrl, ...SOURCE);
	content = await contentOf(sourceUrl);
	const proxy = await startFaultProxy(url);
	const tried = await tryBackup(proxy.url, [content], { env: { TURSO_AUTH_TOKEN: owner } });
	expect([tried.outcome, tried.story]).toEqual(['exact', 'done']);
	requests = proxy.requests;
	await tried.close();
	await proxy.close();
});
afterAll(() => fixtures.close());

function byToken(name: string, token: string, may: 'exact' | 'refused', url = server.url): FaultCase {
	return {
		name,
		may: [may],
		code: 'DATABASE_REFUSED',
		run: async () => {
			const context = new HeldTime();
			const tried = await tryBackup(url, [content], { context, env: token === '' ? {} : { TURSO_AUTH_TOKEN: token } });
			// It would be refused the next time, too.
			expect(context.waits).toEqual([]);
			expect(JSON.stringify([tried.story, tried.error?.hint, tried.error?.data, tried.events])).not.toContain(
				token || '?',
			);
			return tried;
		},
	};
}

/** A backup by the owner through a proxy that has been told what to do. */
function through(name: string, may: 'exact' | 'refused', prepare: (proxy: FaultProxy) => void): FaultCase {
	return {
		name,
		may: [may],
		code: 'DATABASE_REFUSED',
		run: async () => {
			const proxy = await startFaultProxy(server.url);
			try {
				prepare(proxy);
				return await byToken(name, owner, may, proxy.url).run();
			} finally {
				await proxy.close();
			}
		},
	};
}

function at(url: string, says: RegExp, hint = /its URL/): FaultCase {
	return {
		name: url,
		may: ['refused'],
		code: 'DATABASE_UNREACHABLE',
		run: async () => {
			const tried = await tryBackup(url, [content]);
			expect(tried.story).toMatch(says);
			expect(tried.error?.hint).toMatch(hint);
			expect(tried.error?.data.step).toBe('opening the database');
			return tried;
		},
	};
}

describeWithShared('a backup of a database that does not let us in', () => {
	it(
		'a token is wrong',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'wrong, expired or missing token',
				provoked:
					'sqld with a key of its own; none, nonsense, cut, of another key, past its end; refused from each request on',
				promised: 'a failure that names step, cause and remedy, at once, and without the token in it',
			});
			const now = Math.floor(Date.now() / 1_000);
			const expired = tokens.sign({ exp: now - 3_600 });
			const refusal = { kind: 'status', status: 401, body: '{"error":"Unauthorized: `The JWT has expired`"}' } as const;
			await runCases(tally, [
				byToken('none', '', 'refused'),
				byToken('nonsense', 'not-a-token-at-all', 'refused'),
				byToken('cut', owner.slice(0, -8), 'refused'),
				byToken('of another key', new DatabaseTokens().sign(), 'refused'),
				byToken('expired', expired, 'refused'),
				...Array.from({ length: requests }, (_, nth) =>
					through(`expired from request ${nth + 1} on`, 'refused', (proxy) =>
						proxy.strike((seen) => seen.nth > nth, refusal, Number.POSITIVE_INFINITY),
					),
				),
			]);
		},
		LIMIT_MS,
	);

	it(
		'a token may only read',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'read-only token',
				provoked: 'sqld with a key of its own, and a token that may only read',
				promised: 'a correct backup',
			});
			const reader = byToken('read-only', tokens.sign({ a: 'ro' }), 'exact');
			await runCases(
				tally,
				[reader, byToken('of the future', tokens.sign({ a: 'ro', exp: 9_999_999_999 }), 'exact')],
				`${server.url}?authToken=${owner}`,
			);
		},
		LIMIT_MS,
	);

	it(
		'the plan is used up',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'quota BLOCKED',
				provoked: 'sqld blocks reads, before each request of a backup; the same as a status of 403',
				promised: 'a failure that names step, cause and remedy, at once',
			});
			const blocked = (nth: number): FaultCase => {
				const name = `from request ${nth} on`;
				const run = async () => {
					const within = through(name, 'refused', (proxy) => {
						proxy.onRequest = (seen) => (seen.nth === nth ? admin.block({ reads: true, writes: true }) : undefined);
					});
					const tried = await within.run();
					await admin.block({ reads: false, writes: false });
					expect(tried.story).toContain('upgrade your plan');
					return tried;
				};
				return { name, may: ['refused'], code: 'DATABASE_REFUSED', run };
			};
			const before = Array.from({ length: requests - 1 }, (_, nth) => blocked(nth + 1));
			const writes = byToken('writes alone', owner, 'exact');
			const cases: FaultCase[] = [
				...before,
				{ ...writes, run: () => admin.block({ reads: false, writes: true }).then(writes.run) },
				through('as a status', 'refused', (proxy) =>
					proxy.strike(
						() => true,
						{ kind: 'status', status: 403, body: JSON.stringify(BLOCKED) },
						Number.POSITIVE_INFINITY,
					),
				),
			];
			await runCases(tally, cases, null, 1);
		},
		LIMIT_MS,
	);

	it(
		'nobody is there',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'name not resolved, connection refused',
				provoked: 'a host of the domain .invalid; a port where nobody listens',
				promised: 'a failure that names step, cause and remedy',
			});
			await runCases(tally, [
				at('libsql://nothing.invalid', /ENOTFOUND|EAI_AGAIN/),
				at('http://nothing.invalid:8080', /ENOTFOUND|EAI_AGAIN/),
				at(`http://127.0.0.1:${await closedPort()}`, /ECONNREFUSED/),
				at(`https://127.0.0.1:${await closedPort()}`, /ECONNREFUSED/),
			]);
		},
		LIMIT_MS,
	);

	it(
		'TLS is not as it should be',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'TLS error',
				provoked: 'a certificate that nobody trusts, TLS where there is none, none where there is',
				promised: 'a failure that names step, cause and remedy',
			});
			const plain = new URL(server.url).port;
			const front = await startTlsFront(Number(plain), makeCertificate());
			try {
				await runCases(tally, [
					at(`https://127.0.0.1:${front.port}`, /SELF_SIGNED_CERT/, /certificate is not trusted/),
					at(`https://127.0.0.1:${plain}`, /SSL|TLS|EPROTO/i),
					at(`http://127.0.0.1:${front.port}`, /HPE_|SOCKET|ECONNRESET/),
				]);
			} finally {
				await front.close();
			}
		},
		LIMIT_MS,
	);
});
