import { describe, expect, it } from 'vitest';
import { gist, givenApp, givenDatabase, LEASE } from './deployment';

const leaseUntil = (ms: number) =>
	JSON.stringify({
		holder: 'ffffffffffff',
		acquiredAt: new Date(Date.now() - 60_000).toISOString(),
		expiresAt: new Date(Date.now() + ms).toISOString(),
	});

describe('one run at a time', () => {
	it('refuses others while one is at work, and not after', async () => {
		const sqld = await givenDatabase();
		const { next, blob, manifests } = await givenApp(sqld.url);
		const upload = blob.hold('put', /ndjson/);
		const first = next.ask();
		await upload.reached;
		const second = await next.ask();
		expect(gist(second)).toEqual([409, 'LEASE_HELD']);
		// Counting disturbs nobody.
		expect(gist(await next.ask({ query: '?dryRun=1' }))).toEqual([200, 'dry-run']);
		upload.release();
		expect(gist(await first)).toEqual([200, 'done']);
		expect(gist(await next.ask())).toEqual([200, 'skipped']);
		expect(await manifests()).toHaveLength(1);
	});

	it.each([2, 10])('makes one backup of %i deliveries at once', async (count) => {
		const sqld = await givenDatabase();
		const { next, names, manifests, leaseIsFree } = await givenApp(sqld.url);
		const answers = await Promise.all(Array.from({ length: count }, () => next.ask()));
		const gists = answers.map((answer) => gist(answer).join(' ')).sort();
		expect(gists.filter((text) => text === '200 done')).toHaveLength(1);
		expect(gists.filter((text) => text === '409 LEASE_HELD' || text === '200 skipped')).toHaveLength(count - 1);
		expect(await manifests()).toHaveLength(1);
		expect(names()).toHaveLength(3);
		expect(await leaseIsFree()).toBe(true);
	});

	it('holds as long as a lease says, whoever left it', async () => {
		const sqld = await givenDatabase();
		const { next, blob, names } = await givenApp(sqld.url);
		await blob.place(LEASE, leaseUntil(60_000));
		expect(gist(await next.ask())).toEqual([409, 'LEASE_HELD']);
		await blob.place(LEASE, 'not a lease');
		expect(gist(await next.ask())).toEqual([409, 'LEASE_HELD']);
		expect(names()).toEqual(['lease.json']);
	});

	it.each([
		['that has expired', leaseUntil(-1_000), new Date()],
		['that cannot be read, and is old', 'not a lease', new Date(Date.now() - 2 * 3_600_000)],
	])('takes a lease over %s', async (_, content, uploadedAt) => {
		const sqld = await givenDatabase();
		const { next, blob, leaseIsFree } = await givenApp(sqld.url);
		await blob.place(LEASE, content, uploadedAt);
		expect(gist(await next.ask())).toEqual([200, 'done']);
		expect(await leaseIsFree()).toBe(true);
	});

	it('gives one of many a lease that has expired', async () => {
		const sqld = await givenDatabase();
		const { next, blob, manifests } = await givenApp(sqld.url);
		await blob.place(LEASE, leaseUntil(-1_000));
		const answers = await Promise.all(Array.from({ length: 6 }, () => next.ask()));
		expect(answers.map((answer) => gist(answer)[1]).filter((what) => what === 'done')).toHaveLength(1);
		expect(await manifests()).toHaveLength(1);
	});

	it('commits nothing for a run whose lease was taken over', async () => {
		const sqld = await givenDatabase();
		const { next, blob, names } = await givenApp(sqld.url);
		const upload = blob.hold('put', /ndjson/);
		const overtaken = next.ask();
		await upload.reached;
		const theirs = leaseUntil(60_000);
		await blob.place(LEASE, theirs);
		upload.release();
		expect(gist(await overtaken)).toEqual([409, 'LEASE_HELD']);
		expect(names()).toEqual(['lease.json']);
		expect((await blob.contentOf(LEASE)).toString()).toBe(theirs);
	});
});
