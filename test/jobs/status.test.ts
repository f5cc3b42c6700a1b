import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeLease } from '../../lib/backup/lease';
import { encodeManifest, type Manifest } from '../../lib/backup/manifest';
import { loadConfig } from '../../lib/config/load';
import { openFolder } from '../../lib/jobs/context';
import { checkHealth } from '../../lib/jobs/health';
import { hold } from '../../lib/jobs/hold';
import { readStatus } from '../../lib/jobs/status';
import type { StatusView } from '../../lib/status/view';
import { givenFolder } from '../support/given-folder';
import { recordOutput, SECRETS } from '../support/secrets';
import { intoFolder } from '../support/stored-backups';
import { seedYear, sumUp, type YearOptions } from '../support/year-of-backups';
import { givenJob, type Job } from './fixture';
import { at, NOW, statusOf } from './status-scene';

describe('a folder of backups', () => {
	async function given(options: Partial<YearOptions> = {}, more: Record<string, string> = {}) {
		const folder = await givenFolder();
		const year = await seedYear(intoFolder(folder), { now: NOW, nights: 20, where: folder, ...options });
		await sumUp((await openFolder(folder, at(NOW))).store, { now: NOW });
		const env = { BACKUP_NAME: 'shop', BACKUP_STORE: 'local', BACKUP_LOCAL_DIR: folder, ...more };
		return { folder: join(folder, 'shop'), root: folder, year, env };
	}

	it('shows what a table lost, and what to do', async () => {
		const { env, year } = await given({ hasLoss: true });
		const { tables, verdict } = await statusOf(env);
		expect(tables?.rows.slice(0, 2).map(({ name, mark }) => [name, mark])).toEqual([
			['sessions', 'shrank'],
			['items', 'grew'],
		]);
		expect(tables?.rows.find(({ name }) => name === 'jobs')?.mark).toBe('emptied');
		expect(verdict).toMatchObject({ standing: 'warning', runbook: { title: 'Rows deleted' } });
		expect(verdict.action).toContain(year.manifests.at(-2)?.id);
	});

	it('shows holds, and for what, in the rules too', async () => {
		const { env, year } = await given();
		const id = year.manifests[2]?.id as string;
		const config = loadConfig(env, { need: ['store', 'name'] });
		await hold({ config, backup: id, reason: 'case 2026-17' }, at(NOW));
		const { holds, backups, retention } = await statusOf(env);
		expect(holds).toEqual([{ id, reason: 'case 2026-17', at: NOW }]);
		expect(backups.find((one) => one.id === id)?.heldFor).toBe('case 2026-17');
		expect(retention.verdicts.find((one) => one.id === id)).toMatchObject({
			keep: true,
			reasons: ['held: case 2026-17'],
		});
	});

	it('does not take for there what is not: data that is gone, a manifest that cannot be read', async () => {
		const { env, year, folder } = await given();
		const [first, second, third] = [...year.manifests].reverse() as [Manifest, Manifest, Manifest];
		await rm(join(folder, `${first.id}.ndjson.gz`));
		await writeFile(join(folder, `${second.id}.json`), '{}');
		const view = await statusOf(env);
		expect(view.verdict.sentence).toContain('02:00 UTC on 18 November');
		expect(view.tables?.id).toBe(third.id);
		expect(view.backups[0]).toMatchObject({ id: first.id, isThere: false });
		expect(view.freshness.unreadable).toEqual([{ id: second.id, code: 'MANIFEST_INVALID' }]);
		expect(view.calendar.slice(-2).map(({ standing }) => standing)).toEqual(['unproven', 'proven']);
	});

	it('shows copies, how far each is, and one that cannot be asked', async () => {
		const nas = await givenFolder();
		const { env, year } = await given(
			{},
			{
				BACKUP_COPIES: 'nas,gone',
				BACKUP_FOLDER_NAS: nas,
				BACKUP_FOLDER_GONE: join(nas, 'not-mounted'),
			},
		);
		await seedYear(intoFolder(nas), { now: '2026-11-17T09:00:00Z', nights: 17 });
		const { stores, verdict } = await statusOf(env);
		const newest = year.manifests.at(-4)?.id;
		expect(stores).toMatchObject([
			{ name: 'primary', standing: 'good' },
			{ name: 'nas', where: nas, standing: 'bad', newestId: newest, newestAt: '2026-11-17T02:00:00.000Z', error: null },
			{ name: 'gone', where: join(nas, 'not-mounted'), standing: 'bad', missing: null, error: 'STORE_UNREACHABLE' },
		]);
		expect(stores[1]?.missing).toBe(20 - 17);
		expect(verdict.standing).toBe('warning');
		expect([verdict.sentence, ...verdict.also.map(({ sentence }) => sentence)].join()).toMatch(
			/copy nas is 3 days old.*copy gone cannot/s,
		);
	});

	it('is out of reach where it cannot be read', async () => {
		const view = await readStatus(
			{ BACKUP_NAME: 'shop', BACKUP_STORE: 'local', BACKUP_LOCAL_DIR: `/${'x'.repeat(300)}` },
			at(NOW),
		);
		expect(view).toMatchObject({ kind: 'unreachable', error: { code: expect.stringMatching(/^STORE_/) } });
	});

	it('shows a drill that failed', async () => {
		const { env, year } = await given({ nights: 60, hasFailedDrill: true });
		const { drills, verdict } = await statusOf(env);
		expect(drills[0]).toMatchObject({ isPassed: false, code: 'BACKUP_DAMAGED', recoveryMs: null });
		expect(drills[1]).toMatchObject({
			isPassed: true,
			recoveryMs: year.drills.at(-2)?.recovery.durationMs,
			pointMs: 7_200_000,
		});
		expect(verdict).toMatchObject({ standing: 'warning', runbook: { title: 'Backup found damaged' } });
	});
});

