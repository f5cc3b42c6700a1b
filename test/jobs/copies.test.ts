import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigWith } from '../../lib/config/config';
import { Secret } from '../../lib/core/secret';
import type { CopyVerdict } from '../../lib/jobs/copy';
import { checkHealth } from '../../lib/jobs/health';
import { hold } from '../../lib/jobs/hold';
import { listBackups } from '../../lib/jobs/list';
import { runNightly } from '../../lib/jobs/nightly';
import type { NightlyOptions, NightlyResult } from '../../lib/jobs/nightly-types';
import { openCopy } from '../../lib/jobs/open-copy';
import { prune } from '../../lib/jobs/prune';
import { sweep } from '../../lib/jobs/sweep';
import { verify } from '../../lib/jobs/verify';
import { openS3Store } from '../../lib/store/s3';
import type { Store } from '../../lib/store/store';
import { bytesOf } from '../store/conformance';
import { type FaultProxy, type SeenRequest, startFaultProxy } from '../support/fault-proxy';
import { describeWithRadosgw, type Keys, type Radosgw, startRadosgw } from '../support/radosgw';
import { givenJob, type Job } from './fixture';

const copiesOf = (result: NightlyResult): readonly CopyVerdict[] => ('copies' in result && result.copies) || [];
const idOf = (result: NightlyResult) => String('backup' in result && result.backup.id);
const isWrite = ({ method }: SeenRequest) => method === 'PUT' || method === 'POST';

const NONE_PRUNED = { prunedBackups: 0, pruneRefusals: 0 };

/** A folder to copy to, and the job's configuration with it. */
async function givenFolder({ folder: beside, config }: Job) {
	const folder = join(beside, '../../nas');
	await mkdir(folder);
	return {
		folder,
		config: { ...config, copies: [{ name: 'nas', store: { kind: 'local', directory: folder } as const }] },
	};
}

