import { describe, expect, it } from 'vitest';
import { ahead, gist, givenDatabase, givenDeposit, givenServer, LEASE } from '../e2e/deployment';
import type { BlobOperation } from '../support/blob-faults';
import type { BlobServer } from '../support/blob-server';
import { runScript, startScript } from '../support/cli';
import { givenFolder } from '../support/given-folder';
import type { Answer } from '../support/next-server';
import { casesOf, Tally } from '../support/tally';

const LIMIT_MS = 600_000;
const MINUTE_MS = 60_000;
/** Past the lease of a run that may take five minutes. */
const PAST_LEASE_MS = 10 * MINUTE_MS;
const MANIFEST = /backup-[^/]*\.json/;

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

describe('a run that outlives its lease', () => {
	// Where it stands still while its lease expires and another server does the work: at the last of these requests.
	const POINTS: readonly [where: string, ...requests: Request[]][] = [
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

	it('finds the work done when the lease that it was to take is free again', { timeout: LIMIT_MS }, async () => {
		const tally = new Tally({
			area: 'Concurrency',
			fault: 'a run is held at taking the lease',
			provoked: 'the Blob server holds the request; a server whose clock is past the lease takes it, and finishes',
			promised: "200 `skipped` for the run that was held; its successor's backup alone is there",
		});
		const { deposit, blob, slow, fast } = await givenRace();
		for (let round = 0; round < casesOf(2, 20); round++) {
			blob.clear();
			const { ended: late, held } = await holdAt(blob, () => slow.ask(), [['put', /lease/]]);
			const successor = await fast.ask();
			expect(gist(successor)).toEqual([200, 'done']);
			held.release();
			expect(gist(await late)).toEqual([200, 'skipped']);
			expect((await deposit.manifests()).map(({ id }) => id)).toEqual([successor.body.backup.id]);
			expect(deposit.names()).toHaveLength(3);
			tally.add('exact');
		}
		tally.expectSound();
	});

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
