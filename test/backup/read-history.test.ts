import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { historyName } from '../../lib/backup/backup-id';
import {
	decodeHistory,
	encodeHistory,
	factsOfManifest,
	type History,
	type HistoryEntry,
} from '../../lib/backup/history';
import { encodeManifest, type Manifest } from '../../lib/backup/manifest';
import { type ReadHistoryOptions, readHistory } from '../../lib/backup/read-history';
import { openLocalStore } from '../../lib/store/local';
import type { Store } from '../../lib/store/store';
import { givenFolder } from '../support/given-folder';
import { intoFolder } from '../support/stored-backups';
import { seedYear, sumUp } from '../support/year-of-backups';

const PLACE = { prefix: '', name: 'shop' };
const NOW = '2026-11-20T09:00:00.000Z';

/** Counts what is read of a store. */
function counting(store: Store) {
	const read: string[] = [];
	const get: Store['get'] = (name, options) => {
		read.push(name.slice(name.lastIndexOf('/') + 1));
		return store.get(name, options);
	};
	return { store: { ...store, get }, read };
}

/** A folder with some nights of backups and their summary. */
async function given(nights = 20) {
	const folder = await givenFolder();
	const store = openLocalStore({ folder });
	const { manifests } = await seedYear(intoFolder(folder), { now: NOW, nights });
	await sumUp(store, { now: NOW });
	const path = (id: string) => join(folder, 'shop', `${id}.json`);
	const summary = join(folder, historyName(PLACE));
	return {
		manifests: manifests as Manifest[],
		path,
		summary,
		async read(options: ReadHistoryOptions = {}) {
			const counted = counting(store);
			const found = await readHistory(counted.store, PLACE, options);
			const ids = counted.read.filter((name) => name.startsWith('backup-')).map((name) => name.replace('.json', ''));
			return { ...found, ids };
		},
		async change(change: (history: History) => History) {
			const history = decodeHistory(await readFile(summary)) as History;
			await writeFile(summary, encodeHistory(change(history)));
		},
	};
}

/** What is there must be told as the manifests say, whatever the summary says. */
function expectTrue(there: readonly HistoryEntry[], manifests: readonly Manifest[]): void {
	expect(there.map(({ check: _, ...facts }) => facts)).toEqual(manifests.map(factsOfManifest));
}

const newest: ReadHistoryOptions['wanted'] = (there) => there.slice(-2).map(({ id }) => id);

describe('a summary that was kept', () => {
	it('spares all manifests but those that are wanted whole', async () => {
		const scene = await given();
		const { state, there, ids, manifests, history, unreadable } = await scene.read({ wanted: newest });
		expect([state, history.at, unreadable]).toEqual(['kept', NOW, []]);
		expectTrue(there, scene.manifests);
		expect(ids.sort()).toEqual(scene.manifests.slice(-2).map(({ id }) => id));
		expect([...manifests.values()]).toEqual(expect.arrayContaining(scene.manifests.slice(-2)));
		expect((await scene.read()).ids).toEqual([]);
	});

	it('is not asked about manifests that were seen', async () => {
		const scene = await given(3);
		await rm(scene.summary);
		const seen = new Map(scene.manifests.map((manifest) => [manifest.id, factsOfManifest(manifest)]));
		const { there, ids } = await scene.read({ seen });
		expect(ids).toEqual([]);
		expectTrue(there, scene.manifests);
	});
});

describe('a summary that is not as the manifests are', () => {
	it('is mended where it lacks some, and where some are others now', async () => {
		const scene = await given();
		const [lacking, changed, removed] = scene.manifests as [Manifest, Manifest, Manifest];
		await scene.change((history) => ({ ...history, entries: history.entries.filter(({ id }) => id !== lacking.id) }));
		const other = { ...changed, rows: 7 };
		await writeFile(scene.path(changed.id), encodeManifest(other));
		await rm(scene.path(removed.id));
		const { state, there, ids, history } = await scene.read();
		expect([state, ids.sort()]).toEqual(['mended', [lacking.id, changed.id].sort()]);
		expectTrue(there, [lacking, other, ...scene.manifests.slice(3)]);
		// What was removed is still told of.
		expect(history.entries.map(({ id }) => id)).toContain(removed.id);
	});

	it.each<[string, (scene: Awaited<ReturnType<typeof given>>) => Promise<void>]>([
		['is missing', ({ summary }) => rm(summary)],
		['is garbled', async ({ summary }) => writeFile(summary, (await readFile(summary)).fill(0x20, 200, 210))],
		['is cut off', async ({ summary }) => writeFile(summary, (await readFile(summary)).subarray(0, 3_000))],
		['is too long', async ({ summary }) => writeFile(summary, Buffer.alloc(1_000_001, 0x5b))],
		['is empty', ({ summary }) => writeFile(summary, '')],
		['is of another kind', ({ summary }) => writeFile(summary, '{"history":1}')],
		[
			'lies about what is looked at, with the right digest',
			(scene) =>
				scene.change((history) => ({
					...history,
					entries: history.entries.map((entry) => ({ ...entry, rows: entry.rows + 1 })),
				})),
		],
	])('and %s: it is rebuilt from the manifests', async (_, harm) => {
		const scene = await given();
		await harm(scene);
		const { state, there, ids } = await scene.read({ wanted: newest });
		expect(state).toBe('rebuilt');
		expectTrue(there, scene.manifests);
		expect(new Set(ids).size).toBe(scene.manifests.length);
	});

	it('hides no manifest that cannot be read', async () => {
		const scene = await given();
		const [old] = scene.manifests as [Manifest];
		const last = scene.manifests.at(-1) as Manifest;
		for (const { id } of [old, last]) await writeFile(scene.path(id), '{}');
		const { state, there, unreadable } = await scene.read({ wanted: newest });
		expect(state).toBe('mended');
		expectTrue(there, scene.manifests.slice(1, -1));
		expect(unreadable.map(({ id, error }) => [id, error.code]).sort()).toEqual([
			[old.id, 'MANIFEST_INVALID'],
			[last.id, 'MANIFEST_INVALID'],
		]);
	});

	it('is read as far as there is time, the newest first, and the rest is told', async () => {
		const scene = await given();
		await rm(scene.summary);
		let looks = 0;
		const { there, unreadable } = await scene.read({ isOver: () => ++looks > 5 });
		expectTrue(there, scene.manifests.slice(-5));
		expect(unreadable.map(({ error }) => error.code)).toEqual(Array(15).fill('DEADLINE_NEAR'));
	});
});
