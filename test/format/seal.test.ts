import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LifeboatError } from '../../lib/core/errors';
import { seal, unseal } from '../../lib/format/seal';
import { chunksOf, collect, Source } from './chunks';

const plain = Buffer.from(Array.from({ length: 100 }, (_, nth) => `[${nth},"row ${nth * 7919}"]\n`).join(''));
const stored = gzipSync(plain);
const MEGABYTE = 1024 * 1024;

const unsealed = (bytes: Uint8Array, size = bytes.length) => collect(unseal(new Source([...chunksOf(bytes, size)])));
const codeOfError = (error: unknown) => (error instanceof LifeboatError ? error.code : error);
const codeOf = (promise: Promise<unknown>) => promise.then(() => 'none', codeOfError);

describe('seal and unseal', () => {
	it('come back as they went, in chunks of any sizes', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
				fc.integer({ min: 1, max: 50 }),
				async (chunks, size) => {
					const sealed = await collect(seal(new Source(chunks)));
					expect(gunzipSync(sealed)).toEqual(Buffer.concat(chunks));
					expect(await unsealed(sealed, size)).toEqual(Buffer.concat(chunks));
				},
			),
			{ numRuns: 50 },
		);
	});

	it('come back as they went, at sizes past every buffer', async () => {
		const chunks = Array.from({ length: 12 }, () => randomBytes(MEGABYTE));
		const through = unseal(seal(new Source(chunks)));
		expect(Buffer.compare(await collect(through), Buffer.concat(chunks))).toBe(0);
	});
});

describe.each([
	['seal', seal, Array.from({ length: 64 }, () => randomBytes(MEGABYTE))],
	['unseal', unseal, [...chunksOf(gzipSync(randomBytes(64 * MEGABYTE), { level: 0 }), MEGABYTE)]],
] as const)('%s', (_, through, chunks) => {
	it('does not pull its source on while nobody takes what comes out', async () => {
		const source = new Source(chunks);
		const stream = through(source);
		await stream.next();
		let before = -1;
		while (source.pulled !== before) {
			before = source.pulled;
			await wait(50);
		}
		expect(source.pulled).toBeLessThan(chunks.length / 2);
		await stream.return();
	});

	it('ends its source when the consumer stops early', async () => {
		const source = new Source(chunks);
		for await (const _ of through(source)) break;
		expect(source.returned).toBe(true);
	});

	it('does not touch its source before it is asked', async () => {
		const source = new Source(chunks);
		const stream = through(source);
		await stream.return();
		expect(source.pulled).toBe(0);
	});
});

describe.each([
	['seal', seal, plain],
	['unseal', unseal, stored],
] as const)('%s', (_, through, bytes) => {
	it.each([
		['at once', []],
		['after data', [...chunksOf(bytes.subarray(0, 200), 10)]],
		['after everything', [bytes]],
	])('passes on a failure of its source, %s', async (_, chunks) => {
		const failure = new LifeboatError('STORE_UNREACHABLE', 'x');
		await expect(collect(through(new Source(chunks, failure)))).rejects.toBe(failure);
	});

	it('passes on the failure of a consumer, and ends its source', async () => {
		const source = new Source([...chunksOf(bytes, 10), ...chunksOf(randomBytes(4 * MEGABYTE), 1000)]);
		const failure = new Error('x');
		const consume = async () => {
			for await (const _ of seal(source)) throw failure;
		};
		await expect(consume()).rejects.toBe(failure);
		expect(source.returned).toBe(true);
	});
});

describe('unseal', () => {
	it('refuses a file that is cut anywhere', async () => {
		for (let length = 0; length < stored.length; length++)
			expect(await codeOf(unsealed(stored.subarray(0, length), 64)), `cut to ${length}`).toBe('BACKUP_DAMAGED');
	});

	it('refuses a file of no bytes', async () => {
		expect(await codeOf(unsealed(Buffer.alloc(0)))).toBe('BACKUP_DAMAGED');
		expect(await codeOf(collect(unseal(new Source([Buffer.alloc(0)]))))).toBe('BACKUP_DAMAGED');
	});

	it('never gives other data for a file with a byte changed', async () => {
		for (let at = 10; at < stored.length; at++) {
			const changed = Buffer.from(stored);
			changed[at] = (changed[at] as number) ^ 0x40;
			// The last byte of the compressed data may have bits that nobody reads.
			const is = await unsealed(changed).then(
				(bytes) => (bytes.equals(plain) ? 'the same' : 'other data'),
				codeOfError,
			);
			expect(at === stored.length - 9 && is === 'the same' ? 'BACKUP_DAMAGED' : is, `byte ${at}`).toBe(
				'BACKUP_DAMAGED',
			);
		}
	});

	it.each([
		['text', Buffer.from('{"kind":"header"}\n')],
		['random bytes', Buffer.concat([Buffer.from([0]), randomBytes(100)])],
		['zlib without gzip', Buffer.from('789c030000000001', 'hex')],
	])('refuses %s', async (_, bytes) => {
		for (const size of [bytes.length, 1]) expect(await codeOf(unsealed(bytes, size))).toBe('BACKUP_DAMAGED');
	});

	it.each([
		['zeros', Buffer.alloc(20)],
		['one zero', Buffer.alloc(1)],
		['text', Buffer.from('more')],
		['the start of a member', stored.subarray(0, 1)],
		['a member after zeros', Buffer.concat([Buffer.alloc(4), stored])],
	])('refuses %s after the compressed data, wherever the chunks are cut', async (_, more) => {
		const file = Buffer.concat([stored, more]);
		for (let cut = stored.length - 12; cut <= file.length; cut++) {
			const source = new Source([file.subarray(0, cut), file.subarray(cut)]);
			expect(await codeOf(collect(unseal(source))), `cut at ${cut - stored.length}`).toBe('BACKUP_DAMAGED');
		}
		expect(await codeOf(unsealed(file, 1))).toBe('BACKUP_DAMAGED');
	});

	it('reads several members as one stream, wherever the chunks are cut', async () => {
		const file = Buffer.concat([gzipSync('one '), gzipSync(''), gzipSync('two '), gzipSync('three')]);
		for (let cut = 0; cut <= file.length; cut++) {
			const source = new Source([file.subarray(0, cut), file.subarray(cut)]);
			expect((await collect(unseal(source))).toString(), `cut at ${cut}`).toBe('one two three');
		}
		expect((await unsealed(file, 1)).toString()).toBe('one two three');
	});

	it('does not wait for what follows the damage', async () => {
		const source = new Source([Buffer.from('no gzip'), ...Array.from({ length: 100 }, () => randomBytes(1000))]);
		expect(await codeOf(collect(unseal(source)))).toBe('BACKUP_DAMAGED');
		expect(source.returned).toBe(true);
	});
});
