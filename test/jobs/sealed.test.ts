import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { namesAt } from '../../lib/backup/backup-id';
import { newKeyPair } from '../../lib/format/age-identity';
import { besideOf } from '../../lib/jobs/beside';
import { openStore, placeOf, systemContext, withDatabase } from '../../lib/jobs/context';
import { makeBackup } from '../../lib/jobs/make-backup';
import { verify } from '../../lib/jobs/verify';
import { canMount, openSmallFolder } from '../support/small-folder';
import { givenJob, type Job } from './fixture';

async function givenSealedJob(env: Record<string, string> = {}) {
	const pair = await newKeyPair(false);
	const job = await givenJob('2026-11-20T02:00:00Z', { BACKUP_AGE_RECIPIENTS: pair.recipient, ...env });
	return { job, pair };
}

async function manifestOf(job: Job) {
	const [name] = (await job.files()).filter((file) => file.startsWith('backup-') && file.endsWith('.json'));
	return JSON.parse(await job.read(name as string));
}

describe('the nightly backup, sealed', () => {
	it('is proven before it is sealed, and opened by its key alone', async () => {
		const { job, pair } = await givenSealedJob();
		const result = await job.nightly();
		expect(result).toMatchObject({
			status: 'done',
			backup: { proof: 'restored', proofOf: 'stream', recipients: [pair.recipient] },
		});
		const manifest = await manifestOf(job);
		expect(manifest.object.name).toMatch(/\.ndjson\.gz\.age$/);
		const options = { backup: 'latest', config: job.config, cwd: '/', drill: false };
		await expect(verify(options)).rejects.toMatchObject({ code: 'KEY_NEEDED' });
		const identity = join(job.folder, '../identity.txt');
		await writeFile(identity, pair.identity);
		expect(await verify({ ...options, identity, drill: true })).toMatchObject({ drill: { notes: [] } });
		// The day's backup is found again, and litter is not made of it.
		expect((await job.nightly()).status).toBe('skipped');
		job.context.set('2026-11-22T02:00:00Z');
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { sweptObjects: 0 } });
	});

	it.each(['read', 'none'])('is proven as far as %s goes', async (wanted) => {
		const { job } = await givenSealedJob({ BACKUP_PROOF: wanted });
		expect(await job.nightly()).toMatchObject({ status: 'done', backup: { proof: wanted } });
	});

	it('is not one when what lies in the store is not what was sealed', async () => {
		const { job } = await givenSealedJob();
		const open = await openStore(
			{ ...job.config, store: { kind: 'local', directory: join(job.folder, '..') } },
			systemContext,
		);
		onTestFinished(() => open.store.close());
		const place = placeOf(open, 'shop');
		let isDone = false;
		const store = {
			...open.store,
			label: open.store.label,
			put: async (...[name, ...rest]: Parameters<typeof open.store.put>) => {
				const stored = await open.store.put(name, ...rest);
				if (!isDone) {
					isDone = true;
					const path = join(job.folder, name.slice(name.lastIndexOf('/') + 1));
					const bytes = await readFile(path);
					bytes[300] = (bytes[300] as number) ^ 1;
					await writeFile(path, bytes);
				}
				return stored;
			},
			get: open.store.get.bind(open.store),
			head: open.store.head.bind(open.store),
			delete: open.store.delete.bind(open.store),
		} as typeof open.store;
		const made = withDatabase(job.config.database, {}, (database) =>
			makeBackup({
				database,
				store,
				namesOf: namesAt(place, true),
				trigger: { kind: 'cli', day: null },
				label: null,
				only: null,
				recipients: job.config.recipients,
				proof: 'restore',
				beside: besideOf(job.config),
				scratchDir: job.config.scratchDir,
				context: systemContext,
				lease: null,
			}),
		);
		await expect(made).rejects.toMatchObject({ code: 'BACKUP_DAMAGED', data: { step: 'reading back' } });
		expect(await job.files()).toEqual([]);
	});

	it('refuses a recipient that is none before it reads the database', async () => {
		const { job } = await givenSealedJob({ BACKUP_AGE_RECIPIENTS: 'age1qqqqqqqq' });
		await expect(job.nightly()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
		expect(await job.files()).toEqual([]);
	});

	describe.skipIf(!canMount())('where the scratch folder has no room', () => {
		it('is read back only, and says so', async () => {
			const small = openSmallFolder(4_096 * 2);
			onTestFinished(() => small.close());
			const { job } = await givenSealedJob({ BACKUP_SCRATCH_DIR: small.path });
			expect(await job.nightly()).toMatchObject({
				status: 'done',
				backup: { proof: 'read', proofOf: 'stream', notes: [expect.stringContaining('read back only')] },
			});
		});

		it('claims no more than that what is stored is what was sealed, if nothing could be kept', async () => {
			const small = openSmallFolder(4_096 * 2);
			onTestFinished(() => small.close());
			await writeFile(join(small.path, 'full'), Buffer.alloc(4_096 * 2));
			const { job } = await givenSealedJob({ BACKUP_SCRATCH_DIR: small.path });
			expect(await job.nightly()).toMatchObject({
				status: 'done',
				backup: { proof: 'read', proofOf: 'stored', notes: [expect.stringContaining('not opened')] },
			});
		});
	});
});
