import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBlobServer } from '../support/blob-server';
import { runScript, startScript } from '../support/cli';
import { idAt, intoFolder, objectsOf, putBackup, type StoredOptions, wholeIn } from '../support/stored-backups';

const PLACE = { prefix: '', name: 'shop' };
const NAME = { BACKUP_NAME: 'shop' };

/** A moment at noon UTC some days ago: of a day that has passed by then, whatever the time is now. */
function daysAgo(days: number): string {
	return new Date(Math.floor(Date.now() / 86_400_000 - days) * 86_400_000 + 43_200_000).toISOString();
}

/** The newest: an hour ago. */
const newest = new Date(Date.now() - 3_600_000).toISOString();

/** A folder of a person's own, with the newest backup and nightly ones of `count` days before it. */
async function givenPerson(count: number) {
	const cwd = await mkdtemp(join(tmpdir(), 'lifeboat-retention-'));
	onTestFinished(() => rm(cwd, { recursive: true, force: true }));
	const put = (at: string, options?: StoredOptions) => putBackup(intoFolder(join(cwd, 'backups')), PLACE, at, options);
	await put(newest);
	for (let days = 2; days < count + 2; days++) await put(daysAgo(days));
	const folder = join(cwd, 'backups/shop');
	const run = (name: string, words: string[], env: Record<string, string> = {}) =>
		runScript(name, words, { cwd, env: { ...NAME, ...env } });
	return { cwd, folder, put, run, whole: () => wholeIn(folder) };
}

/** Seven days are kept of so many, by this rule. */
const SEVEN = { BACKUP_RETENTION: '7d' };

/** Up to ten processes one after another, on a machine that is at work. */
const LONG = { timeout: 180_000 };

describe('prune-backups', LONG, () => {
	it('shows what it would do and why, and does it when told to', async () => {
		const { run, whole } = await givenPerson(12);
		const dry = await run('prune-backups', [], SEVEN);
		expect([dry.exit, dry.stderr]).toEqual([0, '']);
		expect(dry.stdout).toMatch(new RegExp(`^${idAt(newest)} +keep +daily ${newest.slice(0, 10)}, newest`, 'm'));
		expect(dry.stdout).toMatch(new RegExp(`^${idAt(daysAgo(13))} +REMOVE +superseded`, 'm'));
		expect(dry.stdout).toContain('nothing was removed');
		expect((await whole()).ids).toHaveLength(13);
		const asJson = (await run('prune-backups', ['--json'], SEVEN)).json();
		expect(asJson).toMatchObject({ status: 'dry-run', removed: [] });
		expect(asJson.backups[0]).toEqual({
			id: idAt(newest),
			createdAt: newest,
			keep: true,
			reasons: [
				{ rule: 'daily', detail: newest.slice(0, 10) },
				{ rule: 'newest', detail: null },
				{ rule: 'last', detail: 'scheduled' },
			],
		});
		const done = await run('prune-backups', ['--confirm', '--json'], SEVEN);
		expect([done.exit, done.json().status, done.json().removed.length]).toEqual([0, 'pruned', 6]);
		expect(await whole()).toMatchObject({ ids: { length: 7 }, odd: [] });
		const again = await run('prune-backups', ['--confirm'], SEVEN);
		expect([again.exit, again.stdout.includes('removed 0')]).toEqual([0, true]);
	});

	it('refuses to remove more than half at once, until that is allowed', async () => {
		const { run, whole } = await givenPerson(20);
		for (const words of [[], ['--confirm']]) {
			const refused = await run('prune-backups', [...words, '--json'], SEVEN);
			expect([refused.exit, refused.json().status, refused.json().error.code]).toEqual([
				3,
				'refused',
				'PRUNE_TOO_LARGE',
			]);
		}
		expect((await whole()).ids).toHaveLength(21);
		const allowed = await run('prune-backups', ['--confirm', '--allow-large'], SEVEN);
		expect([allowed.exit, (await whole()).ids.length]).toEqual([0, 7]);
	});

	it('removes nothing when backups have stopped, whatever is allowed', async () => {
		const { run, folder, whole } = await givenPerson(20);
		for (const end of ['json', 'ndjson.gz']) await rm(join(folder, `${idAt(newest)}.${end}`));
		const run1 = await run('prune-backups', ['--confirm', '--allow-large', '--json'], SEVEN);
		expect([run1.exit, run1.json().error.code]).toEqual([3, 'BACKUPS_STALE']);
		expect((await whole()).ids).toHaveLength(20);
	});

	it('refuses rules that it does not understand', async () => {
		const { run } = await givenPerson(0);
		const refused = await run('prune-backups', ['--json'], { BACKUP_RETENTION: '7x' });
		expect([refused.exit, refused.json().error.data]).toEqual([2, { variables: ['BACKUP_RETENTION'] }]);
	});

	it('has nothing to do where nothing is, and makes nothing', async () => {
		const { run, cwd } = await givenPerson(0);
		for (const words of [[], ['--confirm']]) {
			const none = await run('prune-backups', words, { BACKUP_LOCAL_DIR: 'elsewhere' });
			expect([none.exit, none.stdout]).toEqual([0, expect.stringContaining('no backups')]);
		}
		expect(existsSync(join(cwd, 'elsewhere'))).toBe(false);
	});

	it('killed between the data and the manifests, leaves what the next one finishes', async () => {
		const { cwd } = await givenPerson(0);
		const blob = await startBlobServer();
		onTestFinished(() => blob.close());
		const place = { prefix: 'backups', name: 'shop' };
		const days = [newest, ...Array.from({ length: 12 }, (_, nth) => daysAgo(nth + 2))];
		for (const at of days) for (const [name, bytes] of objectsOf(place, at)) await blob.place(name, bytes);
		const env = { ...NAME, ...SEVEN, ...blob.env };
		const ending = (suffix: string) => blob.objects.filter(({ pathname }) => pathname.endsWith(suffix)).length;
		const data = blob.hold('delete');
		const { child, ended } = startScript('prune-backups', ['--confirm'], { cwd, env });
		await data.reached;
		const manifests = blob.hold('delete');
		data.release();
		await manifests.reached;
		child.kill('SIGKILL');
		expect((await ended).exit).toBeNull();
		expect([ending('.gz'), ending('.json')]).toEqual([7, 13 + 1]);
		// Meanwhile nobody takes them for good.
		const listed = (await runScript('list-backups', ['--json'], { cwd, env })).json().backups;
		expect(listed.map(({ hasData }: { hasData: boolean }) => hasData)).toEqual(days.map((_, nth) => nth < 7));
		const verified = await runScript('verify-backup', [idAt(days[12] as string), '--json'], { cwd, env });
		expect([verified.exit, verified.json().error.code]).toEqual([4, 'BACKUP_DAMAGED']);
		// Its lease is in force for half an hour: as if that had passed.
		const past = { holder: 'x', acquiredAt: newest, expiresAt: newest };
		await blob.place('backups/shop/lease.json', JSON.stringify(past));
		const next = await runScript('prune-backups', ['--confirm', '--json'], { cwd, env });
		expect([next.exit, next.json().removed.length]).toEqual([0, 6]);
		expect([ending('.gz'), ending('.json')]).toEqual([7, 7 + 1]);
		manifests.release();
	});
});

