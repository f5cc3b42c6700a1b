import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireFault } from '../support/fault-proxy';
import { casesOf, Tally } from '../support/tally';
import { spread } from './spread';
import { type StoreCase, tryCase } from './store-case';
import { SMALL_DATABASE, StoreScene } from './store-scene';

let scene: StoreScene;
beforeAll(async () => {
	scene = await StoreScene.start(SMALL_DATABASE);
});
afterAll(() => scene.close());

/** Past the last request of a run that takes over a lease and sweeps. */
const MOST_REQUESTS = 16;
const FAULTS: Readonly<Record<string, WireFault>> = {
	'is cut off': { kind: 'cut', at: 'request' },
	'does, and is cut off': { kind: 'cut', at: 'answer' },
	'is cut off amid an answer': { kind: 'cut', at: 'body' },
	'does, and answers 500': {
		kind: 'status',
		status: 500,
		heard: true,
		body: '{"error":{"code":"internal_server_error"}}',
	},
	'answers 503': { kind: 'status', status: 503, body: '{"error":{"code":"service_unavailable"}}' },
	'is suspended': { kind: 'status', status: 403, body: '{"error":{"code":"store_suspended"}}' },
	'limits the rate': {
		kind: 'status',
		status: 429,
		headers: { 'retry-after': '5' },
		body: '{"error":{"code":"rate_limited"}}',
	},
};

describe.each([
	['once', 'an exact backup, or a named failure that leaves nothing', 1],
	['from there on', 'a named failure, no manifest without its data; the next run works', undefined],
] as const)('the store goes wrong at any request, %s', (often, promised, times) => {
	const cases: StoreCase[] = [];
	for (let at = 1; at <= MOST_REQUESTS; at++)
		for (const [what, fault] of Object.entries(FAULTS))
			cases.push({
				title: `the store ${what} at request ${at}, ${often}`,
				before: { lease: true, litter: true },
				faults: [{ when: (_, nth) => (times === 1 ? nth === at : nth >= at), fault, times }],
			});

	it('leaves every backup whole', async () => {
		const fault = times === 1 ? 'any one request goes wrong' : 'the store is lost at any request';
		const tally = new Tally({ area: 'Store', fault, provoked: 'at each request of a run, by its number', promised });
		const unsound: string[] = [];
		for (const tried of spread(cases, casesOf(30, cases.length))) await tryCase(scene, tried, tally, unsound);
		expect(unsound).toEqual([]);
		tally.expectSound();
	}, 600_000);
});
