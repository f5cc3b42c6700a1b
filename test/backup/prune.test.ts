import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { putHold, readHold, releaseHold } from '../../lib/backup/hold';
import { carryOut, planPrune } from '../../lib/backup/prune';
import { readAllFacts } from '../../lib/backup/read-facts';
import { bodyOf } from '../../lib/backup/small-object';
import { findLitter, sweepLitter } from '../../lib/backup/sweep';
import { systemClock } from '../../lib/core/clock';
import { Secret } from '../../lib/core/secret';
import { openLocalStore } from '../../lib/store/local';
import type { Store } from '../../lib/store/store';
import { openVercelBlobStore } from '../../lib/store/vercel-blob';
import { DEFAULT } from '../support/backup-facts';
import { startBlobServer } from '../support/blob-server';
import { Fixtures } from '../support/fixtures';
import { idAt, intoFolder, nightsBefore, putBackup, wholeIn } from '../support/stored-backups';

const PLACE = { prefix: 'backups', name: 'shop' };
const NOW = new Date('2026-11-20T02:05:00Z');
const OPTIONS = { retention: DEFAULT, now: NOW, allowLarge: true };
const renew = async () => {};
const AT = new Date('2026-11-01T00:00:00Z');

const fixtures = new Fixtures();
afterAll(() => fixtures.close());

type Put = Parameters<typeof putBackup>[0];

async function givenFolder(): Promise<{ store: Store; folder: string; put: Put }> {
	const root = await fixtures.folder();
	return { store: openLocalStore({ folder: root }), folder: join(root, 'backups/shop'), put: intoFolder(root) };
}

async function givenBlob() {
	const server = await startBlobServer({ pageObjects: 50, now: () => NOW });
	await server.connect();
	onTestFinished(() => server.close());
	const store = openVercelBlobStore({ token: new Secret(server.token), clock: systemClock, random: Math.random });
	const put: Put = (name, bytes) => server.place(name, bytes);
	return {
		server,
		store,
		put,
		names: () => server.objects.map(({ pathname }) => pathname.slice('backups/shop/'.length)),
	};
}

async function putNights(put: Put, count: number): Promise<void> {
	for (let days = count - 1; days >= 0; days--) await putBackup(put, PLACE, nightsBefore(days));
}

const prune = async (store: Store) => carryOut(await planPrune(store, PLACE, OPTIONS), store, PLACE, { renew });

