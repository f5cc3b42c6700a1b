import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DrillReport, DrillStep } from '../../lib/backup/drill-report';
import { LifeboatError } from '../../lib/core/errors';
import { newKeyPair } from '../../lib/format/age-identity';
import { backUp } from '../../lib/jobs/back-up';
import { type DrillOptions, runDrill } from '../../lib/jobs/drill';
import { pastDrills } from '../../lib/jobs/drill-past';
import { listBackups } from '../../lib/jobs/list';
import { prune } from '../../lib/jobs/prune';
import { restoreBackup } from '../../lib/jobs/restore';
import { sweep } from '../../lib/jobs/sweep';
import { startSqld } from '../support/sqld';
import { givenJob, type Job } from './fixture';

const NOW = '2026-11-20T02:00:00Z';
const HOUR_MS = 3_600_000;

/** A job with its nightly backup, and a scratch folder of its own. */
async function givenBackup(env: Record<string, string> = {}) {
	const scratch = await mkdtemp(join(tmpdir(), 'lifeboat-drill-'));
	onTestFinished(() => rm(scratch, { recursive: true, force: true }));
	const job = await givenJob(NOW, { BACKUP_SCRATCH_DIR: scratch, ...env });
	const night = await job.nightly();
	if (night.status !== 'done') throw new Error(night.status);
	return { job, id: String(night.backup.id), leftInScratch: () => readdir(scratch) };
}

function drill(job: Job, more: Partial<DrillOptions> = {}) {
	const options = { backup: 'latest', cwd: '/', trigger: 'cron', deadlineAt: null } as const;
	return runDrill({ ...options, config: job.config, ...more }, job.context);
}

const stored = (job: Job) => ({ ...job.config, store: job.config.store as NonNullable<Job['config']['store']> });
const past = (job: Job) => pastDrills(stored(job), undefined, job.context);

/** Lets time pass in one of the steps. */
const slow = (job: Job, step: DrillStep, ms: number) => ({
	onPart: (part: DrillStep) => {
		if (part === step) job.context.nowMs += ms;
	},
});

describe('a drill', () => {
	it('restores the newest backup, measures every step, and leaves nothing but its report', async () => {
		const { job, id, leftInScratch } = await givenBackup();
		const before = await job.files();
		job.context.nowMs += 2 * HOUR_MS;
		const parts: DrillStep[] = [];
		const tick = (part: DrillStep) => {
			parts.push(part);
			job.context.nowMs += 1_000;
		};
		const { report, kept, error } = await drill(job, { onPart: tick });
		expect(error).toBeNull();
		expect(parts).toEqual(['find', 'prepare', 'read', 'restore', 'compare', 'delete']);
		expect(report).toEqual({
			drill: 1,
			id: expect.stringMatching(/^drill-20261120T040000Z-[0-9a-f]{4}$/),
			at: '2026-11-20T04:00:00.000Z',
			trigger: 'cron',
			backup: {
				id,
				where: job.config.localDir,
				createdAt: '2026-11-20T02:00:00.000Z',
				rows: 2,
				plainBytes: expect.any(Number),
				isSealed: false,
				isPartial: false,
			},
			target: 'scratch',
			steps: parts.map((name) => ({ name, durationMs: 1_000 })),
			recovery: { durationMs: 5_000, limitMs: HOUR_MS },
			point: { ageMs: 2 * HOUR_MS, limitMs: 24.5 * HOUR_MS },
			notes: [],
			failure: null,
		} satisfies DrillReport);
		expect(kept).toEqual({ name: `shop/${report.id}.json`, prunedReports: 0 });
		expect(await past(job)).toEqual([report]);
		expect(await leftInScratch()).toEqual([]);
		expect(await job.files()).toEqual([...before, `${report.id}.json`]);
	});

	it('may be run beside others, and beside a backup', async () => {
		const { job } = await givenBackup();
		const all = await Promise.all([drill(job), drill(job), backUpByHand(job), drill(job)]);
		for (const one of all) if ('report' in one) expect(one.error).toBeNull();
		expect(await past(job)).toHaveLength(3);
	});

	it('of a backup by its name is not judged by the age of that', async () => {
		const { job, id } = await givenBackup();
		job.context.set('2026-12-20T02:00:00Z');
		const { report, error } = await drill(job, { backup: id });
		expect([error, report.point]).toEqual([null, { ageMs: 30 * 24 * HOUR_MS, limitMs: null }]);
	});

	it('looks in a copy where it is told to, and keeps its report in the first store', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'lifeboat-copy-'));
		onTestFinished(() => rm(folder, { recursive: true, force: true }));
		const { job, id } = await givenBackup({ BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: folder });
		for (const file of await job.files()) if (file.startsWith(id)) await rm(join(job.folder, file));
		const { report, error } = await drill(job, { from: 'nas' });
		expect([error, report.backup?.where]).toEqual([null, `nas: ${folder}`]);
		expect(await past(job)).toEqual([report]);
	});
});

