import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { decodeManifest } from '../../lib/backup/manifest';
import { ahead, execute, givenDatabase, SHOP } from '../e2e/deployment';
import { runScript, startScript } from '../support/cli';
import { startFaultProxy } from '../support/fault-proxy';
import { Fixtures } from '../support/fixtures';
import { Moments, spread } from '../support/moments';
import { restored, tablesOf } from '../support/restored';
import { SECRETS } from '../support/secrets';
import { casesOf, Tally } from '../support/tally';

/** A lease has expired, and litter is a day old. */
const STEP_MS = 25 * 3_600_000;

const fixtures = new Fixtures();
afterAll(() => fixtures.close());

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

it('`backup-turso --write`, killed at any moment, leaves no half backup', { timeout: 1_500_000 }, async () => {
	const tally = new Tally({
		area: 'The function is killed',
		fault: 'SIGKILL of `backup-turso.ts --write`',
		provoked:
			'when a request comes to the database, when its answer is ready, and when a name appears or goes in the local folder or that of scratch databases; moments spread evenly over a run',
		promised:
			'no manifest without a whole object that restores exactly; earlier backups untouched; the next run a day later succeeds and sweeps the litter, temporary files and scratch databases',
	});
	const sqld = await givenDatabase(`${SHOP}
		CREATE TABLE log(id INTEGER PRIMARY KEY, line BLOB);
		INSERT INTO log WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
			SELECT i, randomblob(50000) FROM n;
	`);
	const database = await startFaultProxy(sqld.url);
	onTestFinished(() => database.close());
	const cwd = await fixtures.folder();
	const folder = join(cwd, 'backups/shop');
	const scratch = join(cwd, 'scratch');
	for (const path of [folder, scratch]) await mkdir(path, { recursive: true });
	const env = {
		TURSO_DATABASE_URL: database.url,
		TURSO_AUTH_TOKEN: SECRETS.TURSO_AUTH_TOKEN,
		BACKUP_NAME: 'shop',
		BACKUP_SCRATCH_DIR: scratch,
	};
	const moments = new Moments({ database });
	for (const path of [folder, scratch]) {
		const watcher = watch(path, (_, name) => void moments.pass(`${name} in ${path}`).catch(() => {}));
		onTestFinished(() => watcher.close());
	}
	let shiftMs = 0;
	const backUp = () => runScript('backup-turso', ['--write', '--json'], { cwd, env: ahead(env, shiftMs) });

	const contents = async () => {
		const names = (await readdir(folder)).filter((name) => name.startsWith('backup-'));
		const entries = names.map(async (name) => [name, sha256(await readFile(join(folder, name)))] as const);
		return new Map(await Promise.all(entries));
	};
	moments.watch();
	expect((await backUp()).exit).toBe(0);
	const total = moments.passed.length;

	const wrong: string[] = [];
	for (const [index, nth] of spread(casesOf(12, 40), total).entries()) {
		shiftMs += STEP_MS;
		await execute(sqld.url, `UPDATE users SET name = 'name ${index}' WHERE id = 1`);
		const source = JSON.stringify(await tablesOf(fixtures, sqld.url));
		const before = await contents();
		const problems: string[] = [];
		const judge = async (what: string, known: ReadonlyMap<string, string>) => {
			const now = await contents();
			for (const [name, digest] of known)
				if (now.get(name) !== digest) problems.push(`${what}: ${name} is not as before`);
			for (const name of now.keys()) {
				if (!name.endsWith('.json') || known.has(name)) continue;
				const { object } = decodeManifest(await readFile(join(folder, name)), name);
				const data = await readFile(join(folder, object.name));
				if (sha256(data) !== object.sha256) problems.push(`${what}: ${name} has not its data beside it`);
				else if (JSON.stringify((await restored(fixtures, data)).tables) !== source)
					problems.push(`${what}: ${name} restores otherwise`);
			}
		};

		const { child, ended } = startScript('backup-turso', ['--write'], { cwd, env: ahead(env, shiftMs) });
		moments.watch(nth, async () => void child.kill('SIGKILL'));
		await ended;
		const struck = moments.passed[nth - 1] ?? 'its end';
		moments.watch();
		await judge('after the kill', before);

		shiftMs += STEP_MS;
		const next = await backUp();
		if (next.exit !== 0) problems.push(`the next run: ${next.exit} ${next.stdout}${next.stderr}`);
		await judge('after the next run', before);
		const left = [...(await readdir(folder)), ...(await readdir(scratch))];
		const whole = (name: string) => /\.ndjson\.gz$/.test(name) && left.includes(name.replace('.ndjson.gz', '.json'));
		const litter = left.filter((name) => !name.endsWith('.json') && !whole(name));
		if (litter.length > 0) problems.push(`litter: ${litter}`);

		wrong.push(...problems.map((problem) => `moment ${nth} of ${total}, ${struck}: ${problem}`));
		tally.add(problems.length === 0 ? 'exact' : problems.some((text) => /as before/.test(text)) ? 'lost' : 'wrong');
	}
	expect(wrong).toEqual([]);
	tally.expectSound();
});
