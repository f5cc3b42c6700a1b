import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ERROR_CODES } from '../../lib/core/errors';
import { handleBackupRequest } from '../../lib/http/backup-route';
import { casesOf, Tally } from '../support/tally';

const SECRET = 'cron-secret-0123456789';
const ENV = { CRON_SECRET: SECRET, TURSO_DATABASE_URL: 'file:/tmp/shop.db' };
const CODES = new Set([...Object.keys(ERROR_CODES), 'UNAUTHORIZED']);
const LIMIT_MS = 600_000;

/** What a header can hold: a character a byte. */
const headerText = fc.oneof(
	fc.string({ maxLength: 40 }),
	fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 2_000 }),
);

/** The right header, and what is nearly that. */
const authorization = fc.oneof(
	{ weight: 4, arbitrary: fc.constant(`Bearer ${SECRET}`) },
	{ weight: 1, arbitrary: fc.constant(null) },
	{ weight: 2, arbitrary: headerText },
	{ weight: 2, arbitrary: headerText.map((text) => `Bearer ${text}`) },
	{
		weight: 3,
		arbitrary: fc.tuple(fc.nat(SECRET.length + 7), fc.nat(3), headerText).map(([at, cut, text]) => {
			const right = `Bearer ${SECRET}`;
			return right.slice(0, at) + text + right.slice(at + cut);
		}),
	},
	{ weight: 1, arbitrary: fc.constantFrom(`bearer ${SECRET}`, `BEARER ${SECRET}`, ` Bearer ${SECRET}\t`) },
);

const method = fc.oneof(
	{ weight: 4, arbitrary: fc.constant('GET') },
	{ weight: 1, arbitrary: fc.constantFrom('HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', 'QUERY') },
	{ weight: 1, arbitrary: fc.stringMatching(/^[A-Z!#$%&'*+.^_`|~-]{1,12}$/) },
);

const pair = fc.tuple(
	fc.oneof(
		fc.constantFrom('dryRun', 'dryrun', 'DRY_RUN', 'dryRun[]', 'x'),
		fc.string({ unit: 'binary', maxLength: 20 }),
	),
	fc.oneof(fc.constantFrom('1', 'true', '', '0', 'TRUE'), fc.string({ unit: 'binary', maxLength: 20 })),
);

/** Written as a client would, or as no client would. */
const query = fc.oneof(
	fc.constantFrom('', '?dryRun=1', '?dryRun=true'),
	fc.array(pair, { maxLength: 5 }).map((pairs) => `?${new URLSearchParams(pairs)}`),
	fc.array(pair, { maxLength: 5 }).map((pairs) => `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
	fc.string({ unit: 'binary', maxLength: 200 }).map((text) => `?${text}`),
	fc.integer({ min: 1, max: 10_000 }).map((count) => `?${'a=b&'.repeat(count)}dryRun=1`),
);

const more = fc.array(
	fc.tuple(
		fc.constantFrom('x-vercel-cron-schedule', 'x-forwarded-host', 'cookie', 'content-type', 'x-middleware-subrequest'),
		headerText,
	),
	{ maxLength: 3 },
);

const request = fc.record({ method, authorization, query, more, body: fc.option(fc.uint8Array({ maxLength: 200 })) });

type Given = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

/** A request as Fetch makes it; null for what it refuses to make. */
function requestOf(given: Given): Request | null {
	try {
		const headers = new Headers(given.more);
		if (given.authorization !== null) headers.set('authorization', given.authorization);
		const body = /^(GET|HEAD)$/i.test(given.method) ? null : given.body;
		return new Request(`http://localhost/api/cron/backup${given.query}`, { method: given.method, headers, body });
	} catch {
		return null;
	}
}

it('a request of any kind is answered, and runs only what it may', { timeout: LIMIT_MS }, async () => {
	const tally = new Tally({
		area: 'Input',
		fault: "the route's request, fuzzed",
		provoked:
			'fast-check: methods, Authorization headers that are right, nearly right and arbitrary bytes, queries, further headers, bodies; in-process',
		promised:
			'never rejects; 400 and above always with an error code; runs only by GET with the very secret, dry exactly when dryRun says so; the secret is in no answer',
	});
	await fc.assert(
		fc.asyncProperty(request, async (given) => {
			const asked = requestOf(given);
			if (asked === null) return;
			const runs: boolean[] = [];
			const lines: string[] = [];
			const response = await handleBackupRequest(asked, {
				env: ENV,
				writeLog: (line) => void lines.push(line),
				tellOfConfig: async () => ({}),
				runNightly: async ({ dryRun }) => {
					runs.push(dryRun);
					return dryRun ? { status: 'dry-run', tables: [], rows: 0 } : { status: 'done', backup: { id: 'x' } };
				},
			});
			const text = await response.text();
			const body = JSON.parse(text);
			const isLetIn =
				/^bearer /i.test(asked.headers.get('authorization') ?? '') &&
				asked.headers.get('authorization')?.slice(7) === SECRET;
			const dry = new URL(asked.url).searchParams.getAll('dryRun');
			const names = [...new URL(asked.url).searchParams.keys()];

			if (!isLetIn) expect(response.status).toBe(401);
			else if (asked.method !== 'GET') expect(response.status).toBe(405);
			else expect([200, 400]).toContain(response.status);
			if (response.status === 200) {
				expect(runs).toEqual([dry.length === 1]);
				expect(names.filter((name) => name !== 'dryRun' && /dry[^a-z]*run/i.test(name))).toEqual([]);
				expect(dry.every((value) => value === '1' || value === 'true')).toBe(true);
			} else {
				expect(runs).toEqual([]);
				expect(CODES).toContain(body.error.code);
			}
			expect(response.headers.get('cache-control')).toBe('no-store');
			expect(text + lines.join('')).not.toContain(SECRET);
			tally.add(response.status === 200 ? 'exact' : 'refused');
		}),
		{ numRuns: casesOf(2_000, 20_000) },
	);
	tally.expectSound();
});
