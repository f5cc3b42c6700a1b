import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createClient } from '@libsql/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Config, CopyConfig, S3Config } from '../../lib/config/config';
import { Secret } from '../../lib/core/secret';
import type { NightlyResult } from '../../lib/jobs/nightly-types';
import { openCopy } from '../../lib/jobs/open-copy';
import { prune } from '../../lib/jobs/prune';
import { verify } from '../../lib/jobs/verify';
import { bytesOf } from '../store/conformance';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { describeWithRadosgw, KMS_KEY, OTHER_CLASS, type Radosgw, startRadosgw } from '../support/radosgw';
import { givenJob, type Job } from './fixture';

const DAY_MS = 86_400_000;
const LOCKED = { BACKUP_S3_OFFSITE_LOCK_MODE: 'GOVERNANCE', BACKUP_S3_OFFSITE_LOCK_DAYS: '30' };
/** What a key that prunes may do; the second, if it is not told of locks. */
const MAY_PRUNE = ['s3:GetObject', 's3:ListBucket', 's3:DeleteObject'];

const copiesOf = (result: NightlyResult) => ('copies' in result && result.copies) || [];
const idOf = (result: NightlyResult) => String('backup' in result && result.backup.id);

describeWithRadosgw('a copy that is kept as its settings say', () => {
	let server: Radosgw;
	let proxy: FaultProxy;
	let bucket: string;
	beforeAll(async () => {
		server = await startRadosgw();
		proxy = await startFaultProxy(server.url);
	}, 180_000);
	afterAll(async () => {
		await proxy?.close();
		await server?.close();
	});
	beforeEach(async () => {
		bucket = await server.makeBucket({ objectLock: true });
	});
	afterEach(() => proxy.reset());

	/** A job by the system's time, which the server's clock is held against. */
	const given = (env: Record<string, string> = {}) =>
		givenJob(new Date().toISOString(), {
			BACKUP_RETENTION: 'all',
			BACKUP_COPIES: 'offsite',
			BACKUP_S3_OFFSITE_ENDPOINT: proxy.url,
			BACKUP_S3_OFFSITE_BUCKET: bucket,
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: server.accessKeyId,
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: server.secretAccessKey,
			...env,
		});
	const copyOf = ({ copies }: Config) => copies[0] as CopyConfig;
	/** Until when a file of the copy is locked, as the bucket's owner is told; null: it is not there. */
	const lockOf = async ({ config, context }: Job, file: string) => {
		const copy = copyOf(config);
		const keys = {
			accessKeyId: new Secret(server.accessKeyId),
			secretAccessKey: new Secret(server.secretAccessKey),
		};
		const { store } = await openCopy(
			{ ...copy, store: { ...copy.store, credentials: keys } as S3Config },
			'write',
			context,
		);
		try {
			const found = await store.head(`backups/shop/${file}`, {});
			return found && (found.lockedUntil ?? 'none');
		} finally {
			await store.close();
		}
	};

	it('is encrypted by the key and in the class, and comes back bit by bit', async () => {
		const job = await given({
			BACKUP_S3_OFFSITE_ENCRYPTION: 'aws:kms',
			BACKUP_S3_OFFSITE_KMS_KEY_ID: KMS_KEY,
			BACKUP_S3_OFFSITE_STORAGE_CLASS: OTHER_CLASS,
		});
		const result = await job.nightly();
		const id = idOf(result);
		expect(copiesOf(result)).toMatchObject([{ status: 'done', copied: [id], checked: 'read-back' }]);
		const s3 = new S3Client({ endpoint: server.url, region: 'x', forcePathStyle: true, credentials: server });
		const { store } = await openCopy(copyOf(job.config), 'read', job.context);
		for (const file of [`${id}.ndjson.gz`, `${id}.json`]) {
			const Key = `backups/shop/${file}`;
			expect(await s3.send(new HeadObjectCommand({ Bucket: bucket, Key }))).toMatchObject({
				ServerSideEncryption: 'aws:kms',
				SSEKMSKeyId: KMS_KEY,
				StorageClass: OTHER_CLASS,
			});
			const opened = await store.get(Key, {});
			expect(opened && (await bytesOf(opened.body)).equals(await readFile(join(job.folder, file)))).toBe(true);
		}
		await store.close();
		const options = { backup: id, from: 'offsite', config: job.config, cwd: job.folder, drill: true };
		expect(await verify(options, job.context)).toMatchObject({ backup: id });
	});

	/** The newest backup and nightly ones of three days before it, the first of which is locked in the copy. */
	async function givenNights(...env: Record<string, string>[]) {
		const job = await given(Object.assign({}, ...env));
		const { nowMs } = job.context;
		const ids: string[] = [];
		for (let days = 3; days >= 0; days--) {
			job.context.nowMs = nowMs - days * DAY_MS;
			const copy = copyOf(job.config);
			if (copy.store.kind !== 's3') throw new Error('not a bucket');
			const lock = days === 3 ? ({ mode: 'GOVERNANCE', days: 30 } as const) : null;
			const copies = [{ ...copy, store: { ...copy.store, settings: { ...copy.store.settings, lock } } }];
			const result = await job.nightlyWith({ copies });
			expect(copiesOf(result)).toMatchObject([{ status: 'done', missing: 0 }]);
			ids.push(idOf(result));
		}
		const config = { ...job.config, retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0 } };
		const pruning = () => prune({ config, from: 'offsite', confirm: true, allowLarge: true }, job.context);
		return { job, ids, pruning };
	}

	async function keysThat(actions: readonly string[]) {
		const { accessKeyId, secretAccessKey } = await server.makeUser(bucket, actions);
		return {
			BACKUP_S3_OFFSITE_PRUNE_ACCESS_KEY_ID: accessKeyId,
			BACKUP_S3_OFFSITE_PRUNE_SECRET_ACCESS_KEY: secretAccessKey,
		};
	}

	it('is pruned after the run by keys of its own, where the run may only write', async () => {
		const writer = await server.makeUser(bucket, ['s3:PutObject']);
		const job = await given({
			BACKUP_RETENTION: '2d',
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: writer.accessKeyId,
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: writer.secretAccessKey,
			...(await keysThat(MAY_PRUNE)),
		});
		const { nowMs } = job.context;
		const verdicts = [];
		for (let days = 3; days >= 0; days--) {
			job.context.nowMs = nowMs - days * DAY_MS;
			verdicts.push(copiesOf(await job.nightly())[0]);
		}
		// Before today, it was earlier here than the server says.
		expect(verdicts.map((one) => one && 'prunedBackups' in one && one.prunedBackups)).toEqual([0, 0, false, 2]);
		expect(verdicts[3]).toMatchObject({ status: 'done', checked: 'server', missing: 0, pruneRefusals: 0 });
	});

	it('is pruned but for what is locked, which the key is told of', async () => {
		const { job, ids, pruning } = await givenNights(await keysThat([...MAY_PRUNE, 's3:GetObjectRetention']));
		const { plan, pruned } = await pruning();
		expect(pruned).toEqual({ removed: [ids[1], ids[2]], refused: [] });
		const until = await lockOf(job, `${ids[0]}.json`);
		expect(plan.verdicts.at(-1)).toMatchObject({
			keep: true,
			backup: { id: ids[0] },
			reasons: [{ rule: 'locked', detail: (until as Date).toISOString() }],
		});
		expect(await lockOf(job, `${ids[1]}.json`)).toBeNull();
		expect(await lockOf(job, `${ids[0]}.ndjson.gz`)).not.toBeNull();
	});

	it('is not pruned where the settings name a lock and the key is not told of any', async () => {
		const { job, ids, pruning } = await givenNights(LOCKED, await keysThat(MAY_PRUNE));
		const { store } = await openCopy(copyOf(job.config), 'prune', job.context);
		expect(await store.head(`backups/shop/${ids[0]}.json`, {})).not.toHaveProperty('lockedUntil');
		const { modifiedAt } = (await store.head(`backups/shop/${ids[1]}.json`, {})) ?? {};
		await store.close();
		const { plan, pruned } = await pruning();
		expect(pruned?.removed).toEqual([]);
		const detail = new Date(Number(modifiedAt) + 30 * DAY_MS).toISOString();
		expect(plan.verdicts[2]?.reasons).toEqual([{ rule: 'locked', detail }]);
		expect(plan.verdicts.map(({ keep }) => keep)).toEqual([true, true, true, true]);
	});

	it.each([
		['whose key may read', null, 'read-back'],
		['whose key may only write', ['s3:PutObject', 's3:PutObjectRetention'], 'server'],
	])('is not done until it is locked, by whichever run: one %s', async (_, actions, checked) => {
		const keys = actions === null ? server : await server.makeUser(bucket, actions);
		const job = await given({
			...LOCKED,
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: keys.accessKeyId,
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: keys.secretAccessKey,
		});
		const client = createClient({ url: `file:${join(job.folder, '../../shop.db')}` });
		// Put together of parts, whose lock this server forgets.
		await client.execute('CREATE TABLE bytes AS SELECT randomblob(9000000) AS b').finally(() => client.close());
		proxy.strike(
			({ method, path }) => method === 'PUT' && path.includes('retention'),
			{ kind: 'status', status: 403 },
			2,
		);
		const failed = { status: 'failed', copied: [], missing: 1, error: { code: 'STORE_REFUSED' } };
		const first = await job.nightly();
		expect(copiesOf(first)).toMatchObject([failed]);
		expect(copiesOf(await job.nightly())).toMatchObject([failed]);
		const [data, manifest] = [`${idOf(first)}.ndjson.gz`, `${idOf(first)}.json`];
		expect([await lockOf(job, data), await lockOf(job, manifest)]).toEqual(['none', null]);
		expect(copiesOf(await job.nightly())).toMatchObject([{ status: 'done', copied: [idOf(first)], checked }]);
		expect(await lockOf(job, data)).toBeInstanceOf(Date);
		expect(await lockOf(job, manifest)).toBeInstanceOf(Date);
	});
});