describe('pruning a folder', () => {
	it('removes data and manifest of what the plan does not keep, and nothing else', async () => {
		const { store, folder, put } = await givenFolder();
		await putNights(put, 70);
		await putBackup(put, { ...PLACE, name: 'shop2' }, nightsBefore(60));
		await writeFile(join(folder, 'backup-notes.txt'), 'not ours');
		const { removed, refused } = await prune(store);
		const { ids, odd } = await wholeIn(folder);
		expect([removed.length + ids.length, refused, odd]).toEqual([70, [], ['backup-notes.txt']]);
		expect(ids.map((id) => id.slice(7, 15))).toEqual(
			['20', '19', '18', '17', '16', '15', '14', '08', '01']
				.map((day) => `202611${day}`)
				.concat('20261031', '20261025', '20260930'),
		);
		expect((await wholeIn(join(folder, '../shop2'))).ids).toHaveLength(1);
		expect((await prune(store)).removed).toEqual([]);
	});

	it('throws what the plan is refused for, and removes nothing', async () => {
		const { store, folder, put } = await givenFolder();
		await putNights(put, 40);
		const large = await planPrune(store, PLACE, { ...OPTIONS, allowLarge: false });
		await expect(carryOut(large, store, PLACE, { renew })).rejects.toMatchObject({ code: 'PRUNE_TOO_LARGE' });
		const stale = await planPrune(store, PLACE, { ...OPTIONS, now: new Date('2026-11-22T00:00:00Z') });
		await expect(carryOut(stale, store, PLACE, { renew })).rejects.toMatchObject({ code: 'BACKUPS_STALE' });
		expect((await wholeIn(folder)).ids).toHaveLength(40);
	});

	it('removes nothing once the lease is another’s', async () => {
		const { store, folder, put } = await givenFolder();
		await putNights(put, 40);
		const lost = async () => {
			throw new Error('the lease is lost');
		};
		await expect(carryOut(await planPrune(store, PLACE, OPTIONS), store, PLACE, { renew: lost })).rejects.toThrow(
			'the lease is lost',
		);
		expect((await wholeIn(folder)).ids).toHaveLength(40);
	});

	it('finishes what was interrupted: manifests whose data is gone', async () => {
		const { store, folder, put } = await givenFolder();
		await putNights(put, 40);
		const interrupted = [idAt(nightsBefore(30)), idAt(nightsBefore(32))];
		// The last day of October: it would be kept, so that this is damage, and told.
		const lost = idAt(nightsBefore(20));
		for (const id of [...interrupted, lost]) await rm(join(folder, `${id}.ndjson.gz`));
		const { verdicts } = await planPrune(store, PLACE, OPTIONS);
		const rulesOn = (id: string) =>
			verdicts.find(({ backup }) => backup.id === id)?.reasons.map(({ rule }) => rule) as string[];
		for (const id of interrupted) expect(rulesOn(id)).toEqual(['data-gone']);
		expect(rulesOn(lost)).toEqual(['data-missing', 'monthly']);
		expect((await prune(store)).removed).toEqual(expect.arrayContaining(interrupted));
		expect((await wholeIn(folder)).odd).toEqual([`${lost}.json`]);
	});

	it('leaves alone a manifest that cannot be read', async () => {
		const { store, folder, put } = await givenFolder();
		await putNights(put, 40);
		const broken = idAt(nightsBefore(33));
		await writeFile(join(folder, `${broken}.json`), '{"manifest":9}');
		const plan = await planPrune(store, PLACE, OPTIONS);
		expect(plan.unreadable).toMatchObject([{ id: broken, error: { code: 'MANIFEST_INVALID' } }]);
		await carryOut(plan, store, PLACE, { renew });
		expect((await wholeIn(folder)).ids).toContain(broken);
	});

	it('reads the facts of many without holding their manifests', async () => {
		const { store, put } = await givenFolder();
		await putNights(put, 200);
		const { backups } = await readAllFacts(store, PLACE);
		expect(backups).toHaveLength(200);
		expect(JSON.stringify(backups).length).toBeLessThan(200 * 400);
	});
});

describe('a hold', () => {
	it('keeps a backup from being removed until it is released', async () => {
		const { store, folder, put } = await givenFolder();
		await putNights(put, 40);
		const id = idAt(nightsBefore(30));
		await putHold(store, PLACE, id, { reason: 'a case', at: AT });
		expect(await readHold(store, PLACE, id)).toEqual({ reason: 'a case', at: AT.toISOString() });
		await expect(putHold(store, PLACE, id, { reason: 'another', at: AT })).rejects.toMatchObject({
			code: 'BACKUP_HELD',
		});
		await prune(store);
		expect((await wholeIn(folder)).ids).toContain(id);
		expect((await releaseHold(store, PLACE, id))?.reason).toBe('a case');
		expect(await releaseHold(store, PLACE, id)).toBeNull();
		expect((await prune(store)).removed).toEqual([id]);
	});

	it.each(['', '{', 'null', '{"hold":2}', 'x'.repeat(20_000)])(
		'holds when it cannot be read: %.8s',
		async (content) => {
			const { store, folder, put } = await givenFolder();
			await putNights(put, 20);
			const id = idAt(nightsBefore(15));
			await writeFile(join(folder, `${id}.hold.json`), content);
			expect((await prune(store)).removed).not.toContain(id);
			expect((await wholeIn(folder)).ids).toContain(id);
			expect((await releaseHold(store, PLACE, id))?.at).toBeNull();
			expect(await readHold(store, PLACE, id)).toBeNull();
		},
	);

	it('is litter a day after its backup is gone, and not before', async () => {
		const { store, folder, put } = await givenFolder();
		await putNights(put, 3);
		const held = idAt(nightsBefore(2));
		const gone = idAt(nightsBefore(9));
		await mkdir(folder, { recursive: true });
		for (const id of [held, gone]) await putHold(store, PLACE, id, { reason: 'a case', at: AT });
		const found = async (hours: number) => {
			const names: string[] = [];
			const now = new Date(Date.now() + hours * 3_600_000);
			for await (const { name, what } of findLitter(store, PLACE, now)) names.push(`${name}: ${what}`);
			return names;
		};
		expect(await found(23)).toEqual([]);
		expect(await found(25)).toEqual([`backups/shop/${gone}.hold.json: a hold without a backup`]);
		expect(await sweepLitter(store, PLACE, new Date(Date.now() + 25 * 3_600_000))).toBe(1);
		expect(await readHold(store, PLACE, held)).not.toBeNull();
	});
});

