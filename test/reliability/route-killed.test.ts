import { createHash } from 'node:crypto';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import {
	ahead,
	type Deposit,
	execute,
	FOLDER,
	gist,
	givenDatabase,
	givenDeposit,
	LEASE,
	SHOP,
	SUMMARY,
} from '../e2e/deployment';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { Fixtures } from '../support/fixtures';
import { differences, FIDELITY_MS, hasShared } from '../support/fixtures-fidelity';
import { Moments, spread } from '../support/moments';
import { type NextServer, startNext } from '../support/next-server';
import { restored, tablesOf } from '../support/restored';
import { casesOf, Tally } from '../support/tally';

/** A lease has expired, litter is a day old, and it is another day. */
const STEP_MS = 25 * 3_600_000;
const LIMIT_MS = 2_400_000;

// Several pages of rows that gzip makes small: one call uploads them.
const PAGES = `${SHOP}
	CREATE TABLE log(id INTEGER PRIMARY KEY, line TEXT);
	INSERT INTO log WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
		SELECT i, printf('line %d: %s', i, hex(i * 7919)) || printf('%60s', '.') FROM n;
`;
// And so many bytes that nothing makes small that their upload has parts.
const PARTS = `${SHOP}
	CREATE TABLE log(id INTEGER PRIMARY KEY, line BLOB);
	INSERT INTO log WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 180)
		SELECT i, randomblob(50000) FROM n;
`;

const fixtures = new Fixtures();
afterAll(() => fixtures.close());

/** Servers of the app, one after the other, whose ways to the database and the store are watched. */
class Victim {
	#shiftMs = 0;
	#next: NextServer | null = null;

	private constructor(
		readonly url: string,
		readonly deposit: Deposit,
		readonly moments: Moments,
		readonly env: Record<string, string>,
	) {}

	static async on(sql: string): Promise<Victim> {
		const sqld = await givenDatabase(sql);
		const deposit = await givenDeposit();
		const database = await watched(sqld.url);
		const store = await watched(deposit.blob.url);
		const env = Object.entries(deposit.envFor(database.url)).map(([name, value]) => [
			name,
			value.replace(deposit.blob.url, store.url),
		]);
		// Nothing is pruned, so that each backup can be held against what it was.
		const all = { ...Object.fromEntries(env), BACKUP_RETENTION: 'all' };
		const victim = new Victim(sqld.url, deposit, new Moments({ database, store }), all);
		onTestFinished(() => victim.end());
		return victim;
	}

	/** The server that runs now, or a new one. */
	async server(): Promise<NextServer> {
		this.#next ??= await startNext(ahead(this.env, this.#shiftMs, STEP_MS));
		return this.#next;
	}

	/** Lets a day pass. */
	async sleep(): Promise<void> {
		this.#shiftMs += STEP_MS;
		await this.#next?.stepClock();
	}

	async kill(): Promise<void> {
		await this.#next?.kill();
		await this.end();
	}

	async end(): Promise<void> {
		await this.#next?.close();
		this.#next = null;
	}

	/** Changes the database a little, so that no two backups are the same. */
	async change(nth: number): Promise<void> {
		await execute(
			this.url,
			`UPDATE users SET name = 'name ${nth}' WHERE id = 1; INSERT INTO users(name) VALUES ('${nth}')`,
		);
	}

	/** The moments of a whole run. */
	async momentsOfARun(): Promise<readonly string[]> {
		this.moments.watch();
		expect(gist(await (await this.server()).ask())).toEqual([200, 'done']);
		const { passed } = this.moments;
		await this.sleep();
		this.moments.watch();
		return passed;
	}

	/** Runs, and kills the server at the nth moment, or at the end of a run that has fewer. Says which it was. */
	async runAndKill(nth: number): Promise<string> {
		const next = await this.server();
		this.moments.watch(nth, () => next.kill());
		const answer = await next.ask().catch(() => null);
		const struck = this.moments.passed[nth - 1];
		this.moments.watch();
		await this.kill();
		return struck ?? `the end, answered ${answer?.status}`;
	}
}

async function watched(url: string): Promise<FaultProxy> {
	const proxy = await startFaultProxy(url);
	onTestFinished(() => proxy.close());
	return proxy;
}

/** Of every object but the lease and the summary. */
async function contents({ blob }: Deposit): Promise<Map<string, string>> {
	const found = new Map<string, string>();
	for (const { pathname } of blob.objects) {
		if (pathname === LEASE || pathname === FOLDER + SUMMARY) continue;
		found.set(
			pathname,
			createHash('sha256')
				.update(await blob.contentOf(pathname))
				.digest('hex'),
		);
	}
	return found;
}

/** The ids of data without a manifest. */
function litterOf({ names }: Deposit): string[] {
	const all = new Set(names());
	const data = [...all]
		.filter((name) => name.endsWith('.ndjson.gz'))
		.map((name) => name.slice(0, -'.ndjson.gz'.length));
	return data.filter((id) => !all.has(`${id}.json`));
}

