import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newBackupId } from '../../lib/backup/backup-id';
import { backUp } from '../../lib/jobs/back-up';
import { besideOf } from '../../lib/jobs/beside';
import { openFolder } from '../../lib/jobs/context';
import { makeBackup } from '../../lib/jobs/make-backup';
import { FakeContext, givenJob, type Job } from './fixture';

const byHand = ({ config, context }: Job, label: string | null = null) =>
	backUp({ config, upload: false, out: null, proof: 'none', only: [], label }, context);

const leaseOf = async (job: Job) => JSON.parse(await job.read('lease.json'));

describe('one backup a day', () => {
	it.each([
		['2026-11-20T00:00:00.000Z', '2026-11-20T23:59:59.999Z', 'skipped'],
		['2026-11-20T23:59:59.999Z', '2026-11-21T00:00:00.000Z', 'done'],
		['2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z', 'done'],
		['2028-02-29T02:00:00Z', '2028-02-29T02:00:01Z', 'skipped'],
		['2028-02-29T02:00:00Z', '2028-03-01T02:00:00Z', 'done'],
	])('by the day in UTC: of %s and %s the second is %s', async (first, second, status) => {
		const job = await givenJob(first);
		expect((await job.nightly()).status).toBe('done');
		job.context.set(second);
		const result = await job.nightly();
		expect(result.status).toBe(status);
		expect(await job.files()).toHaveLength(status === 'done' ? 4 : 2);
		if (result.status === 'skipped') expect(result.reason).toContain(first.slice(0, 10));
	});

	it('is the one of the day on which the run began, even if it ends on the next', async () => {
		const job = await givenJob('2026-11-20T23:59:59.800Z');
		const begun = job.context.clock.now;
		// Every look at the clock takes 50 ms.
		Object.assign(job.context.clock, {
			now: () => {
				job.context.nowMs += 50;
				return begun();
			},
		});
		const result = await job.nightly();
		expect(result).toMatchObject({ status: 'done', backup: { day: '2026-11-20' } });
		expect(job.context.nowMs).toBeGreaterThan(Date.parse('2026-11-21T00:00:00Z'));
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { day: '2026-11-21' } });
	});

	it('is not one whose manifest cannot be read', async () => {
		const job = await givenJob();
		const first = await job.nightly();
		if (first.status !== 'done') throw new Error(first.status);
		await writeFile(join(job.folder, `${first.backup.id}.json`), '{"format":1');
		expect((await job.nightly()).status).toBe('done');
		expect((await job.nightly()).status).toBe('skipped');
	});

	it('is not the one made by hand, nor hindered by it', async () => {
		const job = await givenJob();
		const { manifest } = await byHand(job, 'before the move');
		expect(manifest.trigger).toEqual({ kind: 'cli', day: null });
		expect((await job.nightly()).status).toBe('done');
		await byHand(job);
		expect((await job.nightly()).status).toBe('skipped');
		expect(await job.files()).toHaveLength(6);
	});
});

describe('the lease', () => {
	it('is given up after a success and after a failure', async () => {
		const job = await givenJob();
		await job.nightly();
		const first = await leaseOf(job);
		// Whatever the clock of the next run says.
		expect(first.expiresAt).toBe(new Date(0).toISOString());
		job.context.set('2026-11-21T02:00:00Z');
		await rm(join(job.folder, '../../shop.db'));
		await expect(job.nightly()).rejects.toMatchObject({
			code: 'DATABASE_NOT_FOUND',
			data: { step: 'opening the database' },
		});
		const second = await leaseOf(job);
		expect(second.holder).not.toBe(first.holder);
		expect(second.expiresAt).toBe(new Date(0).toISOString());
		expect(await job.files()).toHaveLength(2);
	});

	it('outlives the deadline, and is refused until it has expired', async () => {
		const job = await givenJob();
		const open = await openFolder(job.config.localDir, job.context);
		const { takeLease } = await import('../../lib/backup/lease');
		await takeLease(open.store, { prefix: '', name: 'shop' }, { ...job.context, ttlMs: 330_000 });
		const refused = { code: 'LEASE_HELD', data: { expiresAt: '2026-11-20T02:05:30.000Z' } };
		await expect(job.nightly()).rejects.toMatchObject(refused);
		await expect(byHand(job)).rejects.toMatchObject(refused);
		job.context.set('2026-11-20T02:05:29.999Z');
		await expect(job.nightly()).rejects.toMatchObject(refused);
		job.context.set('2026-11-20T02:05:30.000Z');
		expect((await job.nightly()).status).toBe('done');
	});

	it('is taken over by one of many at once', async () => {
		const job = await givenJob();
		await mkdir(job.folder, { recursive: true });
		const past = '2026-11-20T01:00:00.000Z';
		await writeFile(join(job.folder, 'lease.json'), JSON.stringify({ holder: 'x', acquiredAt: past, expiresAt: past }));
		const results = await Promise.allSettled(Array.from({ length: 5 }, () => job.nightly()));
		expect(results.filter((it) => it.status === 'fulfilled' && it.value.status === 'done')).toHaveLength(1);
		for (const it of results) if (it.status === 'rejected') expect(it.reason).toMatchObject({ code: 'LEASE_HELD' });
		expect(await job.files()).toHaveLength(2);
	});
});

