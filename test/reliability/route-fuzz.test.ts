import fc from 'fast-check';
import { expect, it } from 'vitest';
import { givenGuarded, RIGHT, ROUTE } from '../e2e/guarded';
import { rawRequest, sendRaw } from '../support/raw-http';
import { casesOf, Tally } from '../support/tally';

/** Longer than an answer takes, in ms; what is not answered by then is no whole request. */
const PATIENCE_MS = 1_000;

/** Any bytes, more of those that mean something to HTTP. */
const bytes = (maxLength: number) =>
	fc
		.array(
			fc.oneof(
				fc.constantFrom(
					'\r\n',
					'\n',
					'\0',
					' ',
					'\t',
					':',
					'%',
					'%00',
					'%2f',
					'..',
					'/',
					'\\',
					'?',
					'&',
					'=',
					';',
					',',
				),
				fc.string({ maxLength: 8 }),
				fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
			),
			{ maxLength },
		)
		.map((pieces) => pieces.join(''));

const method = fc.oneof(
	{ weight: 6, arbitrary: fc.constant('GET') },
	{ weight: 2, arbitrary: fc.constantFrom('HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'QUERY', 'PURGE') },
	{ weight: 1, arbitrary: bytes(4) },
);
const target = fc.oneof(
	{ weight: 3, arbitrary: bytes(12).map((text) => `${ROUTE}${text}`) },
	{ weight: 3, arbitrary: bytes(12).map((text) => `${ROUTE}?dryRun=maybe&${text}`) },
	{ weight: 1, arbitrary: bytes(12).map((text) => `/${text}`) },
	{ weight: 1, arbitrary: bytes(6) },
);
const name = fc.oneof(
	fc.constantFrom(
		'host',
		'content-length',
		'transfer-encoding',
		'expect',
		'upgrade',
		'cookie',
		'range',
		'rsc',
		'next-action',
		'next-router-state-tree',
		'x-forwarded-host',
		'x-matched-path',
		'x-middleware-subrequest',
		'x-nextjs-data',
		'x-invoke-path',
	),
	bytes(3),
);
const headers = fc.array(fc.tuple(name, bytes(12)), { maxLength: 4 });

/** Without the secret; or with it, and then with a `dryRun` that is refused before anything is run. */
const request = fc.oneof(
	fc.tuple(method, target, headers, bytes(10)).map(([verb, path, given, body]) => rawRequest(verb, path, given, body)),
	fc
		.tuple(method, bytes(6), headers, bytes(10))
		.map(([verb, text, given, body]) =>
			rawRequest(
				verb,
				`${ROUTE}?dryRun=maybe&${text.replace(/[\s#]/g, '')}`,
				[['authorization', RIGHT], ...given],
				body,
			),
		),
	bytes(60),
);

it('a request of any bytes leaves the server as it was', { timeout: 2_400_000 }, async () => {
	const tally = new Tally({
		area: 'Input',
		fault: "the route's request, fuzzed as bytes",
		provoked:
			'fast-check: methods, targets, headers and bodies of any bytes, and no HTTP at all, by socket to the production server',
		promised:
			"an answer or a closed connection within 20 s; no 5xx without an error code, but for Next's own to TRACE and to a target that is no path; nothing is run; the server still answers",
	});
	const { next, runs } = await givenGuarded();
	await fc.assert(
		fc.asyncProperty(request, async (sent) => {
			const { status, text } = await sendRaw(next.url, sent, PATIENCE_MS);
			// Next's own answer to TRACE, and to a target that is no path.
			if (text === 'Internal Server Error' && !/^(?!TRACE)\S+ \//.test(sent)) return tally.add('refused');
			expect(status === 0 || (status >= 100 && status < 500) || JSON.parse(text).error.code !== undefined).toBe(true);
			expect(text).not.toMatch(/\n\s+at |node_modules/);
			tally.add('refused');
		}),
		{ numRuns: casesOf(300, 4_000) },
	);
	expect((await next.ask({ authorization: null })).status).toBe(401);
	expect((await next.ask({ query: '?dryRun=maybe' })).status).toBe(400);
	expect(next.events()).toEqual([]);
	expect(runs()).toBe(0);
	tally.expectSound();
});
