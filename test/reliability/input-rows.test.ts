import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runBatch } from '../support/batch';
import { casesOf, Tally } from '../support/tally';

const CASES = casesOf(300, 6_000);

it('a backup that is right by its digests and hostile by what it holds is restored exactly, or refused', {
	timeout: 1_200_000,
}, async () => {
	const tally = new Tally({
		area: 'Input',
		fault: 'Hostile rows, names and SQL under right digests',
		provoked: 'random ones restored into a file, in processes with a heap of 128 MB',
		promised: 'exact, or refused by a code with nothing left behind; no crash, no hang',
	});
	const path = join(import.meta.dirname, 'restore-hostile.ts');
	expect(await runBatch(tally, { path, from: 0, to: CASES, heapMb: 128, atOnce: 150 })).toEqual([]);
	tally.expectSound();
});
