import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { takeLease } from '../../lib/backup/lease';
import { LifeboatError } from '../../lib/core/errors';
import { openFolder } from '../../lib/jobs/context';
import { hold } from '../../lib/jobs/hold';
import { listBackups } from '../../lib/jobs/list';
import { prune } from '../../lib/jobs/prune';
import { pruneAfter } from '../../lib/jobs/prune-after';
import { sweep } from '../../lib/jobs/sweep';
import { startBlobServer } from '../support/blob-server';
import { idAt, intoFolder, nightsBefore, putBackup, wholeIn } from '../support/stored-backups';
import { givenJob, type Job } from './fixture';

const PLACE = { prefix: '', name: 'shop' };
const NOW = '2026-11-20T02:00:00Z';
const put = (job: Job, days: number, options = {}) =>
	putBackup(intoFolder(job.config.localDir), PLACE, nightsBefore(days), options);
const byHand = { allowLarge: false };

/** A job whose store has nightly backups of `count` days before today. */
async function givenNights(count: number, env: Record<string, string> = {}): Promise<Job> {
	const job = await givenJob(NOW, env);
	for (let days = count; days > 0; days--) await put(job, days);
	return job;
}

describe('after a nightly run', () => {
	it('what the rules do not keep is removed', async () => {
		const job = await givenNights(12);
		// 20 to 14 November, and the Sunday before; 8 to 13 have nothing else to be kept for.
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { prunedBackups: 5, pruneRefusals: 0 } });
		const { ids, odd } = await wholeIn(job.folder);
		expect([ids.length, odd]).toEqual([8, []]);
	});

	it('of every night, as many are there as the rules keep, and all of them are whole', async () => {
		const job = await givenJob('2026-01-30T02:00:00Z', { BACKUP_PROOF: 'read', BACKUP_RETENTION: '3d 2w 2m' });
		const counts: number[] = [];
		for (let night = 0; night < 12; night++) {
			job.context.nowMs += 86_400_000;
			const result = await job.nightly();
			expect(result).toMatchObject({ status: 'done', backup: { pruneRefusals: 0 } });
			const { ids, odd } = await wholeIn(job.folder);
			expect(odd).toEqual([]);
			counts.push(ids.length);
		}
		// From Saturday, 31 January: the month, the Sunday after, and three days.
		expect(counts).toEqual([1, 2, 3, 4, 5, 5, 5, 5, 5, 4, 4, 5]);
		expect((await prune({ ...byHand, config: job.config, confirm: false }, job.context)).plan.refusal).toBeNull();
	});

	it.each([
		['more than half would go', {}, 40, 'PRUNE_TOO_LARGE'],
		['nothing is proven', { BACKUP_PROOF: 'none' }, 12, null],
	])('nothing is removed when %s, and that is told', async (_, env, count, code) => {
		const job = await givenNights(count, env);
		const result = await job.nightly();
		expect(result).toMatchObject({ status: 'done' });
		if (result.status !== 'done') return;
		// Yesterday's is proven, and a day old.
		if (code === null) expect(result.backup.prunedBackups).toBeGreaterThan(0);
		else expect([result.backup.pruneFailed, (await wholeIn(job.folder)).ids.length]).toEqual([code, count + 1]);
	});

	it('nothing is removed when proven backups have stopped', async () => {
		const job = await givenNights(20, { BACKUP_PROOF: 'none' });
		job.context.set('2026-11-21T02:00:00Z');
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { pruneFailed: 'BACKUPS_STALE' } });
		expect((await wholeIn(job.folder)).ids).toHaveLength(21);
	});

	it('nothing is removed, nor looked at, with BACKUP_RETENTION=all', async () => {
		const job = await givenNights(12, { BACKUP_RETENTION: 'all' });
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { prunedBackups: 0 } });
		expect((await wholeIn(job.folder)).ids).toHaveLength(13);
	});

	it('a prune that fails is told, and undoes nothing', async () => {
		const job = await givenNights(12);
		const lock = await lockFor(job, `${idAt(nightsBefore(11))}.ndjson.gz`);
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { pruneFailed: 'STORE_UNREACHABLE' } });
		expect((await wholeIn(job.folder)).ids).toHaveLength(13);
		await utimes(lock, 0, 0);
		expect((await job.nightly()).status).toBe('skipped');
	});

	it('a prune for which no time is left is told, too', async () => {
		const job = await givenNights(12);
		await put(job, 0);
		const { store } = await openFolder(job.config.localDir, job.context);
		const lease = await takeLease(store, PLACE, { ...job.context, ttlMs: 60_000 });
		const over = AbortSignal.abort(new LifeboatError('DEADLINE_NEAR', 'the time allowed is nearly over'));
		const { retention } = job.config;
		const pruned = await pruneAfter(store, PLACE, { retention, lease, context: job.context }, over);
		expect(pruned).toEqual({ pruneFailed: 'DEADLINE_NEAR' });
		expect((await wholeIn(job.folder)).ids).toHaveLength(13);
	});

	it('nothing is removed when the backup is not made', async () => {
		const job = await givenNights(12);
		const config = { ...job.config, database: { kind: 'file', path: join(job.folder, 'none.db') } as const };
		await expect(
			(await import('../../lib/jobs/nightly')).runNightly(
				{
					config,
					dryRun: false,
					trigger: 'cron',
					deadlineAt: job.context.nowMs + 300_000,
					log: () => {},
					redact: String,
				},
				job.context,
			),
		).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
		expect((await wholeIn(job.folder)).ids).toHaveLength(12);
	});

	it('the same on a Blob store', async () => {
		const { job, blob } = await givenBlobNights(12);
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { prunedBackups: 5, pruneRefusals: 0 } });
		expect(blob.objects.filter(({ pathname }) => pathname.endsWith('.gz'))).toHaveLength(8);
		// A manifest for each, the lease and the summary.
		expect(blob.objects).toHaveLength(18);
	});

	it('nothing is removed while this clock is days ahead of the store’s, and what it made counts for nothing after', async () => {
		const { job, blob, times } = await givenBlobNights(12);
		job.context.set('2026-12-30T02:00:00Z');
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { pruneFailed: 'CLOCK_WRONG' } });
		expect(job.events).toContainEqual({ event: 'prune.failed', error: 'CLOCK_WRONG' });
		expect(blob.objects.filter(({ pathname }) => pathname.endsWith('.gz'))).toHaveLength(13);
		const byHandToo = await prune({ ...byHand, config: job.config, confirm: true }, job.context);
		expect([byHandToo.plan.refusal?.code, byHandToo.pruned]).toEqual(['CLOCK_WRONG', null]);
		times.now = '2026-11-20T05:00:00Z';
		job.context.set(times.now);
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { prunedBackups: 5, pruneRefusals: 0 } });
		expect(blob.objects.filter(({ pathname }) => pathname.endsWith('.gz'))).toHaveLength(9);
	});

	it('nothing is removed by hand while this clock is hours behind the store’s', async () => {
		const { job, times } = await givenBlobNights(12);
		await job.nightly();
		job.context.set('2026-11-20T00:30:00Z');
		const rules = { ...job.config, retention: { daily: 5, weekly: 0, monthly: 0, yearly: 0 } };
		const options = { ...byHand, allowLarge: true, config: rules, confirm: true };
		const refused = await prune(options, job.context);
		expect([refused.plan.refusal?.code, refused.pruned]).toEqual(['CLOCK_WRONG', null]);
		expect(refused.plan.verdicts.flatMap(({ reasons }) => reasons.map(({ rule }) => rule))).toContain('clock-wrong');
		job.context.set(times.now);
		expect((await prune(options, job.context)).pruned?.removed).toHaveLength(3);
	});
});

