import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LifeboatError } from '../../lib/core/errors';
import type { Store, StoredObject } from '../../lib/store/store';

const MIB = 1024 * 1024;
const OCTETS = { contentType: 'application/octet-stream' };

/** Bytes that differ from place to place, so that parts in the wrong order are noticed. */
export function content(bytes: number, seed = 1): Buffer {
	const buffer = Buffer.allocUnsafe(bytes);
	let state = seed;
	for (let at = 0; at < bytes; at += 4) {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		if (at + 4 <= bytes) buffer.writeInt32LE(state, at);
		else for (let rest = at; rest < bytes; rest++) buffer[rest] = state & 0xff;
	}
	return buffer;
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of body) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** A body that counts what is asked of it. */
export class TestBody implements AsyncIterableIterator<Uint8Array> {
	pulledBytes = 0;
	closed = 0;
	#at = 0;

	constructor(
		readonly bytes: Buffer,
		readonly options: { readonly chunkBytes?: number; readonly afterwards?: () => Promise<never> } = {},
	) {}

	[Symbol.asyncIterator]() {
		return this;
	}

	async next(): Promise<IteratorResult<Uint8Array>> {
		const chunk = this.bytes.subarray(this.#at, this.#at + (this.options.chunkBytes ?? 64 * 1024));
		this.#at += chunk.byteLength;
		this.pulledBytes += chunk.byteLength;
		if (chunk.byteLength > 0) return { done: false, value: chunk };
		await this.options.afterwards?.();
		return { done: true, value: undefined };
	}

	async return(): Promise<IteratorResult<Uint8Array>> {
		this.closed += 1;
		return { done: true, value: undefined };
	}
}

const bodyOf = (bytes: Buffer, chunkBytes?: number) => new TestBody(bytes, { chunkBytes });

async function namesOf(list: AsyncIterable<StoredObject>): Promise<string[]> {
	const names: string[] = [];
	for await (const { name } of list) names.push(name);
	return names;
}

async function failureOf(promise: Promise<unknown>): Promise<LifeboatError> {
	return promise.then(
		() => expect.unreachable('it succeeded'),
		(error) => error,
	);
}

/** Asserts every promise of `lib/store/store.ts` on a store that starts out empty. */
export function storeConformance(name: string, open: () => Promise<{ store: Store; close(): Promise<void> }>): void {
	describe(`${name} keeps the store contract`, () => {
		let store: Store;
		let close: () => Promise<void>;
		let used = 0;
		const fresh = () => `conformance/${String(used++).padStart(3, '0')}.bin`;

		beforeAll(async () => {
			({ store, close } = await open());
		});
		afterAll(async () => {
			await store.close();
			await close();
		});

		const put = (at: string, bytes: Buffer, signal?: AbortSignal) =>
			store.put(at, bodyOf(bytes), { ...OCTETS, signal });
		const read = async (at: string) => {
			const opened = await store.get(at, {});
			return opened && bytesOf(opened.body);
		};

		it('starts out empty, and finds nothing then', async () => {
			expect(await namesOf(store.list('', {}))).toEqual([]);
			expect(await store.get('no/such', {})).toBeNull();
			expect(await store.head('no/such', {})).toBeNull();
			await store.delete(['no/such'], {});
		});

		it.each([0, 1, 65_537, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 16 * MIB, 20 * MIB + 3])(
			'holds %i bytes',
			async (bytes) => {
				const at = fresh();
				const sent = content(bytes);
				const written = await store.put(at, bodyOf(sent, 99_991), OCTETS);
				expect(written).toMatchObject({ name: at, bytes });
				expect(Math.abs(written.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000);
				expect(await store.head(at, {})).toEqual(written);
				const opened = await store.get(at, {});
				expect(opened).toMatchObject({ name: at, bytes, etag: written.etag });
				expect(opened && (await bytesOf(opened.body)).equals(sent)).toBe(true);
			},
		);

		it('takes chunks of any size, empty ones and ones larger than a part', async () => {
			const sent = content(18 * MIB);
			const chunks = [sent.subarray(0, 1), sent.subarray(1, 1), sent.subarray(1, 17 * MIB), sent.subarray(17 * MIB)];
			const at = fresh();
			await store.put(
				at,
				(async function* () {
					yield* chunks;
				})(),
				OCTETS,
			);
			expect((await read(at))?.equals(sent)).toBe(true);
		});

		it('copies what it is given: a body may use its buffer again', async () => {
			const at = fresh();
			await store.put(
				at,
				(async function* () {
					const buffer = Buffer.alloc(4);
					for (const letter of 'abc') yield buffer.fill(letter);
				})(),
				OCTETS,
			);
			expect((await read(at))?.toString()).toBe('aaaabbbbcccc');
		});

		it.each(['', '/a', 'a/', 'a//b', '.', '..', 'a/../b', 'a b', 'a\\b', 'ä', 'a?b', 'a#b', 'a\0', 'x'.repeat(951)])(
			'refuses the name %j before anything is read or sent',
			async (bad) => {
				const body = bodyOf(content(1));
				expect(await failureOf(store.put(bad, body, OCTETS))).toMatchObject({ code: 'USAGE_INVALID' });
				expect(body).toMatchObject({ pulledBytes: 0, closed: 1 });
				for (const call of [
					() => store.get(bad, {}),
					() => store.head(bad, {}),
					() => store.delete(['good', bad], {}),
					() => store.replace(bad, Buffer.from('x'), 'etag', OCTETS),
				]) {
					expect(await failureOf(call())).toMatchObject({ code: 'USAGE_INVALID' });
				}
			},
		);

		it('refuses a prefix that no name can start with', async () => {
			for (const bad of ['/', 'a//', '../', 'a b']) {
				expect(await failureOf(namesOf(store.list(bad, {})))).toMatchObject({ code: 'USAGE_INVALID' });
			}
		});

		it.each([10, 9 * MIB])('creates only: %i bytes do not overwrite', async (bytes) => {
			const at = fresh();
			const first = await put(at, content(10, 7));
			const body = bodyOf(content(bytes));
			expect(await failureOf(store.put(at, body, OCTETS))).toMatchObject({ code: 'STORE_EXISTS' });
			expect(body.closed === 1 || body.pulledBytes === bytes).toBe(true);
			expect(await store.head(at, {})).toEqual(first);
			expect((await read(at))?.equals(content(10, 7))).toBe(true);
		});

		it('lets one of two who create the same name succeed', async () => {
			const at = fresh();
			const results = await Promise.allSettled([put(at, Buffer.from('one')), put(at, Buffer.from('two'))]);
			const won = results.findIndex(({ status }) => status === 'fulfilled');
			expect(results[1 - won]).toMatchObject({ status: 'rejected', reason: { code: 'STORE_EXISTS' } });
			expect((await read(at))?.toString()).toBe(['one', 'two'][won]);
		});

		it.each([0, 100, 17 * MIB])('throws what the body throws after %i bytes, and shows nothing', async (bytes) => {
			const at = fresh();
			const failure = new Error('the body failed');
			const body = new TestBody(content(bytes), { afterwards: () => Promise.reject(failure) });
			expect(await failureOf(store.put(at, body, OCTETS))).toBe(failure);
			expect(await store.head(at, {})).toBeNull();
			expect(await namesOf(store.list(at, {}))).toEqual([]);
			await put(at, Buffer.from('free'));
		});

		it.each([100, 17 * MIB])('stops when aborted while the body hangs after %i bytes', async (bytes) => {
			const at = fresh();
			const stop = new AbortController();
			const reason = new Error('enough');
			const body = new TestBody(content(bytes), {
				afterwards: () => {
					setImmediate(() => stop.abort(reason));
					return new Promise(() => {});
				},
			});
			expect(await failureOf(store.put(at, body, { ...OCTETS, signal: stop.signal }))).toBe(reason);
			expect(body.closed).toBe(1);
			expect(await store.head(at, {})).toBeNull();
			expect(await namesOf(store.list(at, {}))).toEqual([]);
		});

		it('throws the reason of a signal that has aborted already', async () => {
			const at = fresh();
			const { etag } = await put(at, Buffer.from('kept'));
			const reason = new Error('enough');
			const signal = AbortSignal.abort(reason);
			const body = bodyOf(content(1));
			expect(await failureOf(store.put(fresh(), body, { ...OCTETS, signal }))).toBe(reason);
			expect(body).toMatchObject({ pulledBytes: 0, closed: 1 });
			for (const call of [
				() => store.get(at, { signal }),
				() => store.head(at, { signal }),
				() => namesOf(store.list('', { signal })),
				() => store.delete([at], { signal }),
				() => store.replace(at, Buffer.from('x'), etag, { ...OCTETS, signal }),
			]) {
				expect(await failureOf(call())).toBe(reason);
			}
			expect((await read(at))?.toString()).toBe('kept');
		});

		it('stops reading when aborted', async () => {
			const at = fresh();
			await put(at, content(3 * MIB));
			const stop = new AbortController();
			const opened = await store.get(at, { signal: stop.signal });
			const reading = (async () => {
				for await (const _ of opened?.body ?? []) stop.abort(new Error('enough'));
			})();
			expect(await failureOf(reading)).toMatchObject({ message: 'enough' });
		});

		it('lets a reader stop early, or before it began', async () => {
			const at = fresh();
			await put(at, content(3 * MIB));
			const first = await store.get(at, {});
			for await (const _ of first?.body ?? []) break;
			const second = (await store.get(at, {}))?.body[Symbol.asyncIterator]();
			expect(await second?.return?.()).toMatchObject({ done: true });
			expect(await second?.next()).toMatchObject({ done: true });
			expect((await read(at))?.byteLength).toBe(3 * MIB);
		});

		it('replaces an object that is still the one that was read, and answers freshly', async () => {
			const at = fresh();
			const first = await put(at, Buffer.from('first'));
			const second = await store.replace(at, Buffer.from('second!'), first.etag, OCTETS);
			expect(second).toMatchObject({ name: at, bytes: 7 });
			expect(second.etag).not.toBe(first.etag);
			expect((await read(at))?.toString()).toBe('second!');
			expect(await store.head(at, {})).toMatchObject({ bytes: 7, etag: second.etag });
			const third = await store.replace(at, Buffer.from('third'), second.etag, OCTETS);
			const opened = await store.get(at, {});
			expect(opened?.etag).toBe(third.etag);
			expect(opened && (await bytesOf(opened.body)).toString()).toBe('third');
		});

		it('does not replace what has changed, or is gone', async () => {
			const at = fresh();
			const first = await put(at, Buffer.from('first'));
			await store.replace(at, Buffer.from('second'), first.etag, OCTETS);
			const late = store.replace(at, Buffer.from('late'), first.etag, OCTETS);
			expect(await failureOf(late)).toMatchObject({ code: 'STORE_CHANGED' });
			expect((await read(at))?.toString()).toBe('second');
			await store.delete([at], {});
			const gone = store.replace(at, Buffer.from('gone'), first.etag, OCTETS);
			expect(await failureOf(gone)).toMatchObject({ code: 'STORE_CHANGED' });
			expect(await read(at)).toBeNull();
		});

		it('lets one of many who replace the same object succeed', async () => {
			const at = fresh();
			const { etag } = await put(at, Buffer.from('first'));
			const bodies = Array.from({ length: 8 }, (_, nth) => Buffer.from(`by ${nth}`));
			const results = await Promise.allSettled(bodies.map((body) => store.replace(at, body, etag, OCTETS)));
			const won = results.flatMap(({ status }, nth) => (status === 'fulfilled' ? [nth] : []));
			expect(won).toHaveLength(1);
			for (const [nth, result] of results.entries()) {
				if (nth !== won[0]) expect(result).toMatchObject({ reason: { code: 'STORE_CHANGED' } });
			}
			expect((await read(at))?.toString()).toBe(`by ${won[0]}`);
		});

		it('finds nothing below an object', async () => {
			const at = fresh();
			await put(at, Buffer.from('x'));
			expect(await store.get(`${at}/below`, {})).toBeNull();
			expect(await store.head(`${at}/below`, {})).toBeNull();
			await store.delete([`${at}/below`], {});
		});

		it('lists in order of whole names, by any prefix', async () => {
			const names = ['l/a-b', 'l/a.b', 'l/a/b', 'l/a/c-d', 'l/a/c/e', 'l/a0', 'l/b', 'l/B', 'lx', 'l-/z'];
			for (const at of names) await put(at, Buffer.from(at));
			const sorted = [...names].sort((a, b) => (a < b ? -1 : 1));
			const all = (await namesOf(store.list('', {}))).filter((at) => at.startsWith('l'));
			expect(all).toEqual(sorted);
			for (const prefix of ['l', 'l/', 'l/a', 'l/a/', 'l/a/c', 'l/a/c/', 'l/a/c/e', 'l/a/c/ex', 'l-', 'z', 'l/b']) {
				expect([prefix, await namesOf(store.list(prefix, {}))]).toEqual([
					prefix,
					sorted.filter((at) => at.startsWith(prefix)),
				]);
			}
			for await (const listed of store.list('l/', {})) expect(listed).toEqual(await store.head(listed.name, {}));
			await store.delete(names, {});
		});

		it('deletes many, and names that are not there', async () => {
			const names = Array.from({ length: 120 }, (_, nth) => `many/${String(nth).padStart(3, '0')}`);
			for (const at of names) await put(at, Buffer.from(at));
			await put('many-not', Buffer.from('kept'));
			expect(await namesOf(store.list('many/', {}))).toEqual(names);
			await store.delete([...names, 'many/none'], {});
			expect(await namesOf(store.list('many', {}))).toEqual(['many-not']);
			await store.delete([], {});
		});
	});
}
