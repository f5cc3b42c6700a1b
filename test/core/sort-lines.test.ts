import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { joinSorted } from '../../lib/core/join-sorted';
import { sortLines } from '../../lib/core/sort-lines';
import { seededRandom } from '../support/seeded-random';

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
	yield* items;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
	const found: T[] = [];
	for await (const item of items) found.push(item);
	return found;
}

it('lines are sorted through files as they are in memory, each once, as often as they are asked for', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-sort-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	const random = seededRandom(7);
	const lines = Array.from({ length: 60_000 }, () => {
		const number = Math.floor(random() * 40_000);
		return `${number}${'ü😀\u2028'.repeat(number % 3)}${'x'.repeat(Math.floor(random() * 3) === 0 ? 600 : 5)}`;
	});
	const sorted = await sortLines(folder, 'lines', each(lines));
	expect((await readdir(folder)).length).toBeGreaterThan(1);
	const wanted = [...new Set(lines)].sort();
	expect(await all(sorted())).toEqual(wanted);
	for await (const line of sorted()) {
		expect(line).toBe(wanted[0]);
		break;
	}
	expect(await all(sorted())).toEqual(wanted);
	expect(await all((await sortLines(folder, 'none', each([])))())).toEqual([]);
});

it('sorted streams are joined by their keys', async () => {
	const keyed = (text: string) => each([...text].map((key, nth) => ({ key, item: nth })));
	expect(await all(joinSorted(keyed('aabd'), keyed('bce')))).toEqual([
		{ key: 'a', left: [0, 1], right: [] },
		{ key: 'b', left: [2], right: [0] },
		{ key: 'c', left: [], right: [1] },
		{ key: 'd', left: [3], right: [] },
		{ key: 'e', left: [], right: [2] },
	]);
	expect(await all(joinSorted(keyed(''), keyed('')))).toEqual([]);
});