describe('what the nightly job leaves', () => {
	const envOf = ({ config }: Job) => ({
		TURSO_DATABASE_URL: `file:${join(config.localDir, '../shop.db')}`,
		CRON_SECRET: SECRETS.CRON_SECRET,
		BACKUP_NAME: 'shop',
		BACKUP_STORE: 'local',
		BACKUP_LOCAL_DIR: config.localDir,
	});
	const lastDays = ({ calendar }: StatusView, count: number) => calendar.slice(-count).map(({ standing }) => standing);

	it('is nothing before the first run', async () => {
		const job = await givenJob(NOW);
		const view = await statusOf(envOf(job));
		expect(view).toMatchObject({
			calendar: [],
			backups: [],
			tables: null,
			drills: [],
			nextRunAt: '2026-11-21T02:00:00.000Z',
		});
		expect(view.verdict).toMatchObject({ standing: 'unknown', word: 'No backup yet' });
		expect(view.freshness).toMatchObject({ summaryAt: null });
		expect(await readdir(job.folder).catch(() => [])).toEqual([]);
	});

	it('tells proven, failed, killed and missed days apart, and those that were pruned', async () => {
		const job = await givenJob('2026-11-10T02:00:00Z', { BACKUP_RETENTION: '2d' });
		const env = { ...envOf(job), BACKUP_RETENTION: '2d' };
		const night = async (day: number) => {
			job.context.set(`2026-11-${day}T02:00:00Z`);
			return job.nightly();
		};
		for (const day of [10, 11, 12]) await night(day);
		const database = join(job.folder, '../../shop.db');
		const bytes = await readFile(database);
		await rm(database);
		await expect(night(13)).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
		await writeFile(database, bytes);
		await night(15);
		await night(16);
		job.context.set('2026-11-17T02:00:00Z');
		const { store } = await openFolder(job.config.localDir, job.context);
		const nightlyUntil = job.context.nowMs + 300_000;
		await takeLease(store, { prefix: '', name: 'shop' }, { ...job.context, ttlMs: 330_000, nightlyUntil });
		const view = await statusOf(env, '2026-11-17T02:06:00.000Z');
		expect(lastDays(view, 9)).toEqual([
			'before',
			'proven',
			'proven',
			'proven',
			'failed',
			'missed',
			'proven',
			'proven',
			'failed',
		]);
		expect(view.calendar.slice(-8).map(({ isRemoved }) => isRemoved)).toEqual([
			true,
			true,
			true,
			false,
			false,
			false,
			false,
			false,
		]);
		expect(view.calendar.find(({ day }) => day === '2026-11-13')?.code).toBe('DATABASE_NOT_FOUND');
		expect(view.verdict.sentence).toBe(
			'The run of 02:00 UTC was killed: you can still recover to 02:00 UTC on 16 November.',
		);
		expect(view.backups.filter(({ isThere }) => isThere)).toHaveLength(2);
		// Without the summary nobody knows of the days that were pruned: they are not told as missed.
		await rm(join(job.folder, 'history.json'));
		expect(lastDays(await statusOf(env, '2026-11-17T02:06:00.000Z'), 9)).toEqual([
			...Array(6).fill('before'),
			'proven',
			'proven',
			'failed',
		]);
	});

	it('agrees with the health', async () => {
		const job = await givenJob('2026-11-19T02:00:00Z', { BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: 'nas' });
		const nas = join(job.config.localDir, '../nas');
		await mkdir(nas);
		const env = { ...envOf(job), BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: nas };
		await job.nightly();
		for (const now of ['2026-11-19T09:00:00Z', '2026-11-20T04:00:00Z', '2026-11-20T04:00:01Z']) {
			const view = await statusOf(env, now);
			const config = loadConfig(env, { need: ['store', 'name'] });
			const health = await checkHealth({ config, log: () => {} }, at(now));
			expect(view.stores.map(({ newestId, standing }) => [newestId, standing === 'good'])).toEqual(
				[health.backup, ...health.copies].map(({ id, status }) => [id, status === 'ok']),
			);
		}
	});
});

