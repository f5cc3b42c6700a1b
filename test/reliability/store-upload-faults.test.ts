import { afterAll, beforeAll, expect, it } from 'vitest';
import { backUp } from '../../lib/jobs/back-up';
import { casesOf, Tally } from '../support/tally';
import { spread } from './spread';
import { strike } from './store-case';
import { FAULTS } from './store-fault-kinds';
import { SMALL_DATABASE, StoreScene } from './store-scene';
import type { Step } from './store-steps';
import { expectNamed, Unsound } from './unsound';

let scene: StoreScene;
beforeAll(async () => {
	scene = await StoreScene.start(SMALL_DATABASE);
});
afterAll(() => scene.close());

const STEPS: readonly Step[] = [
	'create the lease',
	'put the data',
	'confirm the data',
	'read the data back',
	'put the manifest',
	'confirm the manifest',
	'renew the lease',
	'release the lease',
];

it('a copy of a backup made by hand goes wrong at any step', async () => {
	const cases = STEPS.flatMap((step) =>
		FAULTS.flatMap(({ title, fault }) =>
			[1, Number.POSITIVE_INFINITY].map((times) => ({
				title: `${step}: ${title}, ${times === 1 ? 'once' : 'for ever'}`,
				fault: { when: (at: Step) => at === step, fault, times },
			})),
		),
	);
	const tally = new Tally({
		area: 'Store',
		fault: '`backup-turso --upload` goes wrong',
		provoked: 'each fault at each step of the copying, once and for ever',
		promised: 'a whole copy, or a named failure that leaves none; the next one works',
	});
	const unsound: string[] = [];
	for (const { title, fault } of spread(cases, casesOf(30, cases.length))) {
		const name = await scene.newName();
		const context = scene.newContext();
		const options = {
			config: scene.config(name),
			upload: true,
			out: null,
			proof: 'none',
			only: [],
			label: null,
		} as const;
		const struck = strike(scene.proxy, name, [fault]);
		const error = await backUp(options, context).then(
			() => null,
			(failure: unknown) => failure,
		);
		struck.over();
		try {
			const left = scene.filesOf(name);
			const isThere = left.some((file) => file.endsWith('.json'));
			const day = context.clock.now().toISOString().slice(0, 10);
			await scene.expectYesterday(name);
			if (isThere) await scene.expectBackup(name, day);
			if (error === null && !isThere) throw new Unsound('wrong', 'said to be done');
			if (error !== null) {
				expectNamed(error, { step: false });
				const mayCome = error.data.mayBeDone === true;
				if (left.length > 0 && !mayCome) throw new Unsound('wrong', `${left} is left over, after ${error.message}`);
			}
			tally.add(error === null ? 'exact' : 'refused');
			// Past the lease of a run by hand.
			context.pass(31 * 60_000);
			await backUp(options, context);
		} catch (failure) {
			tally.add(failure instanceof Unsound ? failure.outcome : 'wrong');
			unsound.push(`${title}: ${failure}`);
		}
		await scene.forget(name);
	}
	expect(unsound).toEqual([]);
	tally.expectSound();
}, 600_000);
