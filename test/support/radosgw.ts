import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { describe } from 'vitest';
import { freePort } from './free-port';

const run = promisify(execFile);

/** Longest wait for the server to answer, in ms: machines are busy. */
const START_MS = 60_000;
const PROGRAMS = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'ceph-authtool', 'monmaptool'];
/** Debian's packages that have them. */
const PACKAGES = 'radosgw ceph-mon ceph-osd';

/** The storage class that the server has beside `STANDARD`. */
export const OTHER_CLASS = 'STANDARD_IA';
/** The one key that the server has for `aws:kms`, by its name. */
export const KMS_KEY = 'testkey-1';

export interface Keys {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
}

/** A real S3 server of a test: Ceph's, with a monitor and a store in memory of its own. */
export interface Radosgw extends Keys {
	/** Its origin, `http://127.0.0.1:<port>`. */
	readonly url: string;
	/** Makes an empty bucket. */
	makeBucket(options?: { readonly objectLock?: boolean }): Promise<string>;
	/** Keys of somebody who may do nothing but these `actions`, such as `s3:PutObject`, and that in one bucket. */
	makeUser(bucket: string, actions: readonly string[]): Promise<Keys>;
	/** Ends the server, as a region that is down; what it keeps stays. */
	kill(): Promise<void>;
	/** Starts it again after `kill`. */
	restart(): Promise<void>;
	/** Ends everything, and removes what was written. */
	close(): Promise<void>;
}

/** Describes what needs the server. Where its programs lack, that is skipped and said; in CI it fails. */
export function describeWithRadosgw(name: string, tests: () => void): void {
	const lacking = PROGRAMS.filter((program) => spawnSync(program, ['--version']).error !== undefined);
	if (lacking.length === 0) return void describe(name, tests);
	const why = `without ${lacking.join(', ')}: apt-get install --no-install-recommends ${PACKAGES}`;
	if (process.env.CI) throw new Error(`the tests of ${name} cannot run ${why}`);
	console.warn(`skipped: ${name}, ${why}`);
	describe.skip(`${name} (${why})`, tests);
}

/** Starts a server; resolves when it answers. Takes some seconds. */
export async function startRadosgw(): Promise<Radosgw> {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-radosgw-'));
	const env = { ...process.env, CEPH_CONF: join(folder, 'ceph.conf') };
	const children: ChildProcess[] = [];
	const start = (program: string, ...words: string[]) => {
		const child = spawn(program, words, { env, stdio: ['ignore', 'ignore', 'ignore'] });
		children.push(child);
		return child;
	};
	const close = async () => {
		await Promise.all(children.map(end));
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	try {
		const [monitorPort, port, osd, fsid] = [await freePort(), await freePort(), randomUUID(), randomUUID()];
		const monitor = `[v2:127.0.0.1:${monitorPort}]`;
		await writeFile(env.CEPH_CONF, configuration(folder, fsid, monitor, port));
		for (const name of ['mon', 'osd']) await mkdir(join(folder, name));
		const path = (name: string) => join(folder, name);
		const key = ['--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *'];
		await run('ceph-authtool', ['--create-keyring', path('keyring'), ...key], { env });
		await run('monmaptool', ['--create', '--addv', 'a', monitor, '--fsid', fsid, path('monmap')], { env });
		await run('ceph-mon', ['-i', 'a', '--mkfs', '--monmap', path('monmap'), '--keyring', path('keyring')], { env });
		start('ceph-mon', '-f', '-i', 'a');
		await run('ceph', ['--connect-timeout', '60', 'osd', 'new', osd, '0'], { env });
		await run('ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', osd], { env });
		start('ceph-osd', '-f', '-i', '0');
		const makeKeys = async (user: string): Promise<Keys> => {
			const { stdout } = await run('radosgw-admin', ['user', 'create', '--uid', user, '--display-name', user], { env });
			const [{ access_key, secret_key }] = JSON.parse(stdout).keys;
			return { accessKeyId: access_key, secretAccessKey: secret_key };
		};
		const keys = await makeKeys('owner');
		await addStorageClass(env);
		const url = `http://127.0.0.1:${port}`;
		const serve = async () => {
			const child = start('radosgw', '-f', '-n', 'client.rgw');
			await untilAnswers(url, child, path('client.rgw.log'));
			return child;
		};
		let gateway = await serve();
		const client = new S3Client({
			endpoint: url,
			region: 'us-east-1',
			forcePathStyle: true,
			credentials: keys,
			requestChecksumCalculation: 'WHEN_REQUIRED',
		});
		let buckets = 0;
		let users = 0;
		const policies = new Map<string, object[]>();
		return {
			...keys,
			url,
			async makeBucket({ objectLock = false } = {}) {
				const Bucket = `bucket-${++buckets}`;
				await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: objectLock }));
				return Bucket;
			},
			async makeUser(bucket, actions) {
				const user = `user-${++users}`;
				const made = await makeKeys(user);
				const statements = [...(policies.get(bucket) ?? []), ...statementsOf(bucket, user, actions)];
				policies.set(bucket, statements);
				const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
				await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
				return made;
			},
			kill: () => end(gateway),
			async restart() {
				gateway = await serve();
			},
			async close() {
				client.destroy();
				await close();
			},
		};
	} catch (error) {
		await close();
		throw error;
	}
}

