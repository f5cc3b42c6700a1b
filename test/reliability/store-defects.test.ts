import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WireFault } from '../support/fault-proxy';
import { Tally } from '../support/tally';
import { type CaseFault, tryCase } from './store-case';
import { SMALL_DATABASE, StoreScene } from './store-scene';
import type { Step } from './store-steps';

let scene: StoreScene;
beforeAll(async () => {
	scene = await StoreScene.start(SMALL_DATABASE);
});
afterAll(() => scene.close());

const answer = (status: number, code: string | null, heard = false): WireFault => ({
	kind: 'status',
	status,
	heard,
	body: code === null ? '{}' : JSON.stringify({ error: { code, message: 'a fault that was asked for' } }),
});
const at = (step: Step, fault: WireFault, times?: number): CaseFault => ({ when: (it) => it === step, fault, times });

/** What faults have shown once, each as it was then; tried in every run, whatever the others pick. */
it.each<[string, CaseFault[]]>([
	['a list that is no list', [at('look for the backup of the day', answer(200, null))]],
	['a refusal without a hint', [at('put the data', answer(400, 'bad_request'))]],
	['a lease without an etag', [at('create the lease', answer(200, null, true))]],
	['a look at the lease that is refused', [at('confirm the lease', answer(403, 'forbidden'))]],
	['a look at the manifest that is refused', [at('confirm the manifest', answer(403, 'forbidden'))]],
	['a manifest that is refused', [at('put the manifest', answer(403, 'store_suspended'))]],
	['a manifest that is limited', [at('put the manifest', answer(429, 'rate_limited'))]],
	['a manifest whose every answer is lost', [at('put the manifest', answer(500, 'internal_server_error', true))]],
	[
		'a manifest whose answer is lost, and that is refused then',
		[
			at('put the manifest', answer(500, 'internal_server_error', true), 1),
			at('put the manifest', answer(403, 'forbidden')),
		],
	],
	[
		'a manifest that is limited, as is all that follows',
		[{ when: (_, nth) => nth >= 10, fault: answer(429, 'rate_limited') }],
	],
	[
		'a manifest whose answers are cut, as is all that follows',
		[{ when: (_, nth) => nth >= 10, fault: { kind: 'cut', at: 'body' } }],
	],
])('%s', async (title, faults) => {
	const tally = new Tally({
		area: 'Store',
		fault: 'what has shown a defect once',
		provoked: 'the very fault',
		promised: 'an exact backup, or a named failure that leaves nothing; the next run works',
	});
	const unsound: string[] = [];
	await tryCase(scene, { title, faults }, tally, unsound);
	expect(unsound).toEqual([]);
	tally.expectSound();
});