describe('a copy in a folder', () => {
	it('fails while its folder is not there, as that of a mount may be, and makes none in its place', async () => {
		const job = await givenJob('2026-11-20T02:00:00Z', { BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: 'mnt/nas/backups' });
		const first = await job.nightly();
		expect(copiesOf(first)).toMatchObject([{ name: 'nas', status: 'failed', error: { code: 'STORE_UNREACHABLE' } }]);
		expect(job.events).toContainEqual(expect.objectContaining({ event: 'copy.failed', copy: 'nas' }));
		const root = join(job.folder, '../..');
		expect(await readdir(root)).not.toContain('mnt');
		const from = { config: job.config, from: 'nas' };
		const limit = { limit: 9 };
		await expect(listBackups({ ...from, ...limit }, job.context)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
		await mkdir(join(root, 'mnt/nas/backups'), { recursive: true });
		expect(copiesOf(await job.nightly())).toMatchObject([{ status: 'done', copied: [idOf(first)] }]);
		await rename(join(root, 'mnt'), join(root, 'away'));
		expect(copiesOf(await job.nightly())).toMatchObject([{ status: 'failed', pruneFailed: 'STORE_UNREACHABLE' }]);
		for (const confirm of [false, true])
			await expect(prune({ ...from, confirm, allowLarge: false }, job.context)).rejects.toMatchObject({
				code: 'STORE_UNREACHABLE',
			});
		expect(await readdir(root)).not.toContain('mnt');
	});

	it('that is set up wrongly is one that failed: the backup and the other copies are made', async () => {
		const job = await givenJob('2026-11-20T02:00:00Z', {
			BACKUP_COPIES: 'offsite,nas',
			BACKUP_S3_OFFSITE_BUCKET: 'my-backups',
			BACKUP_S3_OFFSITE_LOCKMODE: 'GOVERNANCE',
			BACKUP_FOLDER_NAS: '.',
		});
		const result = await job.nightly();
		expect(result.status).toBe('done');
		const error = { code: 'CONFIG_INVALID', message: expect.stringContaining('BACKUP_S3_OFFSITE_LOCKMODE') };
		const wrong = { name: 'offsite', status: 'failed', copied: [], checked: null, missing: null, error };
		expect(copiesOf(result)).toEqual([
			{ ...wrong, pruneFailed: 'CONFIG_INVALID' },
			expect.objectContaining({ name: 'nas', status: 'done', copied: [idOf(result)] }),
		]);
		expect(job.events).toContainEqual({ event: 'copy.failed', copy: 'offsite', missing: null, error });
		const dry = await runNightly({ ...optionsOf(job), dryRun: true }, job.context);
		expect(dry).toMatchObject({ status: 'dry-run', copies: [wrong] });
		const listed = await listBackups({ config: job.config, limit: 9 }, job.context);
		expect(listed).toMatchObject({ unreachable: ['offsite'], backups: [{ id: idOf(result) }] });
		const found = { config: job.config, from: 'offsite' };
		const refusal = { code: 'CONFIG_INVALID' };
		await expect(listBackups({ ...found, limit: 9 }, job.context)).rejects.toMatchObject(refusal);
		const holding = hold({ ...found, backup: 'latest', reason: 'x' }, job.context);
		await expect(holding).rejects.toMatchObject(refusal);
	});

	it('whose list is wrong altogether is told as one that failed, whatever name is asked for', async () => {
		const job = await givenJob('2026-11-20T02:00:00Z', { BACKUP_COPIES: 'Off-Site', BACKUP_FOLDER_NAS: '.' });
		const result = await job.nightly();
		expect(result.status).toBe('done');
		expect(copiesOf(result)).toMatchObject([
			{ name: 'BACKUP_COPIES', status: 'failed', error: { code: 'CONFIG_INVALID' } },
		]);
		const asked = listBackups({ config: job.config, from: 'nas', limit: 9 }, job.context);
		await expect(asked).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
	});

	it('is pruned as the first store is, keeps what is held there, and is not given what would be pruned', async () => {
		const job = await givenJob('2026-11-20T02:00:00Z', { BACKUP_RETENTION: '3d' });
		const { folder, config } = await givenFolder(job);
		const ids: string[] = [];
		const night = async (day: number) => {
			job.context.set(`2026-11-${day}T02:00:00Z`);
			const result = await nightly({ ...job, config });
			ids.push(idOf(result));
			return copiesOf(result)?.[0];
		};
		for (const day of [20, 21, 22]) await night(day);
		await hold({ config, backup: ids[0] as string, reason: 'a case' }, job.context);
		expect(await night(23)).toMatchObject({ copied: [ids[3]], ...NONE_PRUNED });
		expect(await night(24)).toMatchObject({ copied: [ids[4]], prunedBackups: 1 });
		const kept = [0, 2, 3, 4].map((nth) => ids[nth] as string);
		const manifests = async () => (await readdir(join(folder, 'shop'))).filter((file) => file.endsWith('.json')).sort();
		expect(await manifests()).toEqual(kept.map((id) => `${id}.json`));
		await hold({ config, backup: ids[0] as string, reason: null }, job.context);
		expect(await night(25)).toMatchObject({ copied: [ids[5]], prunedBackups: 2 });
		expect(await night(26)).toMatchObject({ copied: [ids[6]], prunedBackups: 1 });
	});

	it('is looked after by its name: pruned, held and swept', async () => {
		const job = await givenJob('2026-11-20T02:00:00Z', { BACKUP_RETENTION: 'all' });
		const { folder, config } = await givenFolder(job);
		const ids: string[] = [];
		for (const day of [20, 21, 22]) {
			job.context.set(`2026-11-${day}T02:00:00Z`);
			ids.push(idOf(await nightly({ ...job, config })));
		}
		const rules = { ...config, retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0 } };
		await hold({ config, from: 'nas', backup: ids[0] as string, reason: 'a case' }, job.context);
		const pruned = await prune({ config: rules, from: 'nas', confirm: true, allowLarge: false }, job.context);
		expect(pruned.pruned?.removed).toEqual([ids[1]]);
		expect((await readdir(join(folder, 'shop'))).filter((file) => file.endsWith('.gz'))).toHaveLength(2);
		expect((await job.files()).filter((file) => file.endsWith('.gz'))).toHaveLength(3);
		expect((await sweep({ config, from: 'nas', confirm: true }, job.context)).found).toEqual([]);
		await expect(sweep({ config, from: 'elsewhere', confirm: false }, job.context)).rejects.toMatchObject({
			code: 'USAGE_INVALID',
		});
	});

	it('has the same files, and lacks none of an earlier day', async () => {
		const job = await givenJob();
		const first = await job.nightly();
		expect(first).not.toHaveProperty('copies');
		const { folder, config } = await givenFolder(job);
		job.context.set('2026-11-21T02:00:00Z');
		const result = await nightly({ ...job, config });
		const ids = [idOf(result), idOf(first)];
		expect(copiesOf(result)).toEqual([
			{ name: 'nas', status: 'done', copied: ids, checked: 'read-back', missing: 0, error: null, ...NONE_PRUNED },
		]);
		expect((await readdir(join(folder, 'shop'))).sort()).toEqual((await job.files()).sort());
		for (const file of await job.files())
			expect(await readFile(join(folder, 'shop', file))).toEqual(await readFile(join(job.folder, file)));
	});
});

