import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../lib/core/clock';
import type { JobContext } from '../../lib/jobs/context';
import type { WireFault } from '../support/fault-proxy';
import { casesOf, Tally } from '../support/tally';
import { spread } from './spread';
import { type StoreCase, tryCase } from './store-case';
import { DAY, SMALL_DATABASE, StoreScene } from './store-scene';
import type { Step } from './store-steps';

/** Until the process is to be ended, in ms: 15 s of it are kept back for cleaning up. */
const REMAINING_MS = 22_000;
/** Runs that stand still at the same time. */
const AT_ONCE = 8;
const STEPS: readonly Step[] = [
	'look for the backup of the day',
	'create the lease',
	'confirm the lease',
	'put the data',
	'confirm the data',
	'read the data back',
	'renew the lease',
	'put the manifest',
	'confirm the manifest',
	'list for the sweep',
	'release the lease',
];
const STALLS: Readonly<Record<string, WireFault>> = {
	'does not hear': { kind: 'stall', at: 'request' },
	'does, and falls silent amid the answer': { kind: 'stall', at: 'body' },
};

let scene: StoreScene;
beforeAll(async () => {
	scene = await StoreScene.start(SMALL_DATABASE);
});
afterAll(() => scene.close());

/** The system's clock, set to the time of the schedule. */
function startClock(): JobContext {
	const startedMs = performance.now();
	const now = () => new Date(Date.parse(`${DAY}T02:00:00Z`) + performance.now() - startedMs);
	return { clock: { ...systemClock, now }, random: Math.random };
}

it('the store falls silent at any step, and the run ends before its deadline', async () => {
	const cases: Omit<StoreCase, 'context'>[] = [];
	for (const step of STEPS)
		for (const [what, fault] of Object.entries(STALLS))
			for (const isForEver of [false, true]) {
				let isStruck = false;
				const when = (at: Step) => {
					isStruck ||= at === step;
					return isForEver ? isStruck : at === step;
				};
				const title = `${step}: the store ${what}, ${isForEver ? 'and for ever from there on' : 'at this step'}`;
				cases.push({ title, faults: [{ when, fault }], remainingMs: REMAINING_MS });
			}
	const tally = new Tally({
		area: 'Store',
		fault: 'the store falls silent',
		provoked: 'no answer, or half of one, at each step of a run by the real clock, with a near deadline',
		promised: 'an exact backup, or a named failure before the deadline, no manifest without its data',
	});
	const unsound: string[] = [];
	const tried = spread(cases, casesOf(AT_ONCE, cases.length));
	for (let at = 0; at < tried.length; at += AT_ONCE) {
		const some = tried.slice(at, at + AT_ONCE);
		await Promise.all(some.map((one) => tryCase(scene, { ...one, context: startClock() }, tally, unsound)));
	}
	expect(unsound).toEqual([]);
	tally.expectSound();
}, 300_000);
