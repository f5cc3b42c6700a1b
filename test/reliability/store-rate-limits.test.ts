import { afterAll, beforeAll, expect, it } from 'vitest';
import { Tally } from '../support/tally';
import { strike } from './store-case';
import { DAY, SMALL_DATABASE, StoreScene } from './store-scene';
import type { Step } from './store-steps';

let scene: StoreScene;
beforeAll(async () => {
	scene = await StoreScene.start(SMALL_DATABASE);
});
afterAll(() => scene.close());

const STEPS: readonly Step[] = [
	'look for the backup of the day',
	'create the lease',
	'put the data',
	'renew the lease',
	'put the manifest',
];

function limited(step: Step, seconds: number, times?: number) {
	const body = '{"error":{"code":"rate_limited","message":"too many"}}';
	const headers = { 'retry-after': String(seconds) };
	return [{ when: (at: Step) => at === step, fault: { kind: 'status', status: 429, headers, body } as const, times }];
}

it.each(STEPS)('a wait that is asked for is waited: %s', async (step) => {
	const tally = new Tally({
		area: 'Store',
		fault: 'a rate limit asks to wait 17 s',
		provoked: '429 with retry-after at steps of a run, twice',
		promised: 'no try sooner; an exact backup',
	});
	const name = await scene.newName();
	const context = scene.newContext();
	const struck = strike(scene.proxy, name, limited(step, 17, 2));
	expect(await scene.nightly(name, context)).toMatchObject({ status: 'done' });
	struck.over();
	expect(context.waitsMs.filter((ms) => ms >= 17_000)).toHaveLength(2);
	await scene.expectBackup(name, DAY);
	tally.add('exact');
	tally.expectSound();
});

it.each(STEPS)('a wait of an hour is not waited: %s', async (step) => {
	const tally = new Tally({
		area: 'Store',
		fault: 'a rate limit asks to wait an hour',
		provoked: '429 with retry-after at steps of a run',
		promised: 'a named failure at once, nothing left',
	});
	const name = await scene.newName();
	const context = scene.newContext();
	const struck = strike(scene.proxy, name, limited(step, 3600));
	await expect(scene.nightly(name, context)).rejects.toMatchObject({
		code: 'STORE_UNREACHABLE',
		hint: expect.any(String),
		data: { step: expect.any(String) },
	});
	struck.over();
	expect(Math.max(0, ...context.waitsMs)).toBeLessThan(60_000);
	expect(scene.filesOf(name)).toEqual([]);
	tally.add('refused');
	tally.expectSound();
});

it.each(STEPS)('no wait goes past the deadline: %s', async (step) => {
	const tally = new Tally({
		area: 'Store',
		fault: 'rate limits go on until the deadline',
		provoked: '429 with retry-after 55 for ever, and 100 s to live',
		promised: 'DEADLINE_NEAR in time, nothing left but what may still get its manifest',
	});
	const name = await scene.newName();
	const context = scene.newContext();
	const deadlineMs = context.nowMs + 100_000;
	const struck = strike(scene.proxy, name, limited(step, 55));
	await expect(scene.nightly(name, context, 100_000)).rejects.toMatchObject({
		code: 'DEADLINE_NEAR',
		hint: expect.any(String),
		data: { step: expect.any(String) },
	});
	struck.over();
	expect(context.nowMs).toBeLessThanOrEqual(deadlineMs);
	expect(scene.filesOf(name).filter((file) => file.endsWith('.json'))).toEqual([]);
	if (step !== 'put the manifest') expect(scene.filesOf(name)).toEqual([]);
	tally.add('refused');
	tally.expectSound();
});
