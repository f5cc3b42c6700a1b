import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERYTHING } from '../../lib/backup/selection';
import { loadConfig } from '../../lib/config/load';
import { LifeboatError } from '../../lib/core/errors';
import { libsqlEngine } from '../../lib/engine/libsql/index';
import { systemContext } from '../../lib/jobs/context';
import { restoreBackup } from '../../lib/jobs/restore';
import { dumpOf } from '../support/fixtures';
import { hostileBackup } from '../support/hostile-backup';
import { seededRandom } from '../support/seeded-random';

/**
 * Run as a process, since the driver can end one: restores hostile backups by the seeds `process.argv[2]` up to
 * `process.argv[3]`, and says before each which it is, and after it what came of it, a line of JSON each.
 */
const [from, to] = process.argv.slice(2).map(Number) as [number, number];
const cwd = await mkdtemp(join(tmpdir(), 'lifeboat-hostile-'));
const config = loadConfig({}, { cwd });
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function outcomeOf(seed: number): Promise<{ outcome: string; told?: string }> {
	const file = hostileBackup(seededRandom(seed));
	await writeFile(join(cwd, 'x.ndjson.gz'), file);
	try {
		const { prepared, restored } = await restoreBackup({
			...systemContext,
			backup: './x.ndjson.gz',
			config,
			cwd,
			to: 'file:x.db',
			confirm: true,
			resume: false,
			parts: EVERYTHING,
			allowFunctions: new Set(),
		});
		if (restored === null) throw prepared.plan.refusal;
		const database = await libsqlEngine.open({ kind: 'file', path: join(cwd, 'x.db') }, {});
		const { dumped } = await dumpOf(database).finally(() => database.close());
		const wanted = prepared.verified.contents.tables.map(({ name, rows, sha256 }) => `${name} ${rows} ${sha256}`);
		const found = dumped.encoded.tables.map(({ name, rows, sha256 }) => `${name} ${rows} ${sha256}`);
		const lost = wanted.filter((table) => !found.includes(table));
		return lost.length === 0 ? { outcome: 'exact' } : { outcome: 'wrong', told: lost.join() };
	} catch (error) {
		const isTold = error instanceof LifeboatError && error.code !== 'INTERNAL' && error.hint !== undefined;
		const told = error instanceof LifeboatError ? `${error.code} ${error.message}` : String((error as Error).stack);
		return { outcome: isTold ? 'refused' : 'wrong', told: told.slice(0, 500) };
	} finally {
		await rm(join(cwd, 'x.db'), { force: true });
	}
}

try {
	for (let seed = from; seed < to; seed++) {
		say({ seed });
		const result = await outcomeOf(seed);
		const left = (await readdir(cwd)).filter((name) => name !== 'x.ndjson.gz');
		say(
			left.length === 0
				? { seed, ...result }
				: { seed, outcome: 'wrong', told: `${left} left behind by ${result.told}` },
		);
		for (const name of left) await rm(join(cwd, name), { recursive: true, force: true });
	}
} finally {
	await rm(cwd, { recursive: true, force: true });
}