describe('litter', () => {
	const OLD = 'backup-20261101T020000Z-0000.ndjson.gz';

	async function given(job: Job, name: string, ageMs: number): Promise<void> {
		await mkdir(job.folder, { recursive: true });
		await writeFile(join(job.folder, name), 'litter');
		const at = (job.context.nowMs - ageMs) / 1000;
		await utimes(join(job.folder, name), at, at);
	}

	it.each([
		[24 * 3_600_000, 1],
		[24 * 3_600_000 - 1_000, 0],
	])('of an age of %i ms: %i swept', async (ageMs, sweptObjects) => {
		const job = await givenJob();
		await given(job, OLD, ageMs);
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { sweptObjects } });
		expect((await job.files()).includes(OLD)).toBe(sweptObjects === 0);
	});

	it('that cannot be swept is told, and undoes nothing', async () => {
		const job = await givenJob();
		await given(job, OLD, 25 * 3_600_000);
		// A lock that is held for ever: the deletion gives up. It is fresh by the job's clock and by the system's.
		const { createHash } = await import('node:crypto');
		const digest = createHash('sha256').update(OLD).digest('hex').slice(0, 32);
		const lock = join(job.folder, `.lock~${digest}`);
		await writeFile(lock, '');
		const ahead = Math.max(job.context.nowMs, Date.now()) / 1000 + 3600;
		await utimes(lock, ahead, ahead);
		const result = await job.nightly();
		expect(result).toMatchObject({ status: 'done', backup: { sweepFailed: 'STORE_UNREACHABLE' } });
		expect(await job.files()).toContain(OLD);
		expect((await job.nightly()).status).toBe('skipped');
	});
});

describe('what is there already', () => {
	it('is never deleted nor overwritten: not data, not a manifest', async () => {
		const job = await givenJob();
		await mkdir(job.folder, { recursive: true });
		// The same chances, as they come to the job: the lease's holder takes the first.
		const twin = new FakeContext('2026-11-20T02:00:00Z');
		twin.random();
		const id = newBackupId(twin.clock.now(), twin.random);
		await writeFile(join(job.folder, `${id}.ndjson.gz`), 'not ours');
		await expect(job.nightly()).rejects.toMatchObject({ code: 'STORE_EXISTS', data: { step: 'storing' } });
		expect(await job.read(`${id}.ndjson.gz`)).toBe('not ours');
		expect(await job.files()).toEqual([`${id}.ndjson.gz`]);
		// The next try has another id.
		expect((await job.nightly()).status).toBe('done');
		expect(await job.read(`${id}.ndjson.gz`)).toBe('not ours');
	});

	it('is not joined by data whose manifest has no place', async () => {
		const job = await givenJob();
		const open = await openFolder(job.config.localDir, job.context);
		await mkdir(job.config.localDir, { recursive: true });
		await writeFile(join(job.config.localDir, 'x.json'), 'not ours');
		const { withDatabase } = await import('../../lib/jobs/context');
		const made = withDatabase(job.config.database, {}, (database) =>
			makeBackup({
				database,
				store: open.store,
				namesOf: () => ({ data: 'x.ndjson.gz', manifest: 'x.json', media: 'x.media.ndjson.gz' }),
				trigger: { kind: 'cli', day: null },
				label: null,
				only: null,
				recipients: [],
				proof: 'none',
				beside: besideOf(job.config),
				scratchDir: job.config.scratchDir,
				context: job.context,
				lease: null,
			}),
		);
		await expect(made).rejects.toMatchObject({ code: 'STORE_EXISTS', data: { step: 'writing the manifest' } });
		expect(await job.read('../x.json')).toBe('not ours');
		await expect(job.read('../x.ndjson.gz')).rejects.toMatchObject({ code: 'ENOENT' });
	});
});
