import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeLease } from '../../lib/backup/lease';
import type { ConfigWith } from '../../lib/config/config';
import { backUp } from '../../lib/jobs/back-up';
import { openFolder } from '../../lib/jobs/context';
import { runDrill } from '../../lib/jobs/drill';
import { checkHealth } from '../../lib/jobs/health';
import { freePort } from '../support/free-port';
import { givenListener } from '../support/listener';
import { givenJob, type Job } from './fixture';

const HOUR_MS = 3_600_000;
const START = '2026-11-01T02:00:00Z';

const healthOf = ({ config, context, events }: Job) =>
	checkHealth({ config: config as ConfigWith<'store' | 'name'>, log: (event) => void events.push(event) }, context);

/** What a nightly run that is killed at once leaves behind: its lease. */
async function killedRun({ config, context }: Job): Promise<void> {
	const { store } = await openFolder(config.localDir, context);
	await takeLease(
		store,
		{ prefix: '', name: 'shop' },
		{ ...context, ttlMs: 330_000, nightlyUntil: context.nowMs + 300_000 },
	);
}

describe('the newest proven backup', () => {
	it('may be as old as the limit', async () => {
		const job = await givenJob(START);
		expect(await healthOf(job)).toMatchObject({
			status: 'failing',
			backup: { id: null, ageSeconds: null },
			drill: null,
		});
		const done = await job.nightly();
		const id = 'backup' in done && done.backup.id;
		expect(await healthOf(job)).toEqual({
			status: 'ok',
			at: '2026-11-01T02:00:00.000Z',
			backup: { status: 'ok', id, ageSeconds: 0, limitSeconds: 26 * 3600, error: null },
			drill: null,
			copies: [],
			killedRun: null,
			alerts: {},
			summary: expect.objectContaining({ id, rows: 2, proof: 'restored' }),
		});
		job.context.nowMs += 26 * HOUR_MS;
		expect(await healthOf(job)).toMatchObject({ status: 'ok', backup: { ageSeconds: 26 * 3600 } });
		job.context.nowMs += 1000;
		expect(await healthOf(job)).toMatchObject({ status: 'failing', backup: { status: 'failing', ageSeconds: 93_601 } });
	});

	it('is not one without a proof, with some tables only, of the future, damaged, or gone', async () => {
		const job = await givenJob(START, { BACKUP_MAX_AGE_HOURS: '2' });
		const { context, config, folder } = job;
		const byHand = { config, upload: false, out: null, only: [], label: null } as const;
		const { manifest } = await backUp({ ...byHand, proof: 'restore' }, context);
		const isStill = async () => expect((await healthOf(job)).backup).toMatchObject({ id: manifest.id, status: 'ok' });
		context.nowMs += HOUR_MS;
		await backUp({ ...byHand, proof: 'none' }, context);
		await isStill();
		await backUp({ ...byHand, proof: 'restore', only: ['t'] }, context);
		await isStill();
		const good = (await backUp({ ...byHand, proof: 'restore' }, context)).manifest.id;
		expect((await healthOf(job)).backup.id).toBe(good);
		await rm(join(folder, `${good}.ndjson.gz`));
		await isStill();
		await writeFile(join(folder, `${good}.ndjson.gz`), '');
		await writeFile(join(folder, `${good}.json`), '{}');
		await isStill();
		context.nowMs += 3 * HOUR_MS;
		await backUp({ ...byHand, proof: 'restore' }, context);
		context.nowMs -= 3 * HOUR_MS;
		await isStill();
	});

	it('is not known where the store cannot be asked', async () => {
		// No folder has so long a name.
		const job = await givenJob(START, { BACKUP_LOCAL_DIR: 'x'.repeat(300) });
		const health = await healthOf(job);
		expect(health).toMatchObject({ status: 'failing', backup: { id: null, error: expect.stringMatching(/^STORE_/) } });
	});
});

describe('a drill', () => {
	it('is asked for once there is one, must have passed, and may be 35 days old', async () => {
		const job = await givenJob(START, { BACKUP_MAX_AGE_HOURS: '100000' });
		await job.nightly();
		expect(await healthOf(job)).toMatchObject({ status: 'ok', drill: null });
		const { config, context } = job;
		const drill = { config, backup: 'latest', cwd: job.folder, trigger: 'cron', deadlineAt: null } as const;
		const { report } = await runDrill(drill, context);
		const good = { status: 'ok', id: report.id, ageSeconds: 0, limitSeconds: 35 * 86_400, error: null };
		expect(await healthOf(job)).toMatchObject({ status: 'ok', drill: good });
		context.nowMs += 35 * 24 * HOUR_MS + 1000;
		expect(await healthOf(job)).toMatchObject({ status: 'failing', drill: { status: 'failing', error: null } });
		await runDrill(drill, context);
		expect(await healthOf(job)).toMatchObject({ status: 'failing', drill: { error: 'RECOVERY_TARGET_MISSED' } });
	});

	it('may be as old as is configured', async () => {
		const job = await givenJob(START, { BACKUP_MAX_AGE_HOURS: '100000', BACKUP_DRILL_MAX_AGE_DAYS: '2' });
		await job.nightly();
		const { config, context } = job;
		await runDrill({ config, backup: 'latest', cwd: job.folder, trigger: 'cron', deadlineAt: null }, context);
		context.nowMs += 48 * HOUR_MS;
		expect(await healthOf(job)).toMatchObject({ status: 'ok', drill: { limitSeconds: 2 * 86_400 } });
		context.nowMs += 1000;
		expect(await healthOf(job)).toMatchObject({ status: 'failing', drill: { status: 'failing' } });
	});
});

