import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import {
	DeleteObjectCommand,
	HeadObjectCommand,
	ListMultipartUploadsCommand,
	ListObjectsV2Command,
	S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../lib/core/clock';
import { Secret } from '../../lib/core/secret';
import { openS3Store, type S3StoreOptions } from '../../lib/store/s3';
import type { Store } from '../../lib/store/store';
import { type FaultProxy, type SeenRequest, startFaultProxy } from '../support/fault-proxy';
import { describeWithRadosgw, type Keys, KMS_KEY, OTHER_CLASS, type Radosgw, startRadosgw } from '../support/radosgw';
import { bytesOf, content, storeConformance, TestBody } from './conformance';

const MIB = 1024 * 1024;
const OCTETS = { contentType: 'application/octet-stream' };
const SMALL = Buffer.from('a small object');

describeWithRadosgw('a store on Ceph’s radosgw', () => {
	let server: Radosgw;
	beforeAll(async () => {
		server = await startRadosgw();
	}, 180_000);
	afterAll(() => server?.close());

	const open = (bucket: string, options: Partial<S3StoreOptions> & { keys?: Keys } = {}) => {
		const { accessKeyId, secretAccessKey } = options.keys ?? server;
		return openS3Store({
			endpoint: server.url,
			region: 'us-east-1',
			bucket,
			credentials: { accessKeyId: new Secret(accessKeyId), secretAccessKey: new Secret(secretAccessKey) },
			clock: systemClock,
			random: Math.random,
			...options,
		});
	};

	storeConformance('S3', async () => ({ store: open(await server.makeBucket()), close: async () => {} }));

	describe('through a line that fails', () => {
		let bucket: string;
		let proxy: FaultProxy;
		let store: Store;
		const fast: Partial<S3StoreOptions> = { retry: { tries: 3, baseMs: 1, capMs: 1 } };

		beforeEach(async () => {
			bucket = await server.makeBucket();
			proxy = await startFaultProxy(server.url);
			store = open(bucket, { ...fast, endpoint: proxy.url });
		});
		afterEach(async () => {
			await store.close();
			await proxy.close();
		});

		const put = (bytes: Buffer, name = 'a') => store.put(name, new TestBody(bytes), OCTETS);
		const stored = async (name = 'a') => {
			const opened = await store.get(name, {});
			return opened && bytesOf(opened.body);
		};
		const isPut = ({ method, path }: SeenRequest) => method === 'PUT' && !path.includes('partNumber');
		const isPart = ({ method, path }: SeenRequest) => method === 'PUT' && path.includes('partNumber');
		const isCreate = ({ method, path }: SeenRequest) => method === 'POST' && path.includes('uploads');
		const isComplete = ({ method, path }: SeenRequest) => method === 'POST' && path.includes('uploadId');
		const isHead = ({ method }: SeenRequest) => method === 'HEAD';
		const count = (when: (request: SeenRequest) => boolean) => {
			const seen: SeenRequest[] = [];
			proxy.onRequest = (request) => void (when(request) && seen.push(request));
			return seen;
		};

		it('each call is tried again, the parts one by one', async () => {
			const seen = count(() => true);
			const sent = content(20 * MIB);
			for (const when of [isHead, isCreate, isPart, isComplete]) proxy.strike(when, { kind: 'status', status: 500 }, 2);
			expect(await put(sent)).toMatchObject({ bytes: sent.byteLength });
			expect(seen.filter(isPart)).toHaveLength(3 + 2);
			expect((await stored())?.equals(sent)).toBe(true);
		});

		it('sends the SHA-256 and the MD5 of each body, signed', async () => {
			const seen = count((request) => isPut(request) || isPart(request));
			await put(SMALL);
			await put(content(9 * MIB), 'large');
			for (const { headers, body } of seen) {
				expect(headers['x-amz-content-sha256']).toBe(createHash('sha256').update(body).digest('hex'));
				expect(headers['content-md5']).toBe(createHash('md5').update(body).digest('base64'));
				expect(headers.authorization).toMatch(/SignedHeaders=[^,]*content-md5[^,]*x-amz-content-sha256/);
			}
			expect(seen).toHaveLength(3);
		});

		it.each([
			['a whole object', 1_000, isPut],
			['a part', 9 * MIB, isPart],
		])(
			'the server refuses %s whose bytes were turned on the way, and takes it the next time',
			async (_, bytes, when) => {
				const sent = content(bytes);
				let turned = 0;
				const statuses: number[] = [];
				proxy.onRequest = (request) => {
					if (when(request) && turned++ === 0) request.body[500] = (request.body[500] as number) ^ 1;
				};
				proxy.onAnswer = (request, status) => void (when(request) && statuses.push(status));
				await put(sent);
				expect(statuses[0]).toBe(400);
				expect((await stored())?.equals(sent)).toBe(true);
			},
		);

		it('nothing is there when every try was turned', async () => {
			proxy.onRequest = (request) => {
				if (isPut(request)) request.body[0] = (request.body[0] as number) ^ 1;
			};
			await expect(put(SMALL)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect(await store.head('a', {})).toBeNull();
		});

		it.each([
			['a whole object', 1_000, isPut],
			['one put together', 9 * MIB, isComplete],
		])('recognises its own object: %s', async (_, bytes, when) => {
			proxy.strike(when, { kind: 'cut', at: 'answer' });
			const sent = content(bytes);
			const { etag } = await put(sent);
			expect(etag).toBe((await store.head('a', {}))?.etag);
			expect((await stored())?.equals(sent)).toBe(true);
		});

		it("does not take another's object for its own, nor write it over", async () => {
			proxy.strike(isHead, { kind: 'status', status: 403 }, 99);
			await open(bucket).put('a', new TestBody(Buffer.from('another object')), OCTETS);
			proxy.strike(isPut, { kind: 'status', status: 500 });
			await expect(put(SMALL)).rejects.toMatchObject({ code: 'STORE_EXISTS' });
			expect((await stored())?.toString()).toBe('another object');
		});

		it('says so when the object may still come', async () => {
			proxy.strike(isPut, { kind: 'cut', at: 'request' }, 3);
			await expect(put(SMALL)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', data: { mayBeDone: true } });
		});

		it('recognises its own replacement', async () => {
			const { etag } = await put(Buffer.from('one'));
			proxy.strike(isPut, { kind: 'cut', at: 'answer' });
			const replaced = await store.replace('a', Buffer.from('two'), etag, OCTETS);
			expect(replaced.etag).toBe((await store.head('a', {}))?.etag);
		});

		it('writes without a condition where the server knows none, once the name was found free', async () => {
			const seen = count(isPut);
			proxy.strike((request) => request.headers['if-none-match'] !== undefined, { kind: 'status', status: 501 }, 99);
			await put(SMALL);
			expect(seen).toHaveLength(2);
			await expect(put(SMALL)).rejects.toMatchObject({ code: 'STORE_EXISTS' });
			proxy.strike(isHead, { kind: 'status', status: 403 }, 99);
			await expect(put(SMALL, 'b')).rejects.toMatchObject({ code: 'STORE_REFUSED' });
		});

		it('what fails leaves no parts behind', async () => {
			const s3 = new S3Client({ endpoint: server.url, region: 'x', forcePathStyle: true, credentials: server });
			proxy.strike(isPart, { kind: 'status', status: 500 }, 99);
			await expect(put(content(20 * MIB))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect((await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual([]);
			expect(await store.head('a', {})).toBeNull();
		});

		it('a call that is not answered in time is tried again', async () => {
			store = open(bucket, { ...fast, endpoint: proxy.url, limits: { answerMs: 1_500, uploadMs: 1_500 } });
			proxy.strike(isHead, { kind: 'stall', at: 'request' });
			proxy.strike(isPut, { kind: 'stall', at: 'request' });
			await put(SMALL);
			expect(await stored()).toEqual(SMALL);
		});

		it.each(['stall', 'cut'] as const)('a read that is struck by %s fails', async (kind) => {
			await put(content(3 * MIB));
			store = open(bucket, { ...fast, endpoint: proxy.url, limits: { stallMs: 1_500 } });
			proxy.strike(({ method }) => method === 'GET', { kind, at: 'body' });
			await expect(stored()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', data: { name: 'a' } });
		});

		it('holds at most 32 MB of a large body', async () => {
			const total = 100 * MIB;
			const chunk = content(64 * 1024);
			let pulled = 0;
			let stored = 0;
			let mostHeld = 0;
			const sizes = new Map<string, number>();
			proxy.onRequest = (request) => void (isPart(request) && sizes.set(request.path, request.body.byteLength));
			proxy.onAnswer = ({ path }) => {
				stored += sizes.get(path) ?? 0;
			};
			const body = (async function* () {
				while (pulled < total) {
					pulled += chunk.byteLength;
					mostHeld = Math.max(mostHeld, pulled - stored);
					yield chunk;
				}
			})();
			expect(await store.put('large', body, OCTETS)).toMatchObject({ bytes: total });
			expect([...sizes.values()].sort((a, b) => b - a)).toEqual([...Array(12).fill(8 * MIB), 4 * MIB]);
			expect(mostHeld).toBeLessThanOrEqual(32_000_000 + chunk.byteLength);
		});
	});

	describe('is refused', () => {
		const SECRET = 'notTheSecretAtAll0123456789';

		it.each(['put', 'replace', 'get', 'head', 'list', 'delete'] as const)(
			'with a wrong key, at once and without showing it: %s',
			async (call) => {
				const bucket = await server.makeBucket();
				const store = open(bucket, { keys: { ...server, secretAccessKey: SECRET } });
				const calls = {
					put: () => store.put('a', new TestBody(SMALL), OCTETS),
					replace: () => store.replace('a', SMALL, '"x"', OCTETS),
					get: () => store.get('a', {}),
					head: () => store.head('a', {}),
					list: () => store.list('', {})[Symbol.asyncIterator]().next(),
					delete: () => store.delete(['a'], {}),
				};
				const failure = await calls[call]().catch((error) => error);
				expect(failure).toMatchObject({ code: 'STORE_REFUSED', hint: expect.stringContaining('access key') });
				const shown = inspect(failure, { depth: 20, showHidden: true });
				expect(shown).not.toContain(SECRET);
				expect(shown).not.toContain(server.accessKeyId);
			},
		);

		it('by a bucket that is not there, and by settings that it does not take', async () => {
			const small = (store: Store) => store.put('a', new TestBody(SMALL), OCTETS);
			await expect(small(open('no-such-bucket'))).rejects.toMatchObject({ code: 'STORE_REFUSED' });
			const bucket = await server.makeBucket();
			const plain = { encryption: null, kmsKeyId: null, storageClass: null, lock: null };
			for (const settings of [
				{ ...plain, storageClass: 'NO_SUCH_CLASS' },
				{ ...plain, lock: { mode: 'GOVERNANCE', days: 1 } as const },
				{ ...plain, encryption: 'aws:kms' as const, kmsKeyId: 'no-such-key' },
			]) {
				await expect(small(open(bucket, { settings }))).rejects.toMatchObject({ code: 'STORE_REFUSED' });
			}
		});
	});

	it('writes with the right to write alone, whole objects and parts', async () => {
		const bucket = await server.makeBucket();
		const keys = await server.makeUser(bucket, ['s3:PutObject']);
		const store = open(bucket, { keys });
		const [small, large] = [SMALL, content(17 * MIB)];
		expect(await store.put('small', new TestBody(small), OCTETS)).toMatchObject({ bytes: small.byteLength });
		expect(await store.put('large', new TestBody(large), OCTETS)).toMatchObject({ bytes: large.byteLength });
		await expect(store.put('small', new TestBody(small), OCTETS)).rejects.toMatchObject({ code: 'STORE_EXISTS' });
		for (const call of [
			() => store.get('small', {}),
			() => store.head('small', {}),
			() => store.list('', {})[Symbol.asyncIterator]().next(),
			() => store.delete(['small'], {}),
		]) {
			await expect(call()).rejects.toMatchObject({ code: 'STORE_REFUSED' });
		}
		const objects = new S3Client({ endpoint: server.url, region: 'x', forcePathStyle: true, credentials: keys });
		await expect(objects.send(new ListObjectsV2Command({ Bucket: bucket }))).rejects.toMatchObject({
			name: 'AccessDenied',
		});
	});

	it.each([1_000, 9 * MIB])('keeps %i bytes encrypted by the key and in the class it is told to', async (bytes) => {
		const bucket = await server.makeBucket();
		const sent = content(bytes);
		const encrypted = { encryption: 'aws:kms', kmsKeyId: KMS_KEY } as const;
		const store = open(bucket, { settings: { ...encrypted, storageClass: OTHER_CLASS, lock: null } });
		await store.put('a', new TestBody(sent), OCTETS);
		const opened = await store.get('a', {});
		expect(opened && (await bytesOf(opened.body)).equals(sent)).toBe(true);
		const s3 = new S3Client({ endpoint: server.url, region: 'x', forcePathStyle: true, credentials: server });
		expect(await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' }))).toMatchObject({
			ServerSideEncryption: 'aws:kms',
			SSEKMSKeyId: KMS_KEY,
			StorageClass: OTHER_CLASS,
		});
	});

	it('asks for the encryption that has no key of its own', async () => {
		// This server takes the header, and tells nothing of it afterwards.
		const proxy = await startFaultProxy(server.url);
		onTestFinished(() => proxy.close());
		const asked: unknown[] = [];
		proxy.onRequest = ({ method, headers }) =>
			void (method === 'PUT' && asked.push(headers['x-amz-server-side-encryption']));
		const settings = { encryption: 'AES256', kmsKeyId: null, storageClass: null, lock: null } as const;
		const store = open(await server.makeBucket(), { endpoint: proxy.url, settings });
		await store.put('a', new TestBody(SMALL), OCTETS);
		expect(asked).toEqual(['AES256']);
	});

	it.each([
		[1_000, 'GOVERNANCE'],
		[9 * MIB, 'GOVERNANCE'],
		[1_000, 'COMPLIANCE'],
		[9 * MIB, 'COMPLIANCE'],
	] as const)('locks %i bytes by %s for the days it is told to, and tells until when', async (bytes, mode) => {
		const bucket = await server.makeBucket({ objectLock: true });
		const lock = { mode, days: 3 };
		const store = open(bucket, { settings: { encryption: null, kmsKeyId: null, storageClass: 'STANDARD', lock } });
		const { lockedUntil } = await store.put('a', new TestBody(content(bytes)), OCTETS);
		const days = ((lockedUntil?.getTime() ?? 0) - Date.now()) / 86_400_000;
		expect(days).toBeGreaterThan(2.9);
		expect(days).toBeLessThanOrEqual(3);
		expect((await store.head('a', {}))?.lockedUntil).toEqual(lockedUntil);
		const s3 = new S3Client({ endpoint: server.url, region: 'x', forcePathStyle: true, credentials: server });
		const { VersionId, ObjectLockMode } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' }));
		expect(ObjectLockMode).toBe(mode);
		// The owner of the bucket may lift the one, and not the other.
		const remove = (BypassGovernanceRetention: boolean) =>
			s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a', VersionId, BypassGovernanceRetention }));
		await expect(remove(false)).rejects.toMatchObject({ name: 'AccessDenied' });
		if (mode === 'COMPLIANCE') await expect(remove(true)).rejects.toMatchObject({ name: 'AccessDenied' });
		else await remove(true);
	});

	it('is lost and found again with its server', async () => {
		const bucket = await server.makeBucket();
		const store = open(bucket, { retry: { tries: 2, baseMs: 1, capMs: 1 } });
		await store.put('a', new TestBody(SMALL), OCTETS);
		await server.kill();
		await expect(store.head('a', {})).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
		await server.restart();
		expect(await store.head('a', {})).toMatchObject({ bytes: SMALL.byteLength });
	});
});