describe('a configuration that is not fit', () => {
	it('is told by variable, never by value', async () => {
		const env = { BACKUP_PROOF: SECRETS.CRON_SECRET, VERCEL: '1', CRON_SECRET: SECRETS.CRON_SECRET };
		const view = await readStatus(env, at(NOW));
		recordOutput('a misconfigured view', JSON.stringify(view));
		expect(view).toMatchObject({ kind: 'misconfigured', verdict: { standing: 'bad', word: 'Not set up' } });
		if (view.kind !== 'misconfigured') return;
		expect(view.problems.map(({ variable }) => variable).sort()).toEqual([
			'BACKUP_NAME',
			'BACKUP_PROOF',
			'BLOB_READ_WRITE_TOKEN',
		]);
		expect(view.configuration.find(({ variable }) => variable === 'BACKUP_PROOF')?.value).toBe('set, and not fit');
	});

	it('is one with a token that is no read-write token, too', async () => {
		const env = { BACKUP_NAME: 'shop', BLOB_READ_WRITE_TOKEN: SECRETS.TURSO_AUTH_TOKEN };
		const view = await readStatus(env, at(NOW));
		recordOutput('a misconfigured view', JSON.stringify(view));
		expect(view).toMatchObject({ kind: 'misconfigured', problems: [{ variable: 'BLOB_READ_WRITE_TOKEN' }] });
	});

	it('links the runbook all the same', async () => {
		const view = await readStatus({ STATUS_RUNBOOK_URL: 'https://wiki.example.com/r', VERCEL: '1' }, at(NOW));
		expect(view.kind === 'misconfigured' && view.verdict.runbook?.url).toBe(
			'https://wiki.example.com/r#backups-stopped',
		);
	});
});

it('a manifest of an unknown hand makes no number of the page another', async () => {
	const folder = await givenFolder();
	const { manifests } = await seedYear(intoFolder(folder), { now: NOW, nights: 3 });
	const [, second] = manifests as [Manifest, Manifest];
	await sumUp((await openFolder(folder, at(NOW))).store, { now: NOW });
	// Changed after it was summed up.
	const other = { ...second, rows: 1, proof: { ...second.proof, kind: 'read' as const } };
	await writeFile(join(folder, 'shop', `${second.id}.json`), encodeManifest(other));
	const view = await statusOf({ BACKUP_NAME: 'shop', BACKUP_STORE: 'local', BACKUP_LOCAL_DIR: folder });
	expect(view.freshness.summary).toBe('mended');
	expect(view.backups[1]).toMatchObject({ id: second.id, rows: 1, proof: 'read' });
});
