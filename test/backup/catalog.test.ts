import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isBackupId, newBackupId } from '../../lib/backup/backup-id';
import { backupIdsOfDay, findManifest, readManifest } from '../../lib/backup/catalog';
import { newestEntries } from '../../lib/backup/inventory';
import { decodeManifest, encodeManifest, type Manifest } from '../../lib/backup/manifest';
import { bodyOf } from '../../lib/backup/small-object';
import { sweepLitter } from '../../lib/backup/sweep';
import { openLocalStore } from '../../lib/store/local';
import type { Store } from '../../lib/store/store';
import { Fixtures } from '../support/fixtures';

const PLACE = { prefix: 'backups', name: 'shop' };
const FOLDER = 'backups/shop';
const IDS = [
	'backup-20261118T020000Z-ffff',
	'backup-20261119T020000Z-0001',
	'backup-20261119T130000Z-7f3a',
	'backup-20261120T020000Z-0000',
];

function manifest(id: string): Manifest {
	return {
		manifest: 2,
		id,
		createdAt: '2026-11-20T02:00:00.000Z',
		durationMs: 1,
		trigger: { kind: 'cron', day: '2026-11-20' },
		label: null,
		source: { engine: 'libsql', version: '3.45.1', location: 'shop.turso.io', fingerprint: 'a'.repeat(64) },
		reading: { by: 'pages', exactRows: 0 },
		object: { name: `${id}.ndjson.gz`, bytes: 3, sha256: 'b'.repeat(64), compression: 'gzip', recipients: [] },
		plainBytes: 10,
		rows: 1,
		digest: 'c'.repeat(64),
		tables: [{ name: 't', rows: 1, bytes: 4, omitted: 0, sha256: 'd'.repeat(64) }],
		only: null,
		proof: { kind: 'restored', of: 'stored', at: '2026-11-20T02:00:01.000Z', durationMs: 1, notes: [] },
		keys: null,
		mediaAssetInventory: null,
		coverage: null,
		omissions: [],
	};
}

describe('the backups of a database, in a folder', () => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());
	const put = (store: Store, name: string, body: Uint8Array = Buffer.from('abc')) =>
		store.put(name, bodyOf(body), { contentType: 'application/octet-stream' });
	const ofFolder = async () => {
		const folder = await fixtures.folder();
		const store = openLocalStore({ folder });
		for (const id of IDS) {
			await put(store, `${FOLDER}/${id}.ndjson.gz`);
			await put(store, `${FOLDER}/${id}.json`, encodeManifest(manifest(id)));
		}
		return { folder, store };
	};
	const all = async (ids: AsyncIterable<string>) => {
		const list: string[] = [];
		for await (const id of ids) list.push(id);
		return list;
	};

	it('are those that have a manifest, newest first', async () => {
		const { store } = await ofFolder();
		await put(store, `${FOLDER}/backup-20261121T020000Z-0000.ndjson.gz`);
		await put(store, `${FOLDER}/backup-tomorrow.json`);
		await put(store, `${FOLDER}/lease.json`);
		await put(store, 'backups/shop2/backup-20261121T020000Z-0000.json');
		expect(await all(backupIdsOfDay(store, PLACE, '2026-11-19'))).toEqual(IDS.slice(1, 3));
		const newestIds = async (place: typeof PLACE, limit: number) =>
			(await newestEntries(store, place, limit)).map(({ id }) => id);
		expect(await newestIds(PLACE, 2)).toEqual([IDS[3], IDS[2]]);
		expect(await newestIds(PLACE, 10)).toEqual([...IDS].reverse());
		expect(await newestIds({ ...PLACE, name: 'none' }, 10)).toEqual([]);
	});

	it('are found by id and as the latest, and nothing else is', async () => {
		const { store } = await ofFolder();
		expect((await findManifest(store, PLACE, 'latest')).id).toBe(IDS[3]);
		expect(await findManifest(store, PLACE, IDS[1] as string)).toEqual(manifest(IDS[1] as string));
		expect(await readManifest(store, PLACE, 'backup-20201118T020000Z-ffff')).toBeNull();
		for (const wanted of ['backup-20201118T020000Z-ffff', '../shop', 'LATEST', ''])
			await expect(findManifest(store, PLACE, wanted)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
		const none = findManifest(store, { ...PLACE, name: 'none' }, 'latest');
		await expect(none).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
	});

	it('lose their litter after a day, and nothing else', async () => {
		const { folder, store } = await ofFolder();
		const old = `${FOLDER}/backup-20261110T020000Z-0000.ndjson.gz`;
		const young = `${FOLDER}/backup-20261111T020000Z-0000.ndjson.gz`;
		const foreign = [
			`${FOLDER}/backup-notes.ndjson.gz`,
			`${FOLDER}/backup-20261110T020000Z-0000.txt`,
			`${FOLDER}/lease.json`,
		];
		for (const name of [old, young, ...foreign]) await put(store, name);
		const now = new Date('2026-11-20T12:00:00.000Z');
		const age = async (name: string, ms: number) => {
			const at = new Date(now.getTime() - ms);
			await utimes(join(folder, name), at, at);
		};
		for (const id of IDS) await age(`${FOLDER}/${id}.ndjson.gz`, 90 * 86_400_000);
		for (const name of foreign) await age(name, 90 * 86_400_000);
		await age(old, 86_400_000);
		await age(young, 86_399_000);
		expect(await sweepLitter(store, PLACE, now)).toBe(1);
		expect(await store.head(old, {})).toBeNull();
		for (const name of [young, ...foreign, ...IDS.map((id) => `${FOLDER}/${id}.ndjson.gz`)])
			expect(await store.head(name, {})).not.toBeNull();
		expect(await sweepLitter(store, PLACE, now)).toBe(0);
	});

	it('sweeps more litter than is deleted at once', async () => {
		const store = openLocalStore({ folder: await fixtures.folder() });
		for (let nth = 0; nth < 205; nth++)
			await put(store, `${FOLDER}/backup-20261110T020000Z-${nth.toString(16).padStart(4, '0')}.ndjson.gz`);
		expect(await sweepLitter(store, PLACE, new Date(Date.now() + 2 * 86_400_000))).toBe(205);
		for await (const { name } of store.list(FOLDER, {})) throw new Error(`${name} is left`);
	});
});