const backUpByHand = ({ config, context }: Job, only: readonly string[] = []) =>
	backUp({ config, upload: false, out: null, proof: 'none', only, label: null }, context);

describe('a drill fails', () => {
	it.each([
		['the recovery takes longer than is allowed', {}, 'restore', HOUR_MS + 1, 0],
		['as it takes longer than is set', { BACKUP_RTO_MINUTES: '1' }, 'find', 60_001, 0],
		['the newest backup is older than is allowed', {}, 'delete', 0, 24.5 * HOUR_MS + 1],
		['it is older than is set', { BACKUP_RPO_MINUTES: '90' }, 'delete', 0, 1.5 * HOUR_MS + 1],
	] as const)('when %s', async (_, env, step, stepMs, ageMs) => {
		const { job } = await givenBackup(env);
		job.context.nowMs += ageMs;
		const { report, error } = await drill(job, slow(job, step, stepMs));
		expect([error?.code, error?.class]).toEqual(['RECOVERY_TARGET_MISSED', 'damaged']);
		expect(report.failure).toEqual({ code: 'RECOVERY_TARGET_MISSED', step: null });
		// It was proven all the same.
		expect(report.recovery.durationMs).toBe(stepMs);
		expect(await past(job)).toEqual([report]);
	});

	it('when the newest backup is not a whole one; of that by its name it passes', async () => {
		const { job } = await givenBackup();
		job.context.nowMs += HOUR_MS;
		const { manifest } = await backUpByHand(job, ['t']);
		const { report, error } = await drill(job);
		expect([error?.code, report.backup?.isPartial]).toEqual(['RECOVERY_TARGET_MISSED', true]);
		expect((await drill(job, { backup: manifest.id })).error).toBeNull();
	});

	it('not by what comes after the recovery, nor just within the limits', async () => {
		const { job } = await givenBackup();
		job.context.nowMs += 24.5 * HOUR_MS;
		expect((await drill(job, slow(job, 'delete', 2 * HOUR_MS))).error).toBeNull();
		job.context.set(NOW);
		expect((await drill(job, slow(job, 'compare', HOUR_MS))).error).toBeNull();
	});

	it('when the backup is damaged, and says in which step', async () => {
		const { job, id, leftInScratch } = await givenBackup();
		const path = join(job.folder, `${id}.ndjson.gz`);
		const bytes = await readFile(path);
		bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
		await writeFile(path, bytes);
		const { report, error } = await drill(job);
		expect(error?.code).toBe('BACKUP_DAMAGED');
		expect(report.failure).toEqual({ code: 'BACKUP_DAMAGED', step: 'reading the backup' });
		expect(report.recovery.durationMs).toBeNull();
		expect(report.backup).toMatchObject({ id, rows: 2 });
		expect(report.steps.map(({ name }) => name)).toEqual(['find', 'prepare', 'read', 'delete']);
		expect(await leftInScratch()).toEqual([]);
		expect(await past(job)).toEqual([report]);
	});

	it('when there is no backup', async () => {
		const job = await givenJob(NOW);
		const { report, error } = await drill(job);
		expect(error?.code).toBe('BACKUP_NOT_FOUND');
		expect(report).toMatchObject({ backup: null, recovery: { durationMs: null }, point: { ageMs: null } });
		expect(await past(job)).toEqual([report]);
	});

	it('when its time is nearly over, with its report kept and its scratch database deleted', async () => {
		const { job, leftInScratch } = await givenBackup();
		const stop = new AbortController();
		const nearly = new LifeboatError('DEADLINE_NEAR', 'the time allowed is nearly over');
		const onPart = (part: DrillStep) => part === 'restore' && stop.abort(nearly);
		const { report, error } = await drill(job, { signal: stop.signal, onPart });
		expect([error?.code, error?.hint]).toEqual(['DEADLINE_NEAR', expect.stringContaining('scripts/drill.ts')]);
		expect(report.failure?.code).toBe('DEADLINE_NEAR');
		expect(await past(job)).toEqual([report]);
		expect(await leftInScratch()).toEqual([]);
	});

	it('when there is no time left at all', async () => {
		const { job } = await givenBackup();
		const { report, error } = await drill(job, { deadlineAt: job.context.nowMs + 1_000 });
		expect(error?.code).toBe('DEADLINE_NEAR');
		expect(await past(job)).toEqual([report]);
	});

	it('when the backup is sealed to a key that is not here; with the key it passes', async () => {
		const pair = await newKeyPair(false);
		const { job } = await givenBackup({ BACKUP_AGE_RECIPIENTS: pair.recipient });
		const { report, error } = await drill(job);
		expect([error?.code, error?.hint]).toEqual(['KEY_NEEDED', expect.stringContaining('scripts/drill.ts')]);
		expect(report).toMatchObject({ backup: { isSealed: true }, failure: { code: 'KEY_NEEDED' } });
		const identity = join(job.folder, '../identity.txt');
		await writeFile(identity, pair.identity);
		expect((await drill(job, { identity })).error).toBeNull();
		// A person who forgot the key has tried nothing.
		await expect(drill(job, { trigger: 'cli' })).rejects.toMatchObject({ code: 'KEY_NEEDED' });
		expect(await past(job)).toHaveLength(2);
	});

	it('not in silence when its report cannot be kept', async () => {
		const { job, id } = await givenBackup();
		const config = { ...job.config, store: { kind: 'local', directory: join(job.folder, `${id}.json`) } } as const;
		const { report, kept, error } = await drill(job, { config, backup: join(job.folder, `${id}.ndjson.gz`) });
		expect([report.failure, kept, error?.code]).toEqual([null, { keepFailed: 'STORE_REFUSED' }, 'STORE_REFUSED']);
	});
});