describe('a copy', () => {
	it('is as old as its newest backup, whatever the first store has', async () => {
		const job = await givenJob(START, {
			BACKUP_COPIES: 'nas',
			BACKUP_FOLDER_NAS: 'nas',
			BACKUP_COPY_MAX_AGE_HOURS: '48',
		});
		const nas = join(job.folder, '../../nas');
		await mkdir(nas);
		await job.nightly();
		expect(await healthOf(job)).toMatchObject({ status: 'ok', copies: [{ name: 'nas', status: 'ok', ageSeconds: 0 }] });
		for (const file of await readdir(join(nas, 'shop')))
			if (file.endsWith('.json') && file.startsWith('backup-')) await rm(join(nas, 'shop', file));
		const without = {
			name: 'nas',
			status: 'failing',
			id: null,
			ageSeconds: null,
			limitSeconds: 48 * 3600,
			error: null,
		};
		expect(await healthOf(job)).toMatchObject({ status: 'failing', backup: { status: 'ok' }, copies: [without] });
	});

	it('that cannot be asked is failing', async () => {
		const job = await givenJob(START, {
			BACKUP_COPIES: 'offsite',
			BACKUP_S3_OFFSITE_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
			BACKUP_S3_OFFSITE_BUCKET: 'bucket',
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: 'key',
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: 'secret',
		});
		const copy = { name: 'offsite', status: 'failing', id: null, error: 'STORE_UNREACHABLE' };
		expect((await healthOf(job)).copies).toMatchObject([copy]);
	});
});

describe('a run that was killed', () => {
	const given = async () => {
		const listener = await givenListener();
		const job = await givenJob(START, { BACKUP_ALERT_SLACK_URL: `${listener.url}/slack` });
		const told = () => listener.heard.map(({ body }) => JSON.parse(body).text.split('\n')[0]);
		return { listener, job, told };
	};
	const KILLED = '*Lifeboat, shop: the backup run was killed*';
	const RECOVERED = '*Lifeboat, shop: it works again*';

	it('is noticed within five minutes, told once, and its end too', async () => {
		const { job, told } = await given();
		await job.nightly();
		job.context.set('2026-11-02T02:00:00Z');
		await killedRun(job);
		job.context.set('2026-11-02T02:04:59.999Z');
		expect(await healthOf(job)).toMatchObject({ status: 'ok', killedRun: null });
		job.context.set('2026-11-02T02:05:00Z');
		const seen = { since: '2026-11-02T02:00:00.000Z', until: '2026-11-02T02:05:00.000Z' };
		expect(await healthOf(job)).toMatchObject({
			status: 'failing',
			killedRun: seen,
			alerts: { slack: { error: null } },
		});
		expect(await healthOf(job)).toMatchObject({ status: 'failing', killedRun: seen });
		expect(told()).toEqual([KILLED]);
		job.context.nowMs += 48 * HOUR_MS;
		await healthOf(job);
		expect(told()).toEqual([KILLED]);
		await job.nightly();
		expect(told()).toEqual([KILLED, RECOVERED]);
		expect(await healthOf(job)).toMatchObject({ status: 'ok', killedRun: null });
	});

	it('is told once by many who look at once', async () => {
		const { job, told } = await given();
		await killedRun(job);
		job.context.nowMs += HOUR_MS;
		const all = await Promise.all(Array.from({ length: 5 }, () => healthOf(job)));
		for (const health of all) expect(health.killedRun).not.toBeNull();
		expect(told()).toEqual([KILLED]);
	});

	it('is not one that made its backup before, or one by hand', async () => {
		const { job, told } = await given();
		await job.nightly();
		job.context.nowMs += HOUR_MS;
		await killedRun(job);
		job.context.nowMs += HOUR_MS;
		expect(await healthOf(job)).toMatchObject({ status: 'ok', killedRun: null });
		const { store } = await openFolder(job.config.localDir, job.context);
		await takeLease(store, { prefix: '', name: 'shop' }, { ...job.context, ttlMs: 1000 });
		job.context.nowMs += HOUR_MS;
		expect(await healthOf(job)).toMatchObject({ status: 'ok', killedRun: null });
		expect(told()).toEqual([]);
	});

	it('and backups that have stopped are told once, if nobody has told it', async () => {
		const { job, told } = await given();
		await job.nightly();
		job.context.nowMs += 27 * HOUR_MS;
		for (let times = 0; times < 3; times++) await healthOf(job);
		expect(told()).toEqual(['*Lifeboat, shop: the newest backup is too old*']);
		await job.nightly();
		expect(told()[1]).toBe(RECOVERED);
		await rm(join(job.folder, '../../shop.db'));
		job.context.nowMs += 27 * HOUR_MS;
		await job.nightly().catch(() => {});
		for (let times = 0; times < 3; times++) expect((await healthOf(job)).status).toBe('failing');
		expect(told().slice(2)).toEqual(['*Lifeboat, shop: the backup failed (DATABASE_NOT_FOUND)*']);
	});

	it('is not told where it cannot be remembered', async () => {
		const { job, told } = await given();
		await killedRun(job);
		await mkdir(join(job.folder, 'alerts.json'));
		job.context.nowMs += HOUR_MS;
		expect(await healthOf(job)).toMatchObject({ status: 'failing' });
		expect(told()).toEqual([]);
		expect(job.events).toContainEqual(expect.objectContaining({ event: 'alert.not-kept' }));
	});
});
