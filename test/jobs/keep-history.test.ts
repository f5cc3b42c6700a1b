import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeHistory, encodeHistory, factsOfManifest, type History } from '../../lib/backup/history';
import { decodeManifest } from '../../lib/backup/manifest';
import { backUp } from '../../lib/jobs/back-up';
import { openFolder } from '../../lib/jobs/context';
import { givenJob, type Job } from './fixture';

const SUMMARY = 'history.json';
const DAY_MS = 86_400_000;

async function summaryOf(job: Job): Promise<History> {
	const history = decodeHistory(await readFile(join(job.folder, SUMMARY)));
	if (history === null) throw new Error('there is no summary');
	return history;
}

/** What the manifests say that are there, oldest first. */
async function manifestFacts(job: Job) {
	const names = (await readdir(job.folder)).filter((name) => /^backup-.*[0-9a-f]{4}\.json$/.test(name)).sort();
	return Promise.all(
		names.map(async (name) => factsOfManifest(decodeManifest(Buffer.from(await job.read(name)), name))),
	);
}

const facts = ({ entries }: History) => entries.map(({ check: _, ...entry }) => entry);

async function night(job: Job): Promise<void> {
	expect((await job.nightly()).status).toBe('done');
	job.context.nowMs += DAY_MS;
}

/** Makes the database one that is not there, and gives back what brings it back. */
async function withoutDatabase({ folder }: Job): Promise<() => Promise<void>> {
	const path = join(folder, '../../shop.db');
	const bytes = await readFile(path);
	await rm(path);
	return () => writeFile(path, bytes);
}

describe('the nightly run keeps the summary', () => {
	it('equal to the manifests, and remembers what was pruned', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z', { BACKUP_RETENTION: '3d' });
		const made: string[] = [];
		for (let nights = 0; nights < 6; nights++) {
			await night(job);
			const there = await manifestFacts(job);
			made.push(there.at(-1)?.id as string);
			const summary = await summaryOf(job);
			expect(summary.entries.map(({ id }) => id)).toEqual(made);
			expect(facts(summary).slice(-there.length)).toEqual(there);
		}
		expect(await manifestFacts(job)).toHaveLength(3);
		expect(await summaryOf(job)).toMatchObject({ at: '2026-11-06T02:00:00.000Z', since: '2026-11-01', failures: [] });
		expect(job.events.filter(({ event }) => event === 'history.failed')).toEqual([]);
	});

	it('takes in backups by hand, and where nothing is pruned what it lacks', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z', { BACKUP_RETENTION: 'all' });
		await night(job);
		await backUp(
			{ config: job.config, upload: false, out: null, proof: 'none', only: ['t'], label: 'by hand' },
			job.context,
		);
		job.context.nowMs += 3_600_000;
		await night(job);
		expect(facts(await summaryOf(job))).toEqual(await manifestFacts(job));
		await rm(join(job.folder, SUMMARY));
		await night(job);
		expect((await summaryOf(job)).entries).toHaveLength(4);
	});

	it('by the manifests, whatever lies there', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z');
		await night(job);
		for (const harm of ['nonsense', Buffer.alloc(1_500_000, 0x5b)]) {
			await writeFile(join(job.folder, SUMMARY), harm);
			await night(job);
			expect(facts(await summaryOf(job))).toEqual(await manifestFacts(job));
		}
		const lie = await summaryOf(job);
		const entries = lie.entries.map((entry) => ({ ...entry, rows: 10_000, proof: 'none' as const }));
		await writeFile(join(job.folder, SUMMARY), encodeHistory({ ...lie, entries }));
		await night(job);
		expect(facts(await summaryOf(job))).toEqual(await manifestFacts(job));
	});

	it('once more when somebody else has written it meanwhile', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z');
		await night(job);
		const name = join(job.folder, SUMMARY);
		// Between its reading and its writing there is no event of the log; the clock is looked at there.
		const now = job.context.clock.now;
		let isArmed = false;
		job.onEvent = ({ event }) => {
			isArmed ||= event === 'backup.tended';
		};
		let strikes = 0;
		Object.assign(job.context.clock, {
			now: () => {
				if (isArmed && strikes++ === 0) {
					writeFileSync(name, Buffer.concat([readFileSync(name), Buffer.from(' ')]));
				}
				return now();
			},
		});
		await night(job);
		expect(strikes).toBeGreaterThan(1);
		expect(facts(await summaryOf(job))).toEqual(await manifestFacts(job));
	});

	it('and is a backup all the same when that fails', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z', { BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: 'nas' });
		await mkdir(join(job.folder, '../../nas'));
		// What is no file can neither be read nor written over.
		await mkdir(join(job.folder, SUMMARY), { recursive: true });
		const result = await job.nightly();
		expect(result).toMatchObject({ status: 'done', copies: [{ name: 'nas', status: 'done', missing: 0 }] });
		expect(await job.files()).toHaveLength(2);
		expect(job.events.filter(({ event }) => event === 'history.failed')).toHaveLength(1);
	});
});

describe('a run that failed', () => {
	it('is noted by its day and code, and the summary stays as it was', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z');
		await night(job);
		const before = await summaryOf(job);
		const mend = await withoutDatabase(job);
		for (let nights = 0; nights < 2; nights++) {
			await expect(job.nightly()).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
			job.context.nowMs += DAY_MS;
		}
		const failures = ['02', '03'].map((day) => ({
			day: `2026-11-${day}`,
			at: `2026-11-${day}T02:00:00.000Z`,
			code: 'DATABASE_NOT_FOUND',
		}));
		expect(await summaryOf(job)).toEqual({ ...before, failures });
		await mend();
		await night(job);
		expect(await summaryOf(job)).toMatchObject({ failures, since: '2026-11-01', entries: { length: 2 } });
	});

	it('is noted where there is no summary yet, and that is none still', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z');
		await withoutDatabase(job);
		await expect(job.nightly()).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
		expect(await summaryOf(job)).toMatchObject({
			at: null,
			since: null,
			entries: [],
			failures: [{ day: '2026-11-01' }],
		});
	});

	it('is not one that found another at work', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z');
		const { takeLease } = await import('../../lib/backup/lease');
		const { store } = await openFolder(job.config.localDir, job.context);
		await takeLease(store, { prefix: '', name: 'shop' }, { ...job.context, ttlMs: 330_000 });
		await expect(job.nightly()).rejects.toMatchObject({ code: 'LEASE_HELD' });
		expect(await readdir(job.folder)).toEqual(['lease.json']);
	});

	it('does not bring back a folder that was moved away meanwhile', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z');
		job.onEvent = ({ event, part }) => {
			if (event === 'backup.part' && part === 'dumping') rmSync(job.config.localDir, { recursive: true });
		};
		await expect(job.nightly()).rejects.toThrow();
		await expect(readFile(join(job.folder, SUMMARY))).rejects.toMatchObject({ code: 'ENOENT' });
	});

	it('fails as ever when it cannot be noted', async () => {
		const job = await givenJob('2026-11-01T02:00:00Z');
		await withoutDatabase(job);
		await mkdir(join(job.folder, SUMMARY), { recursive: true });
		await expect(job.nightly()).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
		expect(job.events.map(({ event }) => event)).toContain('history.failed');
	});
});