/** A job whose Blob store, with a clock of its own, has nightly backups of `count` days before today. */
async function givenBlobNights(count: number) {
	const times = { now: NOW };
	const blob = await startBlobServer({ now: () => new Date(times.now) });
	await blob.connect();
	onTestFinished(() => blob.close());
	const job = await givenJob(NOW, { BLOB_READ_WRITE_TOKEN: blob.token, BACKUP_STORE: 'vercel-blob' });
	const place = { prefix: 'backups', name: 'shop' };
	for (let days = count; days > 0; days--)
		await putBackup((name, bytes) => blob.place(name, bytes), place, nightsBefore(days));
	return { job, blob, times };
}

/** A lock on an object that is held for ever: by the job's clock and by the system's. */
async function lockFor(job: Job, name: string): Promise<string> {
	const { createHash } = await import('node:crypto');
	const lock = join(job.folder, `.lock~${createHash('sha256').update(name).digest('hex').slice(0, 32)}`);
	await writeFile(lock, '');
	const ahead = Math.max(job.context.nowMs, Date.now()) / 1000 + 3600;
	await utimes(lock, ahead, ahead);
	return lock;
}

describe('one at a time', () => {
	it('a prune and a hold by hand are refused while a run is at work, and a look at the plan is not', async () => {
		const job = await givenNights(12);
		await put(job, 0);
		const { store } = await openFolder(job.config.localDir, job.context);
		const lease = await takeLease(store, PLACE, { ...job.context, ttlMs: 60_000 });
		const options = { ...byHand, config: job.config };
		await expect(prune({ ...options, confirm: true }, job.context)).rejects.toMatchObject({ code: 'LEASE_HELD' });
		const holding = hold({ config: job.config, backup: 'latest', reason: 'x' }, job.context);
		await expect(holding).rejects.toMatchObject({ code: 'LEASE_HELD' });
		expect((await prune({ ...options, confirm: false }, job.context)).pruned).toBeNull();
		await lease.release();
		expect((await prune({ ...options, confirm: true }, job.context)).pruned?.removed).toHaveLength(5);
	});

	it('of two prunes at once one is refused, or finds nothing left', async () => {
		const job = await givenNights(12);
		await put(job, 0);
		const options = { ...byHand, config: job.config, confirm: true };
		const runs = await Promise.allSettled([prune(options, job.context), prune(options, job.context)]);
		const removed = runs.flatMap((run) => (run.status === 'fulfilled' ? (run.value.pruned?.removed ?? []) : []));
		expect(removed).toHaveLength(5);
		for (const run of runs) if (run.status === 'rejected') expect(run.reason).toMatchObject({ code: 'LEASE_HELD' });
	});

	it('a backup that is being read is read to its end', async () => {
		const job = await givenNights(12);
		await put(job, 0);
		const { store } = await openFolder(job.config.localDir, job.context);
		const open = await store.get(`shop/${idAt(nightsBefore(12))}.ndjson.gz`, {});
		await prune({ ...byHand, config: job.config, confirm: true }, job.context);
		const chunks: Uint8Array[] = [];
		for await (const chunk of open?.body ?? []) chunks.push(chunk);
		expect(Buffer.concat(chunks).toString()).toBe('abc');
	});
});

