import { afterAll, describe, expect, it } from 'vitest';
import { type LeaseOptions, takeLease } from '../../lib/backup/lease';
import { bodyOf } from '../../lib/backup/small-object';
import type { Clock } from '../../lib/core/clock';
import { openLocalStore } from '../../lib/store/local';
import type { Store } from '../../lib/store/store';
import { Fixtures } from '../support/fixtures';

const PLACE = { prefix: 'backups', name: 'shop' };
const NAME = 'backups/shop/lease.json';
const START = Date.parse('2026-11-20T02:00:00.000Z');
const TTL_MS = 600_000;

/** A clock that the test moves. */
function settable(): { clock: Clock; pass: (ms: number) => void } {
	let now = START;
	return {
		clock: { now: () => new Date(now), elapsedMs: () => now, sleep: async () => {} },
		pass: (ms) => {
			now += ms;
		},
	};
}

describe('the lease of a database, in a folder', () => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	let seed = 0;
	const scene = async () => {
		const { clock, pass } = settable();
		const store = openLocalStore({ folder: await fixtures.folder(), clock });
		const take = (more: Partial<LeaseOptions> = {}) =>
			takeLease(store, PLACE, { clock, random: () => (seed++ % 1000) / 1000, ttlMs: TTL_MS, ...more });
		return { store, pass, take };
	};
	const read = async (store: Store) => {
		const object = await store.get(NAME, {});
		let text = '';
		for await (const chunk of object?.body ?? []) text += Buffer.from(chunk).toString();
		return JSON.parse(text) as { holder: string; expiresAt: string };
	};

	it('is taken by one of many at once', async () => {
		const { take, store } = await scene();
		const settled = await Promise.allSettled(Array.from({ length: 8 }, () => take()));
		expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(1);
		for (const one of settled) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'LEASE_HELD' });
		expect((await read(store)).expiresAt).toBe(new Date(START + TTL_MS).toISOString());
	});

	it('is held until it expires, and then taken over by one of many', async () => {
		const { take, pass } = await scene();
		const first = await take();
		pass(TTL_MS - 1);
		await expect(take()).rejects.toMatchObject({
			code: 'LEASE_HELD',
			data: { expiresAt: new Date(START + TTL_MS).toISOString() },
		});
		pass(1);
		const settled = await Promise.allSettled(Array.from({ length: 8 }, () => take()));
		expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(1);
		await expect(first.renew()).rejects.toMatchObject({ code: 'LEASE_HELD' });
		// Of one that has been overtaken, nothing more is heard.
		await first.release();
		await expect(take()).rejects.toMatchObject({ code: 'LEASE_HELD' });
	});

	it('is extended by renewing, also when it has expired and nobody came', async () => {
		const { take, pass } = await scene();
		const lease = await take();
		pass(TTL_MS + 1);
		await lease.renew();
		pass(TTL_MS - 1);
		await expect(take()).rejects.toMatchObject({ code: 'LEASE_HELD' });
		await lease.renew();
	});

	it('is free at once when it was released', async () => {
		const { take } = await scene();
		await (await take()).release();
		const next = await take();
		await next.renew();
	});

	it.each([
		['half of it is there', '{"holder":'],
		['something long is in its place', 'x'.repeat(2_000_000)],
	])('holds for an hour when it cannot be read: %s', async (_, content) => {
		const { take, store } = await scene();
		await store.put(NAME, bodyOf(Buffer.from(content)), { contentType: 'application/json' });
		const modifiedAt = (await store.head(NAME, {}))?.modifiedAt.getTime() ?? 0;
		const at = (ms: number): Clock => ({ ...settable().clock, now: () => new Date(modifiedAt + ms) });
		await expect(take({ clock: at(3_599_999) })).rejects.toMatchObject({ code: 'LEASE_HELD' });
		await (await take({ clock: at(3_600_000) })).renew();
	});
});
