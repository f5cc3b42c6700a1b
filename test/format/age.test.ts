import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { LifeboatError } from '../../lib/core/errors';
import { openSealed, openSealer } from '../../lib/format/age';
import {
	identitiesOf,
	identityFile,
	isProtected,
	type KeyPair,
	newKeyPair,
	openIdentities,
	protectIdentities,
} from '../../lib/format/age-identity';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of body) chunks.push(chunk);
	return Buffer.concat(chunks);
}

const failureOf = (body: AsyncIterable<Uint8Array>): Promise<LifeboatError> =>
	collect(body).then(
		() => {
			throw new Error('it was opened');
		},
		(error) => error,
	);

describe('what is sealed', () => {
	let pair: KeyPair;
	let other: KeyPair;
	let quantum: KeyPair;
	const keys =
		(...pairs: KeyPair[]) =>
		async () =>
			pairs.map(({ identity }) => identity);
	const sealed = async (bytes: Uint8Array, pairs: KeyPair[], size = 70_000) =>
		collect((await openSealer(pairs.map(({ recipient }) => recipient)))(chunksOf(bytes, size)));

	beforeAll(async () => {
		[pair, other, quantum] = await Promise.all([newKeyPair(false), newKeyPair(false), newKeyPair(true)]);
	});

	it('is opened by an identity of any of its recipients, post-quantum or not, however it comes', async () => {
		// The sizes about age's own chunks of 65,536 bytes.
		const sizes = fc.oneof(fc.nat(300), fc.constantFrom(65_535, 65_536, 65_537, 131_072, 200_001));
		await fc.assert(
			fc.asyncProperty(sizes, fc.integer({ min: 1, max: 70_000 }), async (size, wanted) => {
				const bytes = randomBytes(size);
				const chunk = Math.max(wanted, size >> 7);
				const file = await sealed(bytes, [pair, quantum], chunk + 200);
				for (const key of [keys(pair), keys(quantum), keys(other, quantum)])
					expect(await collect(openSealed(chunksOf(file, chunk), key))).toEqual(bytes);
			}),
			{ numRuns: 8 },
		);
	});

	it('is opened by nobody else', async () => {
		const file = await sealed(Buffer.from('secret'), [pair, quantum]);
		expect(file.includes('secret')).toBe(false);
		expect(await failureOf(openSealed(chunksOf(file, 50), keys(other)))).toMatchObject({ code: 'KEY_WRONG' });
		expect(await failureOf(openSealed(chunksOf(file, 50), keys()))).toMatchObject({ code: 'KEY_NEEDED' });
		expect(await failureOf(openSealed(chunksOf(file, 50), null))).toMatchObject({ code: 'KEY_NEEDED' });
	});

	it('is refused by name when a byte of it is changed, or its end is missing', async () => {
		const bytes = randomBytes(70_000);
		const file = await sealed(bytes, [pair]);
		const codes = new Map<string, number>();
		const tryIt = async (damaged: Uint8Array) => {
			const { code } = await failureOf(openSealed(chunksOf(damaged, 5_000), keys(pair)));
			codes.set(code, (codes.get(code) ?? 0) + 1);
		};
		for (let at = 0; at < file.length; at = at < 300 ? at + 1 : at + 4_999) {
			const damaged = Buffer.from(file);
			damaged[at] = (damaged[at] as number) ^ 1;
			// What does not begin as a sealed file passes through, and is no gzip.
			if (at >= 'age-encryption.org/'.length) await tryIt(damaged);
		}
		for (const length of [30, 100, 200, 65_000, file.length - 65_536, file.length - 1])
			await tryIt(file.subarray(0, length));
		expect([...codes.keys()].sort()).toEqual(['BACKUP_DAMAGED', 'KEY_WRONG']);
		expect(codes.get('BACKUP_DAMAGED')).toBeGreaterThan(100);
	});

	it('is refused where its head has no end, before it takes up memory', async () => {
		let sent = 0;
		async function* endless() {
			yield Buffer.from('age-encryption.org/v1\n-> ');
			for (; sent < 200; sent++) yield Buffer.alloc(65_536, 'x');
		}
		expect(await failureOf(openSealed(endless(), keys(pair)))).toMatchObject({ code: 'BACKUP_DAMAGED' });
		expect(sent).toBeLessThan(30);
	});

	it('fails with what its source fails with, and lets it go', async () => {
		const file = await sealed(randomBytes(200_000), [pair]);
		let isClosed = false;
		async function* failing(after: number) {
			try {
				yield file.subarray(0, after);
				throw new LifeboatError('STORE_UNREACHABLE', 'gone');
			} finally {
				isClosed = true;
			}
		}
		for (const after of [5, 60, 150, 100_000]) {
			isClosed = false;
			expect(await failureOf(openSealed(failing(after), keys(pair)))).toMatchObject({ code: 'STORE_UNREACHABLE' });
			expect(isClosed).toBe(true);
		}
		async function* failingPlain() {
			yield Buffer.from('x');
			throw new LifeboatError('DATABASE_LOST', 'gone');
		}
		const seal = await openSealer([pair.recipient]);
		expect(await failureOf(seal(failingPlain()))).toMatchObject({ code: 'DATABASE_LOST' });
	});

	it('lets its source go when its reader stops', async () => {
		let isClosed = false;
		async function* endless() {
			try {
				for (;;) yield randomBytes(100_000);
			} finally {
				isClosed = true;
			}
		}
		const seal = await openSealer([pair.recipient]);
		for await (const _ of seal(endless())) break;
		expect(isClosed).toBe(true);
	});

	it('is nothing where nothing is sealed: the bytes pass, and no key is asked for', async () => {
		const bytes = randomBytes(1_000);
		const asked = () => {
			throw new Error('it was asked');
		};
		expect(await collect(openSealed(chunksOf(bytes, 7), asked))).toEqual(bytes);
		expect(await collect(openSealed(chunksOf(Buffer.alloc(0), 7), asked))).toEqual(Buffer.alloc(0));
	});

	it('refuses recipients and identities that are none, without showing them', async () => {
		for (const wrong of ['age1qqqq', `${pair.recipient}q`, pair.identity, 'ssh-ed25519 AAAA'])
			await expect(openSealer([pair.recipient, wrong])).rejects.toMatchObject({
				code: 'CONFIG_INVALID',
				message: expect.not.stringContaining(wrong),
			});
		const file = await sealed(Buffer.from('x'), [pair]);
		const wrong = `${pair.identity.slice(0, -1)}${pair.identity.endsWith('Q') ? 'P' : 'Q'}`;
		const error = await failureOf(openSealed(chunksOf(file, 50), async () => [wrong]));
		expect(error).toMatchObject({ code: 'KEY_WRONG' });
		expect(JSON.stringify(error) + error.stack + error.message).not.toContain(wrong);
	});
});

describe('identity files', () => {
	it('hold identities a line each, with remarks', async () => {
		const [one, two] = [await newKeyPair(false), await newKeyPair(true)];
		const text = identityFile(one, new Date(0)) + identityFile(two, new Date(0));
		expect(identitiesOf(text)).toEqual([one.identity, two.identity]);
		expect(identitiesOf(text.replaceAll('\n', '\r\n'))).toEqual([one.identity, two.identity]);
		expect(identitiesOf(`${one.identity}, ${two.identity}`)).toEqual([one.identity, two.identity]);
	});

	it('are sealed by a passphrase, and opened by that alone', async () => {
		const bytes = await protectIdentities('# a file\n', 'correct horse');
		expect([isProtected(bytes), isProtected(Buffer.from('# created'))]).toEqual([true, false]);
		expect(await openIdentities(bytes, 'correct horse')).toBe('# a file\n');
		await expect(openIdentities(bytes, 'wrong horse')).rejects.toMatchObject({ code: 'KEY_WRONG' });
	});
});
