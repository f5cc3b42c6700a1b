import { describe, expect, it } from 'vitest';
import { type Deposit, gist, givenApp, givenDatabase, givenDeposit, givenServer, LEASE } from '../e2e/deployment';
import { runScript, startScript } from '../support/cli';
import { givenFolder } from '../support/given-folder';
import { casesOf, Tally } from '../support/tally';

const LIMIT_MS = 600_000;
const MINUTE_MS = 60_000;
const CRON = { headers: { 'x-vercel-cron-schedule': '0 2 * * *' } };

const leaseUntil = (ms: number) =>
	JSON.stringify({
		holder: 'ffffffffffff',
		acquiredAt: new Date(Date.now() - MINUTE_MS).toISOString(),
		expiresAt: new Date(Date.now() + ms).toISOString(),
	});

/** The scheduled backups in a store; every backup there has been checked for its data. */
async function scheduled({ manifests }: Deposit) {
	return (await manifests()).filter(({ trigger }) => trigger.day !== null);
}

describe('deliveries at once', () => {
	it.each([
		[2, 1],
		[10, 1],
		[2, 2],
		[10, 2],
	])('%i of them, to %i servers: exactly one backup', { timeout: LIMIT_MS }, async (count, servers) => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: `${count} deliveries at once to ${servers === 1 ? 'one server' : 'two servers'}`,
			provoked: 'requests sent together, onto an empty store and onto one with an expired lease, by turns',
			promised: 'one answers 200 done, the others 409 or 200 skipped; one whole backup; the lease given up',
		});
		const sqld = await givenDatabase();
		const deposit = await givenDeposit();
		const env = deposit.envFor(sqld.url);
		const nexts = await Promise.all(Array.from({ length: servers }, () => givenServer(env)));
		for (let round = 0; round < casesOf(4, 40); round++) {
			if (round % 2 === 0) deposit.blob.clear();
			else deposit.blob.clear(LEASE);
			const asks = Array.from({ length: count }, (_, nth) => nexts[nth % servers]?.ask(CRON));
			const gists = (await Promise.all(asks)).map((answer) => answer && gist(answer).join(' '));
			expect(gists.filter((text) => text === '200 done')).toHaveLength(1);
			expect(gists.filter((text) => text === '409 LEASE_HELD' || text === '200 skipped')).toHaveLength(count - 1);
			expect(await deposit.manifests()).toHaveLength(1);
			expect(deposit.names()).toHaveLength(3);
			expect(await deposit.leaseIsFree()).toBe(true);
			tally.add('exact');
		}
		tally.expectSound();
	});
});

describe('a cron and a run by hand', () => {
	it('at once: exactly one scheduled backup', { timeout: LIMIT_MS }, async () => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: 'a cron and a run by hand at once',
			provoked: 'a delivery together with `backup-turso.ts --write --upload`, into one store',
			promised:
				'one of them at least succeeds, the other is told LEASE_HELD; after the next delivery there is one scheduled backup of the day, and all are whole',
		});
		const sqld = await givenDatabase();
		const deposit = await givenDeposit();
		const env = deposit.envFor(sqld.url);
		const cwd = await givenFolder();
		const next = await givenServer(env);
		for (let round = 0; round < casesOf(2, 15); round++) {
			deposit.blob.clear();
			const [answer, run] = await Promise.all([
				next.ask(CRON),
				runScript('backup-turso', ['--write', '--upload', '--json'], { cwd, env }),
			]);
			const ends = `${gist(answer).join(' ')}, exit ${run.exit} ${run.json().error?.code ?? 'done'}`;
			expect(['200 done, exit 0 done', '200 done, exit 3 LEASE_HELD', '409 LEASE_HELD, exit 0 done']).toContain(ends);
			const again = gist(await next.ask(CRON));
			expect(again).toEqual([200, answer.status === 200 ? 'skipped' : 'done']);
			expect(await scheduled(deposit)).toHaveLength(1);
			expect(await deposit.manifests()).toHaveLength(run.exit === 0 ? 2 : 1);
			tally.add('exact');
		}
		tally.expectSound();
	});

	it('refuse each other while one is at work', { timeout: LIMIT_MS }, async () => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: 'a second run while one is at work',
			provoked: 'the Blob server holds the upload of the first: of a delivery, and of a run by hand',
			promised: '409 or exit 3, LEASE_HELD; nothing is written; counting disturbs nobody; the first ends well',
		});
		const sqld = await givenDatabase();
		const deposit = await givenDeposit();
		const env = deposit.envFor(sqld.url);
		const cwd = await givenFolder();
		const next = await givenServer(env);
		const byHand = () => startScript('backup-turso', ['--write', '--upload', '--json'], { cwd, env }).ended;

		const upload = deposit.blob.hold('put', /ndjson/);
		const first = next.ask(CRON);
		await upload.reached;
		expect(gist(await next.ask())).toEqual([409, 'LEASE_HELD']);
		expect(gist(await next.ask({ query: '?dryRun=1' }))).toEqual([200, 'dry-run']);
		expect((await byHand()).exit).toBe(3);
		expect(deposit.names()).toEqual(['lease.json']);
		upload.release();
		expect(gist(await first)).toEqual([200, 'done']);
		expect(gist(await next.ask())).toEqual([200, 'skipped']);

		const theirs = deposit.blob.hold('put', /ndjson/);
		const second = byHand();
		await theirs.reached;
		// The day's backup is there, so nothing is to be done; without it the lease would be asked for.
		expect(gist(await next.ask(CRON))).toEqual([200, 'skipped']);
		deposit.blob.clear(LEASE);
		expect(gist(await next.ask(CRON))).toEqual([409, 'LEASE_HELD']);
		theirs.release();
		expect((await second).exit).toBe(0);
		expect(await deposit.manifests()).toHaveLength(1);
		for (const _ of ['a delivery', 'a run by hand', 'a delivery']) tally.add('refused');
		tally.expectSound();
	});
});

describe('a lease that someone left', () => {
	it('holds as long as it says', async () => {
		const sqld = await givenDatabase();
		const { next, blob, names } = await givenApp(sqld.url);
		await blob.place(LEASE, leaseUntil(MINUTE_MS));
		expect(gist(await next.ask())).toEqual([409, 'LEASE_HELD']);
		await blob.place(LEASE, 'not a lease');
		expect(gist(await next.ask())).toEqual([409, 'LEASE_HELD']);
		expect(names()).toEqual(['lease.json']);
	});

	it('is taken over once it is old, though it cannot be read', async () => {
		const sqld = await givenDatabase();
		const { next, blob, leaseIsFree } = await givenApp(sqld.url);
		await blob.place(LEASE, 'not a lease', new Date(Date.now() - 120 * MINUTE_MS));
		expect(gist(await next.ask())).toEqual([200, 'done']);
		expect(await leaseIsFree()).toBe(true);
	});
});