async function addStorageClass(env: NodeJS.ProcessEnv): Promise<void> {
	const what = ['--placement-id', 'default-placement', '--storage-class', OTHER_CLASS];
	await run('radosgw-admin', ['zonegroup', 'placement', 'add', '--rgw-zonegroup', 'default', ...what], { env });
	const pool = ['--data-pool', 'default.rgw.other.data'];
	await run('radosgw-admin', ['zone', 'placement', 'add', '--rgw-zone', 'default', ...what, ...pool], { env });
}

/** All may be lost at any time, and nobody but us is near: no authentication, one copy, and no waiting for company. */
function configuration(folder: string, fsid: string, monitor: string, port: number): string {
	return `[global]
fsid = ${fsid}
mon host = ${monitor}
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms mon cluster mode = crc
ms mon service mode = crc
public addr = 127.0.0.1
cluster addr = 127.0.0.1
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
osd data = ${folder}/osd
memstore device bytes = 4294967296
mon allow pool size one = true
mon data = ${folder}/mon
mon data avail crit = 1
paxos propose interval = 0.01
paxos min wait = 0.01
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw rados pool pg num min = 1
rgw data = ${folder}
rgw enable apis = s3
rgw enable gc threads = false
rgw enable lc threads = false
rgw run sync thread = false
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = ${KMS_KEY}=${Buffer.alloc(32, 7).toString('base64')}
keyring = ${folder}/keyring
run dir = ${folder}
crash dir = ${folder}
pid file =
admin socket =
log file = ${folder}/$name.log
`;
}

/** Whoever writes an object owns it, and may then read it: what is not allowed is denied. */
function statementsOf(bucket: string, user: string, actions: readonly string[]): object[] {
	const who = (name: string) => ({ AWS: [`arn:aws:iam:::user/${name}`] });
	const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
	const all = ['s3:PutObject', 's3:GetObject', 's3:ListBucket', 's3:DeleteObject', 's3:AbortMultipartUpload'];
	const denied = all.filter((action) => !actions.includes(action));
	return [
		{ Effect: 'Allow', Principal: who('owner'), Action: ['s3:*'], Resource },
		{ Effect: 'Allow', Principal: who(user), Action: actions, Resource },
		{ Effect: 'Deny', Principal: who(user), Action: denied, Resource },
	];
}

async function untilAnswers(url: string, child: ChildProcess, log: string): Promise<void> {
	const until = performance.now() + START_MS;
	for (;;) {
		const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
		await response?.arrayBuffer();
		if (response !== null) return;
		const ended = child.exitCode !== null || child.signalCode !== null;
		if (ended || performance.now() > until) {
			const said = await readFile(log, 'utf8').catch(() => 'no log');
			throw new Error(`radosgw ${ended ? 'ended' : 'did not answer'}: ${said.slice(-5_000)}`);
		}
		await sleep(100);
	}
}

/** At once: nothing that it has is to last. */
async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
	const ended = new Promise<void>((done) => child.once('exit', () => done()));
	child.kill('SIGKILL');
	await ended;
}
