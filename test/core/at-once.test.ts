import { expect, it } from 'vitest';
import { eachAtOnce } from '../../lib/core/at-once';

it('no more is done at once than the limits say, and all of it', async () => {
	const weights = [1, 2, 9, 1, 1, 1, 4, 20, 3];
	const done: number[] = [];
	let running = 0;
	let weight = 0;
	await eachAtOnce(
		weights.entries(),
		{ items: 3, weight: 10 },
		([, itsWeight]) => itsWeight,
		async ([nth, itsWeight]) => {
			running += 1;
			weight += itsWeight;
			expect(running).toBeLessThanOrEqual(3);
			expect(weight <= 10 || running === 1).toBe(true);
			for (let turn = 0; turn <= nth % 4; turn++) await Promise.resolve();
			running -= 1;
			weight -= itsWeight;
			done.push(nth);
		},
	);
	expect(done.sort((a, b) => a - b)).toEqual(weights.map((_, nth) => nth));
});

it('the first failure ends it, once those under way have ended', async () => {
	const begun: number[] = [];
	const ended: number[] = [];
	const made = eachAtOnce(
		[0, 1, 2, 3, 4, 5],
		{ items: 2, weight: 10 },
		() => 1,
		async (nth) => {
			begun.push(nth);
			if (nth === 1) throw new Error('the second');
			for (let turn = 0; turn < 20; turn++) await Promise.resolve();
			ended.push(nth);
		},
	);
	await expect(made).rejects.toThrow('the second');
	expect(begun).toEqual(ended.concat(1).sort());
	expect(begun).not.toContain(5);
});