type Given = Pick<Job, 'config' | 'context' | 'events'>;

function optionsOf({ config, context, events }: Given): NightlyOptions {
	const log = (event: Readonly<Record<string, unknown>>) => void events.push(event);
	return { config, dryRun: false, trigger: 'cron', deadlineAt: context.nowMs + 300_000, log, redact: String };
}

const nightly = (given: Given, signal?: AbortSignal) => runNightly({ ...optionsOf(given), signal }, given.context);

describeWithRadosgw('copies in a bucket', () => {
	let server: Radosgw;
	let proxy: FaultProxy;
	let bucket: string;
	let store: Store;
	beforeAll(async () => {
		server = await startRadosgw();
	}, 180_000);
	afterAll(() => server?.close());
	beforeEach(async () => {
		proxy = await startFaultProxy(server.url);
		bucket = await server.makeBucket();
	});
	afterEach(async () => {
		await store?.close();
		await proxy.close();
	});

	const given = async (keys: Keys = server, env: Record<string, string> = {}) => {
		const job = await givenJob('2026-11-20T02:00:00Z', {
			BACKUP_COPIES: 'offsite',
			BACKUP_S3_OFFSITE_ENDPOINT: proxy.url,
			BACKUP_S3_OFFSITE_BUCKET: bucket,
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: keys.accessKeyId,
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: keys.secretAccessKey,
			...env,
		});
		const credentials = {
			accessKeyId: new Secret(server.accessKeyId),
			secretAccessKey: new Secret(server.secretAccessKey),
		};
		store = openS3Store({ endpoint: server.url, region: 'us-east-1', bucket, credentials, ...job.context });
		return job;
	};
	const names = async () => {
		const found: string[] = [];
		for await (const { name } of store.list('', {})) found.push(name);
		return found;
	};
	const namesOf = (id: string) => [`backups/shop/${id}.json`, `backups/shop/${id}.ndjson.gz`];
	const good = { name: 'offsite', status: 'done', missing: 0, error: null };

	it('are the same bit by bit, the manifest last, and are read back', async () => {
		const job = await given();
		const written: string[] = [];
		proxy.onRequest = (seen) => void (isWrite(seen) && written.push(seen.path));
		const result = await job.nightly();
		const id = idOf(result);
		expect(copiesOf(result)).toEqual([{ ...good, copied: [id], checked: 'read-back', ...NONE_PRUNED }]);
		expect(written.map((path) => path.replace(/\?.*/, ''))).toEqual([
			`/${bucket}/backups/shop/${id}.ndjson.gz`,
			`/${bucket}/backups/shop/${id}.json`,
		]);
		for (const name of namesOf(id)) {
			const opened = await store.get(name, {});
			const own = await readFile(join(job.folder, name.slice('backups/shop/'.length)));
			expect(opened && (await bytesOf(opened.body)).equals(own)).toBe(true);
		}
		const found = await verify(
			{ backup: 'latest', from: 'offsite', config: job.config, cwd: job.folder, drill: true },
			job.context,
		);
		expect(found).toMatchObject({ backup: id, where: expect.stringContaining(`offsite: s3://${bucket}`) });
	});

	it('are made good by the next run, and by a second delivery of the same one', async () => {
		const job = await given();
		proxy.strike(() => true, { kind: 'cut', at: 'request' }, 999);
		const first = await job.nightly();
		expect(first.status).toBe('done');
		expect(copiesOf(first)).toMatchObject([
			{ status: 'failed', copied: [], missing: null, error: { code: 'STORE_UNREACHABLE' } },
		]);
		expect(job.events).toContainEqual(expect.objectContaining({ event: 'copy.failed', copy: 'offsite' }));
		job.context.set('2026-11-21T02:00:00Z');
		const second = await job.nightly();
		expect(copiesOf(second)).toMatchObject([{ status: 'failed' }]);
		proxy.reset();
		const again = await job.nightly();
		expect(again.status).toBe('skipped');
		expect(copiesOf(again)).toEqual([
			{ ...good, ...NONE_PRUNED, copied: [idOf(second), idOf(first)], checked: 'read-back' },
		]);
		proxy.onRequest = (seen) => expect(isWrite(seen)).toBe(false);
		expect(copiesOf(await job.nightly())).toEqual([{ ...good, ...NONE_PRUNED, copied: [], checked: null }]);
		expect(await names()).toHaveLength(4);
	});

	it('fail alone: another is made', async () => {
		const job = await given(
			{ ...server, secretAccessKey: 'notTheSecretAtAll0123456789' },
			{
				BACKUP_COPIES: 'offsite,nas',
				BACKUP_FOLDER_NAS: '.',
			},
		);
		const result = await job.nightly();
		expect(result.status).toBe('done');
		expect(copiesOf(result)).toMatchObject([
			{ name: 'offsite', status: 'failed', error: { code: 'STORE_REFUSED' } },
			{ name: 'nas', status: 'done', missing: 0 },
		]);
		const told = JSON.stringify([result, job.events]);
		for (const secret of ['notTheSecretAtAll', server.accessKeyId]) expect(told).not.toContain(secret);
	});

	it('are several by their names, and looked into in their order', async () => {
		const other = await server.makeBucket();
		const keys = await server.makeUser(other, ['s3:PutObject', 's3:GetObject', 's3:ListBucket', 's3:DeleteObject']);
		const job = await given(server, {
			BACKUP_COPIES: 'offsite,second,nas',
			BACKUP_S3_SECOND_ENDPOINT: server.url,
			BACKUP_S3_SECOND_BUCKET: other,
			BACKUP_S3_SECOND_PREFIX: 'elsewhere',
			BACKUP_S3_SECOND_ACCESS_KEY_ID: keys.accessKeyId,
			BACKUP_S3_SECOND_SECRET_ACCESS_KEY: keys.secretAccessKey,
			BACKUP_FOLDER_NAS: '.',
		});
		const { config, context } = job;
		const result = await job.nightly();
		const id = idOf(result);
		const copies = ['offsite', 'second', 'nas'];
		expect(copiesOf(result)).toMatchObject(copies.map((name) => ({ ...good, name, copied: [id] })));
		const listed = await listBackups({ config: config as ConfigWith<'name'>, limit: 9 }, context);
		expect(listed.backups).toMatchObject([{ id, stores: ['primary', ...copies] }]);
		const find = (from?: string) => verify({ backup: id, from, config, cwd: job.folder, drill: false }, context);
		for (const name of copies) expect((await find(name)).where).toMatch(new RegExp(`^${name}: `));
		// What is left of them when one after the other is lost.
		expect((await find()).where).not.toMatch(/: /);
		await rm(job.folder, { recursive: true });
		for (const copy of config.copies) {
			expect((await find()).where).toMatch(new RegExp(`^${copy.name}: `));
			const { store: lost, prefix } = await openCopy(copy, 'prune', context);
			const folder = prefix === '' ? 'shop' : `${prefix}/shop`;
			await lost.delete([`${folder}/${id}.json`, `${folder}/${id}.ndjson.gz`], {});
			await lost.close();
		}
		await expect(find()).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
	});

	it('need no more than the right to write, and no second upload', async () => {
		const keys = await server.makeUser(bucket, ['s3:PutObject']);
		const job = await given(keys);
		const first = await job.nightly();
		expect(copiesOf(first)).toEqual([{ ...good, copied: [idOf(first)], checked: 'server' }]);
		expect(await names()).toEqual(namesOf(idOf(first)));
		const config = job.config as ConfigWith<'store' | 'name'>;
		const health = await checkHealth({ config, log: () => {} }, job.context);
		expect(health).toMatchObject({ status: 'ok', copies: [{ name: 'offsite', id: idOf(first), ageSeconds: 0 }] });
		let writes = 0;
		proxy.onRequest = (seen) => {
			if (isWrite(seen)) writes += 1;
		};
		expect(copiesOf(await job.nightly())).toEqual([{ ...good, copied: [], checked: null }]);
		expect(writes).toBe(0);
		// Without the list of what was copied, the names tell.
		await rm(join(job.folder, 'copied-offsite.json'));
		expect(copiesOf(await job.nightly())).toMatchObject([{ ...good, copied: [idOf(first)] }]);
		expect(await names()).toEqual(namesOf(idOf(first)));
	});

	it('are looked up one by one where they may not be listed, and read with keys of their own', async () => {
		const [writer, reader] = [
			await server.makeUser(bucket, ['s3:PutObject']),
			await server.makeUser(bucket, ['s3:GetObject', 's3:PutObject']),
		];
		const job = await given(writer, {
			BACKUP_S3_OFFSITE_READ_ACCESS_KEY_ID: reader.accessKeyId,
			BACKUP_S3_OFFSITE_READ_SECRET_ACCESS_KEY: reader.secretAccessKey,
		});
		const result = await job.nightly();
		expect(copiesOf(result)).toMatchObject([{ ...good, copied: [idOf(result)] }]);
		proxy.onRequest = (seen) => expect(isWrite(seen)).toBe(false);
		expect(copiesOf(await job.nightly())).toMatchObject([{ ...good, copied: [] }]);
	});

	it('are not there when every try was damaged on the way, and are the next time', async () => {
		const job = await given();
		proxy.onRequest = (seen) => {
			if (isWrite(seen)) seen.body[seen.body.length >> 1] = (seen.body[seen.body.length >> 1] as number) ^ 1;
		};
		const result = await job.nightly();
		expect(copiesOf(result)).toMatchObject([{ status: 'failed', missing: 1, error: { code: 'STORE_UNREACHABLE' } }]);
		expect(await names()).toEqual([]);
		proxy.onRequest = null;
		expect(copiesOf(await job.nightly())).toMatchObject([{ ...good, copied: [idOf(result)] }]);
	});

	it.each(['.ndjson.gz', '.json'])('do not write over another content: %s', async (suffix) => {
		const job = await given();
		proxy.strike(isWrite, { kind: 'status', status: 403 }, 1);
		const first = await job.nightly();
		const name = `backups/shop/${idOf(first)}${suffix}`;
		const other = (async function* () {
			yield Buffer.from('something else');
		})();
		await store.put(name, other, { contentType: 'text/plain' });
		job.context.set('2026-11-21T02:00:00Z');
		const second = await job.nightly();
		expect(copiesOf(second)).toMatchObject([
			{ status: 'failed', copied: [idOf(second)], missing: 1, error: { code: 'STORE_EXISTS' } },
		]);
		const opened = await store.get(name, {});
		expect(opened && (await bytesOf(opened.body)).toString()).toBe('something else');
	});

	it('are not made of a backup that is damaged in the first store', async () => {
		const job = await given();
		proxy.strike(isWrite, { kind: 'status', status: 403 }, 1);
		const first = await job.nightly();
		const path = join(job.folder, `${idOf(first)}.ndjson.gz`);
		const bytes = await readFile(path);
		bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
		await writeFile(path, bytes);
		expect(copiesOf(await job.nightly())).toMatchObject([{ status: 'failed', error: { code: 'BACKUP_DAMAGED' } }]);
		expect(await names()).toEqual([]);
	});

	it('that time runs out on leave the run done, and are finished by the next', async () => {
		const job = await given();
		const stop = new AbortController();
		proxy.strike(
			(seen) => {
				const isManifest = isWrite(seen) && seen.path.includes('.json');
				if (isManifest) stop.abort(new Error('enough'));
				return isManifest;
			},
			{ kind: 'cut', at: 'request' },
		);
		const result = await nightly(job, stop.signal);
		expect(result.status).toBe('done');
		expect(copiesOf(result)).toMatchObject([{ status: 'failed', copied: [], missing: 1 }]);
		expect(copiesOf(await job.nightly())).toMatchObject([{ ...good, copied: [idOf(result)] }]);
		expect(await names()).toEqual(namesOf(idOf(result)));
	});
});