describe('a manifest', () => {
	const id = IDS[0] as string;
	const changed = (change: object) => encodeManifest({ ...manifest(id), ...change });
	/** As the first version was written. */
	const unsealed = (change: object) => Buffer.from(JSON.stringify({ ...manifest(id), manifest: 1, ...change }));

	it('comes back as it was written', () => {
		expect(decodeManifest(encodeManifest(manifest(id)), 'x')).toEqual(manifest(id));
	});

	it('may have fields that are not known here, at every depth', () => {
		const more = changed({ later: 1, proof: { ...manifest(id).proof, later: { a: 1 } } });
		expect(decodeManifest(more, 'x')).toEqual(manifest(id));
	});

	it('of before it told how rows were read is readable', () => {
		const before = unsealed({ reading: undefined });
		expect(decodeManifest(before, 'x')).toEqual({ ...manifest(id), manifest: 1, reading: null });
	});

	it.each([
		['another version', changed({ manifest: 3 })],
		['no digest of its own', Buffer.from(JSON.stringify(manifest(id)))],
		['a byte after its end', Buffer.concat([changed({}), Buffer.from('\n')])],
		[
			'a figure that was changed',
			Buffer.from(
				changed({})
					.toString()
					.replace(/"durationMs": \d/, '"durationMs": 9'),
			),
		],
		['no version', changed({ manifest: undefined })],
		['no digest', changed({ digest: undefined })],
		['a digest that is none', changed({ digest: 'C'.repeat(64) })],
		['a negative count', changed({ rows: -1 })],
		['an unknown compression', changed({ object: { ...manifest(id).object, compression: 'zstd' } })],
		['no JSON', Buffer.from('{"manifest":1')],
		['null', Buffer.from('null')],
		['nothing', Buffer.alloc(0)],
	])('is refused with %s', (_, bytes) => {
		const decoding = () => decodeManifest(bytes, 'where.json');
		expect(decoding).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID', data: { manifest: 'where.json' } }));
	});
});

describe('a backup id', () => {
	it('sorts by its time', () => {
		const at = new Date('2026-11-20T02:00:00.987Z');
		expect(newBackupId(at, () => 0)).toBe('backup-20261120T020000Z-0000');
		expect(newBackupId(at, () => 0.9999999)).toBe('backup-20261120T020000Z-ffff');
	});

	it.each([
		'',
		'latest',
		'backup-20261120T020000Z-7F3A',
		'backup-20261120T020000Z-7f3a.json',
		'x/backup-20261120T020000Z-7f3a',
	])('is not %j', (text) => {
		expect(isBackupId(text)).toBe(false);
	});
});