describe('the list', () => {
	it('marks what is held, and what has lost its data', async () => {
		const job = await givenNights(2);
		const id = idAt(nightsBefore(1));
		await hold({ config: job.config, backup: id, reason: 'a case' }, job.context);
		const { rm } = await import('node:fs/promises');
		await rm(join(job.folder, `${idAt(nightsBefore(2))}.ndjson.gz`));
		const { backups } = await listBackups({ config: job.config, limit: 9 }, job.context);
		expect(backups).toMatchObject([
			{ id, hold: { reason: 'a case', at: new Date(NOW).toISOString() }, hasData: true },
			{ hold: null, hasData: false },
		]);
	});
});

describe('sweeping', () => {
	it('shows litter, and removes it when told to: data, holds, a stale lease, temporary files', async () => {
		const job = await givenJob(new Date().toISOString());
		const now = job.context.nowMs;
		await put(job, 0);
		const old = idAt('2026-01-01T02:00:00Z');
		const litter = [`${old}.hold.json`, `${old}.ndjson.gz`, 'lease.json', '.tmp~0123456789abcdef', '.lock~00'];
		const lease = { holder: 'x', acquiredAt: NOW, expiresAt: '2026-01-01T00:00:00.000Z' };
		const place = async (name: string, text: string, ageHours: number) => {
			await writeFile(join(job.folder, name), text);
			const at = (now - ageHours * 3_600_000) / 1000;
			await utimes(join(job.folder, name), at, at);
		};
		for (const name of litter) await place(name, name === 'lease.json' ? JSON.stringify(lease) : 'litter', 25);
		await place('.tmp~young', 'x', 23);
		await place(`${idAt('2026-01-02T02:00:00Z')}.ndjson.gz`, 'young', 23);
		const before = await job.files();
		const looked = await sweep({ config: job.config, confirm: false }, job.context);
		expect(looked.found.map(({ what }) => what).sort()).toEqual([
			'a hold without a backup',
			'a lease that has expired',
			'a temporary file',
			'a temporary file',
			'data without a manifest',
		]);
		expect(await job.files()).toEqual(before);
		const swept = await sweep({ config: job.config, confirm: true }, job.context);
		expect([swept.isSwept, swept.found.length]).toEqual([true, 5]);
		const { readdir } = await import('node:fs/promises');
		const left = await readdir(job.folder);
		for (const name of litter) expect(left).not.toContain(name);
		expect(left).toHaveLength(before.length - 4);
		expect((await sweep({ config: job.config, confirm: true }, job.context)).found).toEqual([]);
		// The next run makes a lease of its own.
		expect((await job.nightly()).status).toBe('done');
		expect(JSON.parse(await readFile(join(job.folder, 'lease.json'), 'utf8')).holder).not.toBe('x');
	});

	it('leaves alone a lease in force, however old it looks, and is refused by it', async () => {
		const job = await givenJob(new Date().toISOString());
		await put(job, 0);
		const expiresAt = new Date(job.context.nowMs + 3_600_000).toISOString();
		await writeFile(join(job.folder, 'lease.json'), JSON.stringify({ holder: 'x', acquiredAt: NOW, expiresAt }));
		const litter = join(job.folder, `${idAt('2026-01-01T02:00:00Z')}.ndjson.gz`);
		await writeFile(litter, 'litter');
		for (const path of [litter, join(job.folder, 'lease.json')]) await utimes(path, 0, 0);
		const looked = await sweep({ config: job.config, confirm: false }, job.context);
		expect(looked.found.map(({ what }) => what)).toEqual(['data without a manifest']);
		await expect(sweep({ config: job.config, confirm: true }, job.context)).rejects.toMatchObject({
			code: 'LEASE_HELD',
		});
	});
});
