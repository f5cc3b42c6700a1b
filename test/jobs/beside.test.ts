import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createClient } from '@libsql/client';
import { describe, expect, it } from 'vitest';
import { namesAt } from '../../lib/backup/backup-id';
import type { Lease } from '../../lib/backup/lease';
import { decodeManifest, encodeManifest, type Manifest } from '../../lib/backup/manifest';
import { besideOf } from '../../lib/jobs/beside';
import { openFolder, withDatabase } from '../../lib/jobs/context';
import { makeBackup } from '../../lib/jobs/make-backup';
import { givenJob, type Job } from './fixture';

const KEY = 'master-key-9fKq2vWc7ZpX';
const NAMED = {
	BACKUP_KEY_FINGERPRINTS: 'MASTER_KEY,OTHER_KEY',
	MASTER_KEY: KEY,
	BACKUP_ELSEWHERE: 'sessions: Upstash Redis; accounts: Clerk',
	BACKUP_COPIES: 'nas',
	BACKUP_FOLDER_NAS: 'nas',
};

async function withAssets(job: Job): Promise<Job> {
	const client = createClient({ url: `file:${join(dirname(dirname(job.folder)), 'shop.db')}` });
	await client
		.executeMultiple(
			"CREATE TABLE MediaAsset(url, blobPathname, n INT); INSERT INTO MediaAsset VALUES ('https://x/y', 'y', 9007199254740993)",
		)
		.finally(() => client.close());
	return job;
}

async function manifestOf(job: Job, id: unknown): Promise<Manifest> {
	return decodeManifest(Buffer.from(await job.read(`${id}.json`)), String(id));
}

async function nightly(job: Job) {
	const result = await job.nightly();
	if (result.status !== 'done') throw new Error(result.status);
	return result;
}

describe('what a backup tells of beside the database', () => {
	it('is in its manifest, and the key in nothing', async () => {
		const job = await withAssets(await givenJob('2026-11-20T02:00:00Z', NAMED));
		// A folder that is copied to must be there.
		await mkdir(join(dirname(dirname(job.folder)), 'nas'));
		const result = await nightly(job);
		expect(result.backup).toMatchObject({ keys: ['MASTER_KEY'], unsetKeys: ['OTHER_KEY'], mediaRows: 1 });
		expect(result.copies).toMatchObject([{ status: 'done', missing: 0 }]);
		expect(job.events).toContainEqual({ event: 'backup.keys-unset', variables: ['OTHER_KEY'] });
		expect(JSON.stringify([result, job.events])).not.toContain(KEY);
		expect(await job.read(`${result.backup.id}.json`)).not.toContain(KEY);
		const { coverage, mediaAssetInventory: media } = await manifestOf(job, result.backup.id);
		expect(coverage?.notInBackup).toContainEqual({ what: 'sessions', where: 'Upstash Redis' });
		expect(coverage?.inBackup.join('\n')).toContain('MediaAsset (1)');
		expect(coverage?.inBackup.join('\n')).toContain('nas');
		expect(media?.tables).toEqual([{ table: 'MediaAsset', url: 'url', pathname: 'blobPathname', rows: 1, skipped: 0 }]);
		expect(await job.files()).toContain(media?.name);
	});

	it('goes with the backup: pruned with it, swept where it is left, deleted when the backup fails', async () => {
		const job = await withAssets(await givenJob('2026-11-10T02:00:00Z', { BACKUP_RETENTION: '2d' }));
		for (let day = 10; day < 15; day++) {
			job.context.set(`2026-11-${day}T02:00:00Z`);
			await nightly(job);
		}
		const left = 'backup-20260101T000000Z-0000.media.ndjson.gz';
		await writeFile(join(job.folder, left), 'x');
		await utimes(join(job.folder, left), 0, 0);
		job.context.set('2026-11-15T02:00:00Z');
		expect((await nightly(job)).backup).toMatchObject({ sweptObjects: 1 });
		const days = (await job.files()).map((name) => name.replace(/^backup-(\d{8})T\d{6}Z-[0-9a-f]{4}/, '$1'));
		const ends = ['.json', '.media.ndjson.gz', '.ndjson.gz'];
		expect(days).toEqual(['20261114', '20261115'].flatMap((day) => ends.map((end) => day + end)));

		const open = await openFolder(job.config.localDir, job.context);
		const lease = { renew: () => Promise.reject(new Error('overtaken')) } as Partial<Lease> as Lease;
		const made = withDatabase(job.config.database, {}, (database) =>
			makeBackup({
				database,
				store: open.store,
				namesOf: namesAt({ prefix: '', name: 'shop' }, false),
				trigger: { kind: 'cli', day: null },
				label: null,
				only: null,
				recipients: [],
				proof: 'none',
				beside: besideOf(job.config),
				scratchDir: job.config.scratchDir,
				context: job.context,
				lease,
			}),
		);
		await expect(made).rejects.toThrow('overtaken');
		expect(await job.files()).toHaveLength(6);
	});

	it('lacks an inventory, and says so, where the scratch folder does not take one', async () => {
		const job = await withAssets(await givenJob('2026-11-20T02:00:00Z', { BACKUP_SCRATCH_DIR: 'nowhere' }));
		const result = await nightly(job);
		expect(result.backup).toMatchObject({ mediaRows: null, proof: 'read' });
		const { coverage } = await manifestOf(job, result.backup.id);
		expect(coverage?.notInBackup.map(({ what }) => what)).toContain('the media inventory');
	});

	it('has integers that no double holds in its inventory as they are', async () => {
		const job = await withAssets(await givenJob());
		const { id } = (await nightly(job)).backup;
		const lines = gunzipSync(await readFile(join(job.folder, `${id}.media.ndjson.gz`))).toString();
		expect(lines).toBe('{"table":"MediaAsset","url":"https://x/y","pathname":"y","row":{"n":"9007199254740993"}}\n');
	});

	it('is nothing in a manifest of before, which is read all the same', async () => {
		const job = await givenJob();
		const { id } = (await nightly(job)).backup;
		const { keys: _, mediaAssetInventory: _m, coverage: _c, ...before } = await manifestOf(job, id);
		const read = decodeManifest(encodeManifest(before as Manifest), 'before', String(id));
		expect(read).toMatchObject({ id, keys: null, mediaAssetInventory: null, coverage: null });
	});
});