describe('hold', LONG, () => {
	it('keeps a backup from being pruned, is listed, and is released', async () => {
		const { run, whole } = await givenPerson(12);
		const id = idAt(daysAgo(13));
		const held = await run('hold', [id, '--reason', 'case 7']);
		expect([held.exit, held.stdout]).toEqual([0, expect.stringContaining(`held ${id}`)]);
		const twice = await run('hold', [id, '--reason', 'case 8', '--json']);
		expect([twice.exit, twice.json().error.code]).toEqual([3, 'BACKUP_HELD']);
		expect((await run('list-backups', [])).stdout).toContain('HELD: case 7');
		expect((await run('prune-backups', ['--confirm', '--json'], SEVEN)).json().removed).toHaveLength(5);
		expect(await whole()).toMatchObject({ ids: expect.arrayContaining([id]), odd: [`${id}.hold.json`] });
		const released = await run('hold', [id, '--release', '--json']);
		expect([released.exit, released.json().status]).toEqual([0, 'released']);
		expect((await run('hold', [id, '--release', '--json'])).json().status).toBe('not-held');
		expect((await run('prune-backups', ['--confirm', '--json'], SEVEN)).json().removed).toEqual([id]);
	});

	it('takes the latest, does not find what is not there, and wants a reason', async () => {
		const { run } = await givenPerson(1);
		expect((await run('hold', ['latest', '--reason', 'x', '--json'])).json().id).toBe(idAt(newest));
		const none = await run('hold', ['backup-20200101T000000Z-0000', '--reason', 'x', '--json']);
		expect([none.exit, none.json().error.code]).toEqual([5, 'BACKUP_NOT_FOUND']);
		for (const words of [[], ['--reason', 'x', '--release'], ['--reason', 'x'.repeat(501)]])
			expect((await run('hold', ['latest', ...words])).exit).toBe(2);
	});
});

describe('sweep', LONG, () => {
	it('shows litter, and removes it when told to', async () => {
		const { run, folder, whole } = await givenPerson(2);
		expect((await run('sweep', [])).stdout).toContain('no litter');
		const name = 'backup-20200101T000000Z-0000.ndjson.gz';
		await writeFile(join(folder, name), 'litter');
		await utimes(join(folder, name), 0, 0);
		const dry = await run('sweep', []);
		expect([dry.exit, dry.stdout.includes(name), (await whole()).odd]).toEqual([0, true, [name]]);
		const done = await run('sweep', ['--confirm', '--json']);
		expect([done.exit, done.json()]).toMatchObject([
			0,
			{ status: 'swept', found: [{ what: 'data without a manifest' }] },
		]);
		expect(await whole()).toMatchObject({ ids: { length: 3 }, odd: [] });
	});
});