describe('pruning a Blob store', () => {
	it('removes what the plan says, over many pages', async () => {
		const { store, put, names } = await givenBlob();
		await putNights(put, 60);
		const { removed } = await prune(store);
		expect(names()).toHaveLength((60 - removed.length) * 2);
		expect(removed).toHaveLength(48);
	});

	it('goes on when single deletions are refused, and says which', async () => {
		const { server, store, put, names } = await givenBlob();
		await putNights(put, 20);
		const { verdicts } = await planPrune(store, PLACE, OPTIONS);
		const victims = verdicts.filter(({ keep }) => !keep).map(({ backup }) => backup.id);
		// The data of all at once, and then that of the oldest alone.
		server.fault({ on: 'delete', kind: 'status', status: 403, code: 'forbidden', times: 2 });
		const { removed, refused } = await prune(store);
		expect(refused).toMatchObject([{ id: victims.at(-1), error: { code: 'STORE_REFUSED' } }]);
		expect([...removed].reverse()).toEqual(victims.slice(0, -1));
		expect(names()).toContain(`${victims.at(-1)}.ndjson.gz`);
		expect((await prune(store)).removed).toEqual([victims.at(-1)]);
	});

	it('fails when the store does, after the data and before the manifests: the next one finishes', async () => {
		const { server, store, put, names } = await givenBlob();
		await putNights(put, 20);
		const passed = server.hold('delete');
		const pruning = prune(store);
		await passed.reached;
		server.fault({ on: 'delete', kind: 'status', status: 400, code: 'bad_request', times: 100 });
		passed.release();
		const { removed, refused } = await pruning;
		expect([removed, refused.length > 0]).toEqual([[], true]);
		const halves = names().filter((name) => name.endsWith('.json')).length * 2 - names().length;
		expect(halves).toBe(refused.length);
		server.clearFaults();
		expect((await prune(store)).removed).toHaveLength(refused.length);
		expect(names().filter((name) => name.endsWith('.json')).length * 2).toBe(names().length);
	});

	it('does not believe a list that leaves data out', async () => {
		const { store, put, names } = await givenBlob();
		await store.put('backups/shop/lease.json', bodyOf(Buffer.from('{}')), { contentType: 'application/json' });
		await putNights(put, 12);
		const list: Store['list'] = async function* (prefix, options) {
			for await (const object of store.list(prefix, options)) if (!object.name.endsWith('.gz')) yield object;
		};
		const { backups } = await readAllFacts({ ...store, list }, PLACE);
		expect(backups.map(({ data }) => data.length)).toEqual(Array.from({ length: 12 }, () => 1));
		expect(names()).toHaveLength(25);
	});
});
