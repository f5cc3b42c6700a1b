import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toLifeboatError } from '../../lib/core/errors';
import { casesOf, Tally } from '../support/tally';
import { spread } from './spread';
import { type CaseFault, type StoreCase, strike, tryCase } from './store-case';
import { FAULTS } from './store-fault-kinds';
import { DAY, SMALL_DATABASE, StoreScene } from './store-scene';
import type { Step } from './store-steps';
import { expectNamed, Unsound } from './unsound';

let scene: StoreScene;
beforeAll(async () => {
	scene = await StoreScene.start(SMALL_DATABASE);
});
afterAll(() => scene.close());

const FOR_EVER = Number.POSITIVE_INFINITY;

it("the day's backup is there, and the store goes wrong while it is looked for", async () => {
	const cases: { title: string; fault: CaseFault }[] = [];
	for (const step of ['look for the backup of the day', 'read a manifest'] satisfies Step[])
		for (const { title, fault } of FAULTS)
			for (const times of [1, FOR_EVER]) {
				// A line whose every answer is corrupted, unnoticed by TLS, shows no backup at all.
				if (fault.kind === 'corrupt' && times === FOR_EVER) continue;
				const often = times === 1 ? 'once' : 'for ever';
				cases.push({ title: `${step}: ${title}, ${often}`, fault: { when: (at) => at === step, fault, times } });
			}
	const tally = new Tally({
		area: 'Store',
		fault: "the day's backup is there, and cannot be seen",
		provoked: 'each fault at the list of the day and at the reading of its manifest, once and for ever',
		promised: 'skipped, or a named failure: never a second backup of the day',
	});
	const unsound: string[] = [];
	// Half a manifest made a second backup of the day once.
	const always = cases.filter(({ title }) => title.includes('truncated'));
	const others = cases.filter((one) => !always.includes(one));
	for (const { title, fault } of [...always, ...spread(others, casesOf(36, others.length))]) {
		const name = await scene.newName();
		const context = scene.newContext();
		await scene.nightly(name, context);
		const struck = strike(scene.proxy, name, [fault]);
		const ran = await scene.nightly(name, context).catch((error: unknown) => error);
		struck.over();
		try {
			if (struck.steps.size === 0) throw new Unsound('wrong', 'the fault struck nothing');
			if (ran instanceof Error) expectNamed(ran);
			await scene.expectBackup(name, DAY);
			tally.add(ran instanceof Error ? 'refused' : 'exact');
		} catch (error) {
			tally.add(error instanceof Unsound ? error.outcome : 'wrong');
			unsound.push(`${title}: ${ran instanceof Error ? toLifeboatError(ran).code : 'ended'}, ${error}`);
		}
		await scene.forget(name);
	}
	expect(unsound).toEqual([]);
	tally.expectSound();
}, 300_000);

describe('the sweep', () => {
	it('does not take the data of a backup whose manifest the list leaves out', async () => {
		const tally = new Tally({
			area: 'Store',
			fault: "the sweep's list leaves a manifest out",
			provoked: "an answer without yesterday's manifest, its data said to be old",
			promised: 'no data of a backup is deleted',
		});
		const unsound: string[] = [];
		for (const hasLitter of [false, true]) {
			const name = await scene.newName({ litter: hasLitter });
			const blobs = scene.server.objects
				.map(({ pathname, size, etag }) => ({ pathname, size, etag, url: `https://store/${pathname}` }))
				.filter(({ pathname }) => pathname.startsWith(`backups/${name}/backup-`) && pathname.endsWith('.gz'))
				.map((blob) => ({ ...blob, uploadedAt: '2026-11-18T00:00:00Z' }));
			const body = JSON.stringify({ blobs, hasMore: false });
			const fault = { kind: 'status', status: 200, body } as const;
			const struck = strike(scene.proxy, name, [{ when: (at) => at === 'list for the sweep', fault }]);
			const { status, backup } = (await scene.nightly(name, scene.newContext())) as { status: string; backup: unknown };
			struck.over();
			expect({ status, backup }).toMatchObject({ status: 'done', backup: { sweptObjects: hasLitter ? 1 : 0 } });
			await scene.expectYesterday(name).then(
				() => tally.add('exact'),
				(error) => {
					tally.add('lost');
					unsound.push(String(error));
				},
			);
		}
		expect(unsound).toEqual([]);
		tally.expectSound();
	});

	it('and the deletion of what a failed run wrote may be refused', async () => {
		const fault = { kind: 'status', status: 500, body: '{}' } as const;
		const refused: StoreCase = {
			title: 'the data cannot be read back, nor deleted',
			faults: [{ when: (at) => at === 'read the data back' || at === 'delete', fault }],
		};
		const tally = new Tally({
			area: 'Store',
			fault: 'a deletion is refused',
			provoked: 'of the data of a run that failed, and of litter that is swept',
			promised: 'a named failure or the backup all the same; no manifest for what is left',
		});
		const unsound: string[] = [];
		await tryCase(scene, refused, tally, unsound);
		const sweep = {
			title: 'litter',
			before: { litter: true },
			faults: [{ when: (at: Step) => at === 'delete', fault }],
		};
		await tryCase(scene, sweep, tally, unsound);
		expect(unsound).toEqual([]);
		tally.expectSound();
	});
});
