import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/core/clock';
import { openLocalStore } from '../../lib/store/local';
import { toLocalError } from '../../lib/store/local-errors';
import { bytesOf, content, storeConformance, TestBody } from './conformance';

const OCTETS = { contentType: 'application/octet-stream' };
async function* none(): AsyncGenerator<Uint8Array> {}
const bodyOf = (text: string) => new TestBody(Buffer.from(text));

storeConformance('a local folder', async () => {
	const parent = await mkdtemp(join(tmpdir(), 'lifeboat-local-'));
	const store = openLocalStore({ folder: join(parent, 'not', 'yet') });
	return { store, close: () => rm(parent, { recursive: true }) };
});

describe('a local folder', () => {
	let folder: string;
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'lifeboat-local-'));
	});
	afterEach(async () => {
		await chmod(folder, 0o700);
		await rm(folder, { recursive: true });
	});

	const filesIn = async () => (await readdir(folder, { recursive: true })).sort();

	it('makes files and folders that only their owner can read', async () => {
		const store = openLocalStore({ folder: join(folder, 'made') });
		await store.put('a/b', bodyOf('x'), OCTETS);
		const modeOf = async (path: string) => (await stat(join(folder, path))).mode & 0o777;
		expect(await modeOf('made')).toBe(0o700);
		expect(await modeOf('made/a')).toBe(0o700);
		expect(await modeOf('made/a/b')).toBe(0o600);
		const { etag } = (await store.head('a/b', {})) ?? {};
		await store.replace('a/b', Buffer.from('y'), etag ?? '', OCTETS);
		expect(await modeOf('made/a/b')).toBe(0o600);
	});

	it('leaves no temporary file or lock behind', async () => {
		const store = openLocalStore({ folder });
		const { etag } = await store.put('a', bodyOf('x'), OCTETS);
		await expect(store.put('a', bodyOf('y'), OCTETS)).rejects.toMatchObject({ code: 'STORE_EXISTS' });
		const failing = new TestBody(content(100_000), { afterwards: () => Promise.reject(new Error('failed')) });
		await expect(store.put('b', failing, OCTETS)).rejects.toThrow('failed');
		await store.replace('a', Buffer.from('z'), etag, OCTETS);
		await expect(store.replace('a', Buffer.from('w'), etag, OCTETS)).rejects.toMatchObject({ code: 'STORE_CHANGED' });
		expect(await filesIn()).toEqual(['a']);
		await store.delete(['a'], {});
		expect(await filesIn()).toEqual([]);
	});

	it('shows neither what is being written nor what cannot be an object', async () => {
		const store = openLocalStore({ folder });
		let seen: string[] = [];
		const listing = async () => {
			for await (const { name } of store.list('', {})) seen.push(name);
		};
		await store.put(
			'a',
			(async function* () {
				yield Buffer.from('half');
				await listing();
				expect(await filesIn()).toEqual([expect.stringMatching(/^\.tmp~/)]);
			})(),
			OCTETS,
		);
		expect(seen).toEqual([]);
		await writeFile(join(folder, 'not an object'), '');
		await symlink(join(folder, 'a'), join(folder, 'link'));
		await mkdir(join(folder, 'empty'));
		seen = [];
		await listing();
		expect(seen).toEqual(['a']);
		expect(await store.head('empty', {})).toBeNull();
		expect(await store.get('empty', {})).toBeNull();
		await store.delete(['empty'], {});
	});

	it('sweeps temporary files that are a day old', async () => {
		const store = openLocalStore({ folder });
		for (const name of ['.tmp~old', '.tmp~new']) await writeFile(join(folder, name), '');
		const dayBefore = Date.now() / 1000 - 25 * 3600;
		await utimes(join(folder, '.tmp~old'), dayBefore, dayBefore);
		await store.put('a', bodyOf('x'), OCTETS);
		expect(await filesIn()).toEqual(['.tmp~new', 'a']);
	});

	it('tells replacements apart that are made within one tick and are of one size', async () => {
		const store = openLocalStore({ folder });
		let { etag } = await store.put('lease', bodyOf('0000'), OCTETS);
		const etags = new Set([etag]);
		for (let nth = 1; nth <= 200; nth++) {
			({ etag } = await store.replace('lease', Buffer.from(String(nth).padStart(4, '0')), etag, OCTETS));
			etags.add(etag);
		}
		expect(etags.size).toBe(201);
	});

	it('is never without an object that is being replaced', async () => {
		const store = openLocalStore({ folder });
		let { etag } = await store.put('lease', bodyOf('0'), OCTETS);
		let replacing = true;
		let looks = 0;
		const looking = (async () => {
			for (; replacing; looks++) {
				expect(await store.head('lease', {})).not.toBeNull();
				await setImmediate();
			}
		})();
		for (let nth = 1; nth <= 200; nth++) ({ etag } = await store.replace('lease', Buffer.from(`${nth}`), etag, OCTETS));
		replacing = false;
		await looking;
		expect(looks).toBeGreaterThan(10);
	});

	it('waits for a lock, and breaks one whose holder died', async () => {
		let waits = 0;
		let lock = '';
		const clock = {
			...systemClock,
			async sleep() {
				waits += 1;
				const tenSecondsAgo = Date.now() / 1000 - 11;
				if (waits === 5) await utimes(lock, tenSecondsAgo, tenSecondsAgo);
			},
		};
		const store = openLocalStore({ folder, clock });
		const { etag } = await store.put('lease', bodyOf('0'), OCTETS);
		const digest = await crypto.subtle.digest('SHA-256', Buffer.from('lease'));
		lock = join(folder, `.lock~${Buffer.from(digest).toString('hex').slice(0, 32)}`);
		await writeFile(lock, '');
		await store.replace('lease', Buffer.from('1'), etag, OCTETS);
		expect(waits).toBe(6);
		expect(await filesIn()).toEqual(['lease']);
	});

	it('gives up on a lock that stays', async () => {
		const store = openLocalStore({ folder, clock: { ...systemClock, now: () => new Date(0), async sleep() {} } });
		await store.put('lease', bodyOf('0'), OCTETS);
		const digest = await crypto.subtle.digest('SHA-256', Buffer.from('lease'));
		await writeFile(join(folder, `.lock~${Buffer.from(digest).toString('hex').slice(0, 32)}`), '');
		await expect(store.delete(['lease'], {})).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
		expect(await store.head('lease', {})).not.toBeNull();
	});

	it('notices a file that is cut short while it is read', async () => {
		const store = openLocalStore({ folder });
		await store.put('a', new TestBody(content(3_000_000)), OCTETS);
		const opened = await store.get('a', {});
		await truncate(join(folder, 'a'), 1000);
		await expect(bytesOf(opened?.body ?? none())).rejects.toMatchObject({
			code: 'STORE_UNREACHABLE',
			data: { receivedBytes: 1000, expectedBytes: 3_000_000 },
		});
	});

	it('reads the object that was opened, though it is replaced or deleted meanwhile', async () => {
		const store = openLocalStore({ folder });
		const { etag } = await store.put('a', bodyOf('first'), OCTETS);
		const opened = await store.get('a', {});
		await store.replace('a', Buffer.from('second'), etag, OCTETS);
		await store.delete(['a'], {});
		expect((await bytesOf(opened?.body ?? none())).toString()).toBe('first');
	});

	it('refuses a name whose folder would be a file', async () => {
		const store = openLocalStore({ folder });
		await store.put('a', bodyOf('x'), OCTETS);
		await expect(store.put('a/b', bodyOf('y'), OCTETS)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
		await store.put('c/d', bodyOf('x'), OCTETS);
		await expect(store.put('c', bodyOf('y'), OCTETS)).rejects.toMatchObject({ code: 'STORE_EXISTS' });
	});

	it('refuses to replace by more than 1 MB', async () => {
		const store = openLocalStore({ folder });
		const { etag } = await store.put('a', bodyOf('x'), OCTETS);
		const large = store.replace('a', Buffer.alloc(1_000_001), etag, OCTETS);
		await expect(large).rejects.toMatchObject({ code: 'INTERNAL' });
	});

	it.runIf(process.getuid?.() !== 0)('is refused by a folder that it may not write to', async () => {
		await chmod(folder, 0o500);
		const store = openLocalStore({ folder });
		await expect(store.put('a', bodyOf('x'), OCTETS)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
	});

	it.runIf(process.platform === 'linux')('says what the system refused', async () => {
		const store = openLocalStore({ folder: '/proc/no-such-folder' });
		const failure = store.put('a', bodyOf('x'), OCTETS);
		await expect(failure).rejects.toMatchObject({ name: 'LifeboatError', data: { systemCode: 'ENOENT' } });
	});

	it.each([
		['ENOSPC', 'STORE_FULL'],
		['EDQUOT', 'STORE_FULL'],
		['EACCES', 'STORE_REFUSED'],
		['EPERM', 'STORE_REFUSED'],
		['EROFS', 'STORE_REFUSED'],
		['ENOTDIR', 'STORE_REFUSED'],
		['EIO', 'STORE_UNREACHABLE'],
	])('maps %s to %s', (code, expected) => {
		const error = Object.assign(new Error(`${code}: no`), { code, syscall: 'write' });
		expect(toLocalError(error, 'write an object', '/x')).toMatchObject({ code: expected, cause: error });
	});

	it('passes on what is no system error', () => {
		const error = new Error('of the body');
		expect(toLocalError(error, 'write an object', '/x')).toBe(error);
	});
});