describe('a drill into a database that was named', () => {
	it('leaves there what it has restored, and goes only into an empty one', async () => {
		const { job } = await givenBackup();
		const sqld = await startSqld();
		onTestFinished(() => sqld.close());
		for (const [to, target] of [
			[sqld.url, 'server'],
			[`file:${join(job.folder, '../copy.db')}`, 'file'],
		] as const) {
			const { report, error } = await drill(job, { to, trigger: 'cli' });
			expect([error, report.target, report.steps.map(({ name }) => name)]).toEqual([
				null,
				target,
				['find', 'read', 'restore', 'compare'],
			]);
			const before = await past(job);
			const again = drill(job, { to });
			await expect(again).rejects.toMatchObject({ code: 'TARGET_NOT_EMPTY' });
			// Nothing was tried.
			expect(await past(job)).toEqual(before);
		}
	});

	it('refuses the source, and one that has tables though no rows', async () => {
		const { job } = await givenBackup();
		const shop = join(job.folder, '../../shop.db');
		await expect(drill(job, { to: `file:${shop}` })).rejects.toMatchObject({ code: 'TARGET_IS_SOURCE' });
		const sqld = await startSqld();
		onTestFinished(() => sqld.close());
		const { createClient } = await import('@libsql/client');
		const client = createClient({ url: sqld.url });
		await client.execute('CREATE TABLE t(a)').finally(() => client.close());
		await expect(drill(job, { to: sqld.url })).rejects.toMatchObject({ code: 'TARGET_NOT_EMPTY' });
	});
});

describe('reports', () => {
	it('are no litter, no backups, and nothing to prune', async () => {
		const { job } = await givenBackup();
		await drill(job);
		job.context.set('2026-11-25T02:00:00Z');
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { sweptObjects: 0 } });
		const { backups } = await listBackups({ config: job.config, limit: 10 }, job.context);
		expect(backups).toHaveLength(2);
		const { found } = await sweep({ config: job.config, confirm: true }, job.context);
		// The lease lies in a folder with a clock of its own, by which days have passed.
		expect(found.filter(({ what }) => what !== 'a lease that has expired')).toEqual([]);
		const pruned = await prune({ config: job.config, confirm: true, allowLarge: true }, job.context);
		expect(pruned.plan.unreadable).toEqual([]);
		expect(await past(job)).toHaveLength(1);
	});

	it('are kept a hundred of, and one that cannot be read hides no other', async () => {
		const { job } = await givenBackup();
		const { report } = await drill(job);
		const stamp = (nth: number) => `20260101T0000${String(nth % 60).padStart(2, '0')}Z-${String(nth).padStart(4, '0')}`;
		for (let nth = 0; nth < 105; nth++) {
			const id = `drill-${stamp(nth)}`;
			await writeFile(join(job.folder, `${id}.json`), JSON.stringify({ ...report, id }));
		}
		await writeFile(join(job.folder, 'drill-20261119T000000Z-0000.json'), '{"drill":1');
		await writeFile(join(job.folder, 'drill-notes.json'), 'not ours');
		const { kept } = await drill(job);
		expect(kept).toMatchObject({ prunedReports: 8 });
		const names = (await job.files()).filter((name) => name.startsWith('drill-'));
		expect(names).toHaveLength(101);
		expect(names).toContain('drill-notes.json');
		expect(await past(job)).toHaveLength(99);
	});
});

describe('the dry run of a restore', () => {
	it('tells how long it will take, by the drills', async () => {
		const { job } = await givenBackup();
		const parts = { tables: null, skipTables: [], what: 'all' } as const;
		const options = { backup: 'latest', config: job.config, to: 'file:/tmp/none-there.db', cwd: '/' };
		const dry = (more = {}) =>
			restoreBackup(
				{ ...options, confirm: false, resume: false, parts, allowFunctions: new Set(), ...more },
				job.context,
			);
		expect((await dry()).estimate).toEqual({ unknown: 'no drill' });
		await drill(job, { ...slow(job, 'restore', 90_000), trigger: 'cli' });
		expect((await dry()).estimate).toEqual({
			durationMs: 90_000,
			drills: 1,
			newestAt: '2026-11-20T02:00:00.000Z',
			unlike: [],
		});
		expect((await dry({ parts: { ...parts, tables: ['t'] } })).estimate).toBeNull();
	});
});
