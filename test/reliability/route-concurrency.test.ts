import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
	ahead,
	type Deposit,
	gist,
	givenApp,
	givenDatabase,
	givenDeposit,
	givenServer,
	LEASE,
} from '../e2e/deployment';
import type { BlobOperation } from '../support/blob-faults';
import type { BlobServer } from '../support/blob-server';
import { runScript, startScript } from '../support/cli';
import type { Answer } from '../support/next-server';
import { casesOf, Tally } from '../support/tally';

const LIMIT_MS = 600_000;
const MINUTE_MS = 60_000;
/** Past the lease of a run that may take five minutes. */
const PAST_LEASE_MS = 10 * MINUTE_MS;
const CRON = { headers: { 'x-vercel-cron-schedule': '0 2 * * *' } };
const MANIFEST = /backup-[^/]*\.json/;

const leaseUntil = (ms: number) =>
	JSON.stringify({
		holder: 'ffffffffffff',
		acquiredAt: new Date(Date.now() - MINUTE_MS).toISOString(),
		expiresAt: new Date(Date.now() + ms).toISOString(),
	});

/** A shift after which `ms` more are of the same day (UTC). */
function sameDayFor(ms: number): number {
	const left = 86_400_000 - (Date.now() % 86_400_000);
	return left > ms + 5 * MINUTE_MS ? 0 : left + MINUTE_MS;
}

/** Two servers of the app on one store, of which by the clock of one every lease of the other has expired. */
async function givenRace(more: Record<string, string> = {}) {
	const sqld = await givenDatabase();
	const deposit = await givenDeposit();
	const env = { ...deposit.envFor(sqld.url), ...more };
	const baseMs = sameDayFor(PAST_LEASE_MS);
	const shifts = [baseMs, baseMs + PAST_LEASE_MS];
	const [slow, fast] = await Promise.all(shifts.map((shiftMs) => givenServer(ahead(env, shiftMs))));
	if (!slow || !fast) throw new TypeError('there are two');
	return { deposit, blob: deposit.blob, slow, fast };
}

type Request = readonly [on: BlobOperation, name: RegExp | undefined];

/** Starts a run and holds it at these requests, one after the other, until the last. */
async function holdAt(blob: BlobServer, start: () => Promise<Answer>, [first, ...rest]: readonly Request[]) {
	if (first === undefined) throw new TypeError('a run is held at a request');
	let held = blob.hold(...first);
	const ended = start();
	await held.reached;
	for (const request of rest) {
		const next = blob.hold(...request);
		held.release();
		await next.reached;
		held = next;
	}
	return { ended, held };
}

/** A folder for the backups of a script. */
async function givenFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-concurrency-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

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

