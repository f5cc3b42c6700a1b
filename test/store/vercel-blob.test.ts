import { inspect } from 'node:util';
import { list } from '@vercel/blob';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../../lib/core/clock';
import { Secret } from '../../lib/core/secret';
import type { Store } from '../../lib/store/store';
import { openVercelBlobStore, type VercelBlobStoreOptions } from '../../lib/store/vercel-blob';
import { type BlobServer, startBlobServer } from '../support/blob-server';
import { bytesOf, content, storeConformance, TestBody } from './conformance';

const MIB = 1024 * 1024;
const OCTETS = { contentType: 'application/octet-stream' };
const SMALL = Buffer.from('a small object');

/** Waits no time, and notes how long it would have. */
function fakeClock(): Clock & { waitsMs: number[] } {
	const waitsMs: number[] = [];
	return {
		...systemClock,
		waitsMs,
		async sleep(ms, signal) {
			signal?.throwIfAborted();
			waitsMs.push(ms);
		},
	};
}

storeConformance('Vercel Blob', async () => {
	const server = await startBlobServer({ pageObjects: 7 });
	await server.connect();
	const store = openVercelBlobStore({ token: new Secret(server.token), clock: fakeClock(), random: Math.random });
	return { store, close: () => server.close() };
});

describe('Vercel Blob', () => {
	let server: BlobServer;
	let clock: ReturnType<typeof fakeClock>;
	let store: Store;
	const open = (options: Partial<VercelBlobStoreOptions> = {}) =>
		openVercelBlobStore({ token: new Secret(server.token), clock, random: () => 0.5, ...options });
	const put = (name: string, bytes: Buffer, on = store) => on.put(name, new TestBody(bytes), OCTETS);
	const stored = async (name: string) => {
		const opened = await store.get(name, {});
		return opened && bytesOf(opened.body);
	};

	beforeEach(async () => {
		server = await startBlobServer();
		await server.connect();
		clock = fakeClock();
		store = open();
	});
	afterEach(() => server.close());

	describe('tries again', () => {
		const unclear = [
			{ kind: 'status', status: 500, code: 'internal_server_error' },
			{ kind: 'status', status: 500 },
			{ kind: 'status', status: 502, code: 'unknown_error' },
			{ kind: 'status', status: 503, code: 'service_unavailable' },
			{ kind: 'cut' },
		] as const;

		it.each(unclear)('a put after %o', async (fault) => {
			server.fault({ on: 'put', times: 2, ...fault });
			expect(await put('a', SMALL)).toMatchObject({ bytes: SMALL.byteLength });
			expect(server.requests.put).toBe(3);
			expect(clock.waitsMs).toEqual([250, 500]);
			expect(await stored('a')).toEqual(SMALL);
		});

		it.each(unclear)('each step of a multipart upload after %o', async (fault) => {
			const sent = content(20 * MIB);
			for (const on of ['create', 'part', 'complete'] as const) server.fault({ on, times: 2, ...fault });
			await put('large', sent);
			expect(server.requests).toMatchObject({ put: 0, create: 3, part: 5, complete: 3 });
			expect((await stored('large'))?.equals(sent)).toBe(true);
		});

		it.each(unclear)('head, list and delete after %o', async (fault) => {
			await put('a', SMALL);
			for (const on of ['head', 'list', 'delete'] as const) server.fault({ on, times: 2, ...fault });
			expect(await store.head('a', {})).toMatchObject({ bytes: SMALL.byteLength });
			for await (const { name } of store.list('', {})) expect(name).toBe('a');
			await store.delete(['a'], {});
			expect(server.requests).toMatchObject({ head: 4, list: 3, delete: 3 });
			expect(server.objects).toEqual([]);
		});

		it.each([429, 500, 502, 503, 504, 408])('the opening of an object after status %i', async (status) => {
			await put('a', SMALL);
			server.fault({ on: 'get', times: 2, kind: 'status', status });
			expect(await stored('a')).toEqual(SMALL);
			expect(server.requests.get).toBe(3);
		});

		it('a call that is not answered in time', async () => {
			store = open({ limits: { answerMs: 1_500, uploadMs: 1_500 } });
			server.fault({ on: 'put', kind: 'stall' });
			server.fault({ on: 'head', kind: 'stall' });
			await put('a', SMALL);
			expect(server.requests).toMatchObject({ put: 2, head: 2 });
		});

		it('no sooner than a rate limit asks', async () => {
			server.fault({ on: 'put', kind: 'status', status: 429, code: 'rate_limited', retryAfterSeconds: 17 });
			server.fault({ on: 'put', kind: 'status', status: 429, code: 'rate_limited' });
			await put('a', SMALL);
			expect(clock.waitsMs).toEqual([17_000, 500]);
		});

		it('not when a rate limit asks for minutes', async () => {
			server.fault({ on: 'put', kind: 'status', status: 429, code: 'rate_limited', retryAfterSeconds: 300 });
			await expect(put('a', SMALL)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect(server.requests.put).toBe(1);
		});

		it.each(['put', 'create', 'part', 'complete'] as const)('%s five times, and then gives up', async (on) => {
			server.fault({ on, times: 1000, kind: 'status', status: 500 });
			const body = new TestBody(on === 'put' ? SMALL : content(60 * MIB));
			await expect(store.put('a', body, OCTETS)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect(server.requests[on]).toBeGreaterThanOrEqual(5);
			expect(server.requests[on]).toBeLessThanOrEqual(on === 'part' ? 15 : 5);
			expect(body.closed === 1 || body.pulledBytes === body.bytes.byteLength).toBe(true);
			server.clearFaults();
			expect(server.objects).toEqual([]);
			expect(await store.head('a', {})).toBeNull();
		});

		it.each(['get', 'head', 'list', 'delete'] as const)('%s five times, and then gives up', async (on) => {
			await put('a', SMALL);
			const before = server.requests[on];
			server.fault({ on, times: 1000, kind: 'status', status: 500 });
			const calls = {
				get: () => store.get('a', {}),
				head: () => store.head('a', {}),
				list: () => store.list('', {})[Symbol.asyncIterator]().next(),
				delete: () => store.delete(['a'], {}),
			};
			await expect(calls[on]()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect(server.requests[on] - before).toBe(5);
			expect(clock.waitsMs).toEqual([250, 500, 1000, 2000]);
		});

		it('never when nobody listens any more', async () => {
			await server.close();
			await expect(store.head('a', {})).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect(clock.waitsMs).toHaveLength(4);
			server = await startBlobServer();
		});

		it('not after an abort', async () => {
			const stop = new AbortController();
			clock.sleep = async () => {
				stop.abort(new Error('enough'));
				stop.signal.throwIfAborted();
			};
			server.fault({ on: 'head', times: 9, kind: 'status', status: 500 });
			await expect(store.head('a', { signal: stop.signal })).rejects.toThrow('enough');
			expect(server.requests.head).toBe(1);
		});
	});

	describe('when it cannot know whether a write was done', () => {
		it('recognises its own object by its content', async () => {
			server.fault({ on: 'put', kind: 'after' });
			expect(await put('a', SMALL)).toMatchObject({ bytes: SMALL.byteLength });
			expect(server.requests).toMatchObject({ put: 2, get: 1 });
			expect(await stored('a')).toEqual(SMALL);
		});

		it('recognises its own multipart upload, whose end it missed', async () => {
			const sent = content(20 * MIB);
			server.fault({ on: 'complete', kind: 'after' });
			expect(await put('large', sent)).toMatchObject({ bytes: sent.byteLength });
			expect(server.requests).toMatchObject({ complete: 2, get: 1 });
			expect((await stored('large'))?.equals(sent)).toBe(true);
		});

		it('uploads a part again', async () => {
			server.fault({ on: 'part', times: 2, kind: 'after' });
			const sent = content(20 * MIB);
			await put('large', sent);
			expect((await stored('large'))?.equals(sent)).toBe(true);
		});

		it.each(['other objects', 'an object of the same size'])('does not take %s for its own', async (text) => {
			const other = text.includes('same') ? Buffer.from('A small object') : Buffer.from('longer than the small object');
			await put('a', other);
			server.fault({ on: 'put', kind: 'status', status: 500 });
			await expect(put('a', SMALL)).rejects.toMatchObject({ code: 'STORE_EXISTS' });
			expect(await stored('a')).toEqual(other);
		});

		it('recognises its own object also when no try is answered', async () => {
			server.fault({ on: 'put', kind: 'after' });
			server.fault({ on: 'put', kind: 'status', status: 500, times: 99 });
			expect(await put('a', SMALL)).toMatchObject({ bytes: SMALL.byteLength });
		});

		it('says so when the object may still come, and only then', async () => {
			const failure = { code: 'STORE_UNREACHABLE', data: { mayBeDone: true } };
			server.fault({ on: 'put', kind: 'status', status: 500, times: 5 });
			await expect(put('a', SMALL)).rejects.toMatchObject(failure);
			server.fault({ on: 'put', kind: 'status', status: 429, code: 'rate_limited', times: 5 });
			const limited = await put('a', SMALL).catch((error) => error);
			expect(limited).toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect(limited.data).not.toHaveProperty('mayBeDone');
		});

		it('takes an answered write for done, whatever comes of a look at it', async () => {
			server.fault({ on: 'head', kind: 'status', status: 403, code: 'forbidden' });
			const { etag } = await put('a', SMALL);
			expect(etag).toBe((await store.head('a', {}))?.etag);
		});

		it('does not read anything back when the first answer is clear', async () => {
			await put('a', SMALL);
			await expect(put('a', SMALL)).rejects.toMatchObject({ code: 'STORE_EXISTS' });
			expect(server.requests.get).toBe(0);
		});

		it('recognises its own replacement', async () => {
			const { etag } = await put('lease', Buffer.from('one'));
			server.fault({ on: 'put', kind: 'after' });
			const replaced = await store.replace('lease', Buffer.from('two'), etag, OCTETS);
			expect(replaced.etag).toBe((await store.head('lease', {}))?.etag);
		});

		it("does not take another's replacement for its own", async () => {
			const { etag } = await put('lease', Buffer.from('one'));
			await store.replace('lease', Buffer.from('two'), etag, OCTETS);
			server.fault({ on: 'put', kind: 'status', status: 500 });
			const late = store.replace('lease', Buffer.from('222'), etag, OCTETS);
			await expect(late).rejects.toMatchObject({ code: 'STORE_CHANGED' });
		});

		it('reads a condition on a missing object as changed, however it is answered', async () => {
			server.fault({ on: 'put', kind: 'status', status: 404, code: 'not_found' });
			const gone = store.replace('lease', Buffer.from('two'), '"x"', OCTETS);
			await expect(gone).rejects.toMatchObject({ code: 'STORE_CHANGED' });
		});
	});

	describe('does not take for an answer what is not one of Vercel Blob', () => {
		const other = { kind: 'status', status: 200, times: 2 } as const;

		it('when it writes', async () => {
			server.fault({ on: 'put', ...other });
			const { etag } = await put('lease', Buffer.from('one'));
			server.fault({ on: 'put', ...other });
			const replaced = await store.replace('lease', Buffer.from('two'), etag, OCTETS);
			expect(replaced.etag).toBe((await store.head('lease', {}))?.etag);
			expect(server.requests.put).toBe(6);
		});

		it('when it writes by parts', async () => {
			const sent = content(20 * MIB);
			for (const on of ['create', 'part', 'complete'] as const) server.fault({ on, ...other });
			await put('large', sent);
			expect(server.requests).toMatchObject({ create: 3, part: 5, complete: 3 });
			expect((await stored('large'))?.equals(sent)).toBe(true);
		});

		it('when it reads', async () => {
			await put('a', SMALL);
			for (const on of ['get', 'head', 'list'] as const) server.fault({ on, ...other });
			expect(await stored('a')).toEqual(SMALL);
			expect(await store.head('a', {})).toMatchObject({ bytes: SMALL.byteLength });
			const first = await store.list('', {})[Symbol.asyncIterator]().next();
			expect(first.value).toMatchObject({ name: 'a' });
		});

		it('and gives up as with any failure', async () => {
			server.fault({ on: 'list', ...other, times: 99 });
			const listing = store.list('', {})[Symbol.asyncIterator]().next();
			await expect(listing).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', hint: expect.any(String) });
		});
	});

	describe('a read', () => {
		beforeEach(() => put('a', content(3 * MIB)));

		it('that stalls fails in time', async () => {
			store = open({ limits: { stallMs: 1_500 } });
			server.fault({ on: 'get', kind: 'stall' });
			await expect(stored('a')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', data: { name: 'a' } });
		});

		it('that is cut fails', async () => {
			server.fault({ on: 'get', kind: 'cut' });
			await expect(stored('a')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
		});

		it('that ends early fails, also if the store does not say how much is to come', async () => {
			server.fault({ on: 'get', kind: 'short' });
			await expect(stored('a')).rejects.toMatchObject({
				code: 'STORE_UNREACHABLE',
				data: { receivedBytes: 1.5 * MIB, expectedBytes: 3 * MIB },
			});
		});

		it('never comes from a cache', async () => {
			const { etag } = await put('lease', Buffer.from('one'));
			await store.replace('lease', Buffer.from('two'), etag, OCTETS);
			expect((await stored('lease'))?.toString()).toBe('two');
			expect(server.cachedReads).toBe(0);
		});
	});

	describe('is refused', () => {
		const everyCall = (on: Store) => ({
			put: () => put('a', SMALL, on),
			large: () => put('a', content(9 * MIB), on),
			replace: () => on.replace('a', SMALL, '"x"', OCTETS),
			get: () => on.get('a', {}),
			head: () => on.head('a', {}),
			list: () => on.list('', {})[Symbol.asyncIterator]().next(),
			delete: () => on.delete(['a'], {}),
		});

		it.each(['put', 'large', 'replace', 'get', 'head', 'list', 'delete'] as const)(
			'with a wrong token, at once and without showing it: %s',
			async (call) => {
				const token = `vercel_blob_rw_${server.storeId}_wrongPlease`;
				const failure = await everyCall(open({ token: new Secret(token) }))
					[call]()
					.catch((error) => error);
				expect(failure).toMatchObject({
					code: 'STORE_REFUSED',
					hint: expect.stringContaining('BLOB_READ_WRITE_TOKEN'),
				});
				expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('wrongPlease');
				expect(JSON.stringify(failure)).not.toContain('wrongPlease');
				expect(clock.waitsMs).toEqual([]);
			},
		);

		it.each(['store_suspended', 'store_not_found'] as const)('by a store that is not there: %s', async (refuseAll) => {
			await server.close();
			server = await startBlobServer({ refuseAll });
			await server.connect();
			for (const call of Object.values(everyCall(open()))) {
				await expect(call()).rejects.toMatchObject({ code: 'STORE_REFUSED' });
			}
		});

		it('before anything is sent, without usable credentials', () => {
			for (const token of ['', 'secret', 'vercel_blob_rw_abc', 'vercel_blob_rw_abc_def\n', 'vercel_blob_client_a_b']) {
				const opening = () => open({ token: new Secret(token) });
				expect(opening).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
			}
			expect(() => open({ token: undefined })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
		});
	});

	it('signs in by OIDC and the id of the store', async () => {
		const claims = { exp: Math.floor(Date.now() / 1000) + 3600 };
		const oidcToken = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
		await server.close();
		server = await startBlobServer({ oidcToken });
		await server.connect();
		vi.stubEnv('VERCEL_OIDC_TOKEN', oidcToken);
		store = open({ token: undefined, storeId: `store_${server.storeId}` });
		await put('a', SMALL);
		expect(await stored('a')).toEqual(SMALL);
		vi.unstubAllEnvs();
	});

	it('turns off the retries of the SDK, which would multiply with ours', () => {
		expect(process.env.VERCEL_BLOB_RETRIES).toBe('0');
	});

	it('leaves out folders that were made in the dashboard', async () => {
		await put('f/a', SMALL);
		const { createFolder } = await import('@vercel/blob');
		await createFolder('f', { access: 'private', token: server.token });
		expect(server.objects.map(({ pathname }) => pathname)).toEqual(['f/', 'f/a']);
		const names: string[] = [];
		for await (const { name } of store.list('f/', {})) names.push(name);
		expect(names).toEqual(['f/a']);
	});

	it('deletes by the hundred', async () => {
		await store.delete(
			Array.from({ length: 250 }, (_, nth) => `n${nth}`),
			{},
		);
		expect(server.requests.delete).toBe(3);
	});

	describe('of a large body', () => {
		const TOTAL = 100 * MIB;
		const CHUNK = 64 * 1024;

		it('uploads equal parts, three at once, and holds at most 32 MB', async () => {
			let pulled = 0;
			let mostHeld = 0;
			const chunk = content(CHUNK);
			const body = (async function* () {
				for (; pulled < TOTAL; ) {
					pulled += CHUNK;
					mostHeld = Math.max(mostHeld, pulled - server.acknowledgedBytes);
					yield chunk;
				}
			})();
			expect(await store.put('large', body, OCTETS)).toMatchObject({ bytes: TOTAL });
			expect(server.partBytes).toEqual([...Array(12).fill(8 * MIB), 4 * MIB]);
			expect(server.mostPartsAtOnce).toBeLessThanOrEqual(3);
			expect(server.mostPartsAtOnce).toBeGreaterThanOrEqual(2);
			expect(mostHeld).toBeLessThanOrEqual(32_000_000 + CHUNK);
		});

		it('stops reading it when nothing is acknowledged', async () => {
			store = open({ limits: { uploadMs: 400 }, retry: { tries: 1, baseMs: 1, capMs: 1 } });
			server.fault({ on: 'part', times: 99, kind: 'stall' });
			const body = new TestBody(content(TOTAL), { chunkBytes: CHUNK });
			await expect(store.put('large', body, OCTETS)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect(body.pulledBytes).toBeLessThanOrEqual(24 * MIB + CHUNK);
			expect(body.closed).toBe(1);
			expect(server.objects).toEqual([]);
		});
	});

	describe('the server', () => {
		it('folds names', async () => {
			for (const name of ['a/b', 'a/c', 'd', 'e/f']) await put(name, SMALL);
			const folded = await list({ mode: 'folded', token: server.token });
			expect(folded.folders).toEqual(['a/', 'e/']);
			expect(folded.blobs.map(({ pathname }) => pathname)).toEqual(['d']);
		});
	});
});
