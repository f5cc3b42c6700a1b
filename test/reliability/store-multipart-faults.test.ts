import { afterAll, beforeAll, expect, it } from 'vitest';
import { casesOf, Tally } from '../support/tally';
import { spread } from './spread';
import { type StoreCase, tryCase } from './store-case';
import { FAULTS } from './store-fault-kinds';
import { StoreScene } from './store-scene';
import type { Step } from './store-steps';

let scene: StoreScene;
beforeAll(async () => {
	// 16 MB of what does not compress make 18 MB of a backup: three parts.
	scene = await StoreScene.start(
		[
			'CREATE TABLE big(a INTEGER PRIMARY KEY, b)',
			...Array(16).fill('INSERT INTO big(b) VALUES (randomblob(1000000))'),
		],
		true,
	);
});
afterAll(() => scene.close());

/** The nth request of a step, or every one of them. */
function isAt(step: Step, which: number | 'every'): (at: Step) => boolean {
	let seen = 0;
	return (at) => at === step && (++seen === which || which === 'every');
}

it('an upload by parts goes wrong at its beginning, at each part, at its end and when it is read back', async () => {
	const cases: StoreCase[] = [];
	const places: [Step, (number | 'every')[]][] = [
		['create an upload', [1, 'every']],
		['upload a part', [1, 2, 3, 'every']],
		['complete the upload', [1, 'every']],
		['confirm the data', [1, 'every']],
		['read the data back', [1, 'every']],
	];
	// A read of 18 MB at 20 kB a second is a stall, which has a suite of its own.
	for (const [step, whiches] of places)
		for (const which of whiches)
			for (const { title, fault } of FAULTS)
				if (fault.kind !== 'throttle')
					cases.push({ title: `${step} ${which}: ${title}`, faults: [{ when: isAt(step, which), fault }] });
	const tally = new Tally({
		area: 'Store',
		fault: 'an upload by parts goes wrong',
		provoked: 'each fault when it is created, at each part, when it is completed and read back, once and for ever',
		promised: 'an exact backup, or a named failure that leaves nothing; the next run works',
	});
	const unsound: string[] = [];
	for (const tried of spread(cases, casesOf(6, 50))) await tryCase(scene, tried, tally, unsound);
	expect(unsound).toEqual([]);
	tally.expectSound();
}, 900_000);