describe('a run that outlives its lease', () => {
	// Where it stands still while its lease expires and another server does the work: at the last of these requests.
	const POINTS: readonly [where: string, ...requests: Request[]][] = [
		['taking the lease', ['put', /lease/]],
		['putting the data', ['put', /ndjson/]],
		['reading back', ['get', /ndjson/]],
		['renewing the lease', ['get', /ndjson/], ['put', /lease/]],
	];

	it.each(POINTS)(
		'does not commit beside its successor: held at %s',
		{ timeout: LIMIT_MS },
		async (where, ...requests) => {
			const tally = new Tally({
				area: 'Concurrency',
				fault: `a run outlives its lease, held at ${where}`,
				provoked: 'the Blob server holds the request; a server whose clock is past the lease takes over and finishes',
				promised: "409 for the run that was overtaken; its successor's backup alone is there; the lease is not touched",
			});
			const { deposit, blob, slow, fast } = await givenRace();
			for (let round = 0; round < casesOf(2, 20); round++) {
				blob.clear();
				const { ended: overtaken, held } = await holdAt(blob, () => slow.ask(), requests);
				const successor = await fast.ask();
				expect(gist(successor)).toEqual([200, 'done']);
				const lease = await blob.contentOf(LEASE);
				held.release();
				expect(gist(await overtaken)).toEqual([409, 'LEASE_HELD']);
				expect((await deposit.manifests()).map(({ id }) => id)).toEqual([successor.body.backup.id]);
				expect(deposit.names()).toHaveLength(3);
				expect(await blob.contentOf(LEASE)).toEqual(lease);
				tally.add('refused');
			}
			tally.expectSound();
		},
	);

	it('does not take the lease of its successor for its own', { timeout: LIMIT_MS }, async () => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: 'a run outlives its lease, held at looking up the lease that it has just put',
			provoked:
				'the Blob server holds the request; a server whose clock is past the lease takes over and is at work meanwhile',
			promised:
				"409 for the run that was overtaken, which cleans up its own data; its successor's backup alone is there",
		});
		const { deposit, blob, slow, fast } = await givenRace();
		for (let round = 0; round < casesOf(1, 20); round++) {
			blob.clear();
			const head = blob.hold('head');
			const overtaken = slow.ask();
			await head.reached;
			const upload = blob.hold('put', /ndjson/);
			const successor = fast.ask();
			await upload.reached;
			head.release();
			expect(gist(await overtaken)).toEqual([409, 'LEASE_HELD']);
			upload.release();
			const done = await successor;
			expect(gist(done)).toEqual([200, 'done']);
			expect((await deposit.manifests()).map(({ id }) => id)).toEqual([done.body.backup.id]);
			expect(deposit.names()).toHaveLength(3);
			tally.add('refused');
		}
		tally.expectSound();
	});

	it("has the day's backup made once if it had committed before", async () => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: 'a run outlives its lease, held after its commit',
			provoked: 'the Blob server holds its last list; a server whose clock is past the lease takes over',
			promised: 'the successor answers 200 skipped; one whole backup',
		});
		const { deposit, blob, slow, fast } = await givenRace();
		const requests: Request[] = [
			['put', MANIFEST],
			['list', undefined],
		];
		const { ended: first, held: list } = await holdAt(blob, () => slow.ask(), requests);
		expect(gist(await fast.ask())).toEqual([200, 'skipped']);
		list.release();
		expect(gist(await first)).toEqual([200, 'done']);
		expect(await deposit.manifests()).toHaveLength(1);
		tally.add('exact');
		tally.expectSound();
	});

	it('gives up writing its manifest before its lease ends', { timeout: LIMIT_MS }, async () => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: 'a run outlives its lease, held at its manifest',
			provoked: "the Blob server holds the manifest until the run's own time is over; then another server takes over",
			promised: "500 DEADLINE_NEAR before the lease ends, which is 45 s later; its successor's manifest alone is there",
		});
		// 15 s of these are kept back for cleaning up.
		const { deposit, blob, slow, fast } = await givenRace({ BACKUP_MAX_DURATION_SECONDS: '35' });
		const held = blob.hold('put', MANIFEST);
		const overtaken = slow.ask();
		await held.reached;
		expect(gist(await overtaken)).toEqual([500, 'DEADLINE_NEAR']);
		const successor = await fast.ask();
		expect(gist(successor)).toEqual([200, 'done']);
		held.release();
		// The server is through with the request that was held when it answers another.
		expect(gist(await fast.ask())).toEqual([200, 'skipped']);
		expect((await deposit.manifests()).map(({ id }) => id)).toEqual([successor.body.backup.id]);
		tally.add('refused');
		tally.expectSound();
	});

	it('leaves two whole backups, none broken, if it is frozen while its manifest is on its way', async () => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: 'a run is frozen while its manifest is on its way, past its lease and its own time',
			provoked: 'the Blob server holds the manifest; a server whose clock is past the renewed lease takes over',
			promised: 'both backups are whole, each under its own id; neither writes over the other',
		});
		const { deposit, blob, slow, fast } = await givenRace();
		const held = blob.hold('put', MANIFEST);
		const frozen = slow.ask();
		await held.reached;
		const successor = await fast.ask();
		expect(gist(successor)).toEqual([200, 'done']);
		held.release();
		const answer = await frozen;
		expect(gist(answer)).toEqual([200, 'done']);
		const ids = (await deposit.manifests()).map(({ id }) => id).sort();
		expect(ids).toEqual([answer.body.backup.id, successor.body.backup.id].sort());
		expect(gist(await fast.ask())).toEqual([200, 'skipped']);
		tally.add('exact');
		tally.expectSound();
	});

	it('by hand, does not commit to the Blob store', { timeout: LIMIT_MS }, async () => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: 'a run by hand outlives its lease, held at its upload',
			provoked:
				'the Blob server holds the data that `backup-turso.ts --write --upload` puts; a server whose clock is past the lease takes over',
			promised: 'exit 3, LEASE_HELD; its upload is deleted again; the local backup, made under the lease, is whole',
		});
		const sqld = await givenDatabase();
		const deposit = await givenDeposit();
		const { blob } = deposit;
		const env = deposit.envFor(sqld.url);
		const cwd = await givenFolder();
		const fast = await givenServer(ahead(env, 45 * MINUTE_MS));
		for (let round = 0; round < casesOf(1, 5); round++) {
			blob.clear();
			const held = blob.hold('put', /ndjson/);
			const overtaken = startScript('backup-turso', ['--write', '--upload', '--json'], { cwd, env });
			await held.reached;
			const successor = await fast.ask();
			expect(gist(successor)).toEqual([200, 'done']);
			held.release();
			const run = await overtaken.ended;
			expect([run.exit, run.json().error.code]).toEqual([3, 'LEASE_HELD']);
			expect((await deposit.manifests()).map(({ id }) => id)).toEqual([successor.body.backup.id]);
			expect(deposit.names()).toHaveLength(3);
			const local = { ...env, BACKUP_STORE: 'local', BLOB_READ_WRITE_TOKEN: '' };
			expect((await runScript('verify-backup', ['latest'], { cwd, env: local })).exit).toBe(0);
			tally.add('refused');
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
