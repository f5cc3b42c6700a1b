import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, it, onTestFinished } from 'vitest';
import { gist, givenApp, givenDatabase } from '../e2e/deployment';
import { runScript } from '../support/cli';
import { givenFolder } from '../support/given-folder';
import { Tally } from '../support/tally';

const BIG_ROWS = 100_000;
/** Transactions that the writer must have done while the dump stands still in its midst. */
const BESIDE = 25;
/** The writer ends by itself after so many. */
const MOST = 20_000;

// `account` is dumped first and `entry` last, with much between them: every transaction changes both.
const LEDGER = `
	CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, entries INTEGER NOT NULL);
	INSERT INTO account VALUES (1, 0, 0);
	CREATE TABLE bulk(id INTEGER PRIMARY KEY, noise TEXT);
	INSERT INTO bulk WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${BIG_ROWS})
		SELECT i, hex(randomblob(100)) FROM n;
	CREATE TABLE entry(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
`;

it('a backup is of one moment, with a writer at work throughout', async () => {
	const tally = new Tally({
		area: 'Concurrency',
		fault: 'a writer at work for the whole dump',
		provoked:
			'transactions that change the first and the last table; 25 of them and more while the upload stands still',
		promised: 'a backup of one moment: the books balance in what is restored',
	});
	const sqld = await givenDatabase(LEDGER);
	const { next, blob, env } = await givenApp(sqld.url);
	const client = createClient({ url: sqld.url });
	onTestFinished(() => client.close());
	const folder = await givenFolder();

	let done = 0;
	let stop = false;
	const enough: { readonly count: number; readonly resolve: () => void }[] = [];
	const reach = (count: number) => new Promise<void>((resolve) => enough.push({ count, resolve }));
	const write = async () => {
		while (!stop && done < MOST) {
			const amount = 1 + (done % 97);
			await client.batch(
				[
					{ sql: 'UPDATE account SET balance = balance + ?, entries = entries + 1', args: [BigInt(amount)] },
					{ sql: 'INSERT INTO entry(amount) VALUES (?)', args: [BigInt(amount)] },
				],
				'write',
			);
			done += 1;
			for (const { count, resolve } of enough) if (done >= count) resolve();
		}
	};
	const writer = write();
	await reach(1);
	// The first part of the upload is full: the dump is in its midst, its snapshot open.
	const upload = blob.hold('create');
	const answer = next.ask();
	await upload.reached;
	const heldAt = done;
	await reach(heldAt + BESIDE);
	upload.release();
	const summary = (await answer).body?.backup;
	stop = true;
	await writer;
	expect(gist(await answer)).toEqual([200, 'done']);
	expect(summary.proof).toBe('restored');

	const target = join(folder, 'restored.db');
	const restored = await runScript('restore-turso', ['latest', '--to', `file:${target}`, '--confirm'], {
		cwd: folder,
		env,
	});
	expect([restored.exit, restored.stderr]).toEqual([0, '']);
	const copy = createClient({ url: `file:${target}` });
	onTestFinished(() => copy.close());
	const { rows } = await copy.execute(
		'SELECT balance, entries, (SELECT sum(amount) FROM entry) AS sum, (SELECT count(*) FROM entry) AS count, (SELECT count(*) FROM bulk) AS bulk FROM account',
	);
	const { balance, entries, sum, count, bulk } = rows[0] as unknown as Record<string, number>;
	expect([balance, entries, bulk]).toEqual([sum, count, BIG_ROWS]);
	// Neither of before the writer, nor of after what it did beside the dump.
	expect(entries).toBeGreaterThan(0);
	expect(entries).toBeLessThanOrEqual(heldAt);
	expect(done).toBeGreaterThanOrEqual(heldAt + BESIDE);
	tally.add('exact');
	tally.expectSound();
});
