import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { casesOf, Tally } from '../support/tally';
import { spread } from './spread';
import { type StoreCase, tryCase } from './store-case';
import { FAULTS } from './store-fault-kinds';
import { SMALL_DATABASE, StoreScene } from './store-scene';
import { STEPS } from './store-steps';

let scene: StoreScene;
beforeAll(async () => {
	scene = await StoreScene.start(SMALL_DATABASE);
});
afterAll(() => scene.close());

const BEFORE = { 'read the lease': { lease: true }, 'take the lease over': { lease: true }, delete: { litter: true } };
/** A small backup is put by one call. */
const STEPS_OF_SMALL = STEPS.filter((step) => !/upload|manifest$/.test(step) || step.endsWith('the manifest'));
const FAULT_ROWS = [...new Set(FAULTS.map(({ row }) => row))];

describe.each(FAULT_ROWS)('%s', (row) => {
	const cases: StoreCase[] = [];
	for (const step of STEPS_OF_SMALL)
		for (const { title, fault } of FAULTS.filter((it) => it.row === row))
			for (const times of [1, Number.POSITIVE_INFINITY])
				cases.push({
					title: `${step}: ${title}, ${times === 1 ? 'once' : 'for ever'}`,
					before: BEFORE[step as keyof typeof BEFORE],
					faults: [{ when: (at) => at === step, fault, times }],
				});

	it('once, and for ever, at each step of a run', async () => {
		const tally = new Tally({
			area: 'Store',
			fault: row,
			provoked: 'at each step of a run, once and for ever',
			promised: 'an exact backup, or a named failure that leaves nothing; the next run works',
		});
		const unsound: string[] = [];
		for (const tried of spread(cases, casesOf(12, cases.length))) await tryCase(scene, tried, tally, unsound);
		expect(unsound).toEqual([]);
		tally.expectSound();
	}, 600_000);
});