/**
 * Kills a run at `count` moments of those that it has, and amid each upload, and proves after each what the store holds,
 * and the next run.
 */
async function killAtMoments(victim: Victim, count: number, tally: Tally): Promise<void> {
	const { deposit } = victim;
	const run = await victim.momentsOfARun();
	const total = run.length;
	const amid = run.flatMap((what, index) => (what.startsWith('amid') ? [index + 1] : []));
	const moments = [...new Set([...spread(count, total), ...amid])].sort((a, b) => a - b);
	const wrong: string[] = [];
	let ended = 0;
	for (const [index, nth] of moments.entries()) {
		await victim.change(index);
		const source = await tablesOf(fixtures, victim.url);
		const before = await contents(deposit);
		const moment = await victim.runAndKill(nth);
		if (moment.startsWith('the end')) ended++;
		const problems: string[] = [];
		const judge = async (what: string, known: Map<string, string>) => {
			const now = await contents(deposit);
			for (const [name, digest] of known)
				if (now.get(name) !== digest) problems.push(`${what}: ${name} is not as before`);
			// Throws for a manifest that is not whole, or has not its whole data beside it.
			const manifests = await deposit.manifests();
			for (const { id } of manifests.filter(({ id }) => !known.has(`${FOLDER}${id}.json`))) {
				const { tables } = await restored(fixtures, await deposit.blob.contentOf(`${FOLDER}${id}.ndjson.gz`));
				if (JSON.stringify(tables) !== JSON.stringify(source)) problems.push(`${what}: ${id} restores otherwise`);
			}
			return now;
		};
		const killed = await judge('after the kill', before);
		const litter = litterOf(deposit);

		await victim.sleep();
		const answer = await (await victim.server()).ask();
		if (answer.status !== 200 || answer.body.status !== 'done')
			problems.push(`the next run: ${answer.text} ${JSON.stringify((await victim.server()).events().at(-1))}`);
		if (answer.body?.backup?.sweptObjects !== litter.length) problems.push(`${litter.length} litter: ${answer.text}`);
		for (const id of litter) killed.delete(`${FOLDER}${id}.ndjson.gz`);
		await judge('after the next run', killed);
		if (litterOf(deposit).length > 0) problems.push(`litter: ${litterOf(deposit)}`);
		await victim.sleep();

		wrong.push(...problems.map((problem) => `moment ${nth} of ${total}, ${moment}: ${problem}`));
		tally.add(problems.length === 0 ? 'exact' : problems.some((text) => /as before/.test(text)) ? 'lost' : 'wrong');
	}
	expect(wrong).toEqual([]);
	// Runs differ by a request or two; the last moments may come to be after the end.
	expect(ended).toBeLessThanOrEqual(1 + count / 10);
	tally.expectSound();
}

const FAULT = {
	area: 'The function is killed',
	fault: 'SIGKILL of the server in the midst of a run',
	provoked:
		'when a request comes to the database or the store, when half of an upload has come, and when the work is done but not answered; moments spread evenly over a run',
	promised:
		'no manifest without a whole object that restores exactly; earlier backups untouched; the next run a day later takes the lease over, succeeds and sweeps the litter',
};

it('a run killed at any moment leaves no half backup, and the next one works', { timeout: LIMIT_MS }, async () => {
	await killAtMoments(await Victim.on(PAGES), casesOf(36, 100), new Tally(FAULT));
});

it('nor does one whose upload has parts', { timeout: LIMIT_MS }, async () => {
	const victim = await Victim.on(PARTS);
	await killAtMoments(victim, casesOf(12, 40), new Tally(FAULT));
	expect(victim.deposit.blob.partBytes.length).toBeGreaterThan(12);
});

it('the lease of a run that was killed holds until it expires', { timeout: FIDELITY_MS }, async () => {
	const tally = new Tally({
		area: 'The function is killed',
		fault: 'a run right after the kill',
		provoked: 'the server is started again at once, by the same clock',
		promised: '409 LEASE_HELD, and until when; nothing is written',
	});
	const victim = await Victim.on(PAGES);
	const { deposit } = victim;
	const run = await victim.momentsOfARun();
	await victim.runAndKill(Math.round(run.length / 2));
	const left = deposit.names();
	const answer = await (await victim.server()).ask();
	expect(gist(answer)).toEqual([409, 'LEASE_HELD']);
	const { expiresAt } = JSON.parse((await deposit.blob.contentOf(LEASE)).toString());
	expect(answer.body.error.message).toContain(expiresAt);
	expect(deposit.names()).toEqual(left);
	tally.add('refused');
	tally.expectSound();
	await victim.sleep();
	const next = await (await victim.server()).ask();
	expect(gist(next)).toEqual([200, 'done']);
	if (!hasShared()) return;
	const { url } = await restored(fixtures, await deposit.blob.contentOf(`${FOLDER}${next.body.backup.id}.ndjson.gz`));
	expect(await differences(victim.url, url)).toEqual([]);
});
