import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERYTHING } from '../../lib/backup/selection';
import type { Config } from '../../lib/config/config';
import { loadConfig } from '../../lib/config/load';
import { LifeboatError } from '../../lib/core/errors';
import { libsqlEngine } from '../../lib/engine/libsql/index';
import { systemContext } from '../../lib/jobs/context';
import { restoreBackup } from '../../lib/jobs/restore';
import type { BatchLine } from './batch';
import { dumpOf } from './fixtures';
import { seededRandom } from './seeded-random';

/** A file to restore. */
export interface RestoreCase {
	/** With what it ends in: scripts are known by it. */
	readonly name: string;
	readonly bytes: Buffer;
}

/**
 * Restores files into a database file, by the seeds that the arguments of this process name, and says what came of each
 * as `runBatch` wants it: a process of its own, since the driver can end one.
 */
export async function tryRestores(make: (random: () => number) => RestoreCase): Promise<void> {
	const [from, to] = process.argv.slice(2).map(Number) as [number, number];
	const cwd = await mkdtemp(join(tmpdir(), 'lifeboat-hostile-'));
	const say = (line: BatchLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
	try {
		for (let seed = from; seed < to; seed++) {
			say({ seed });
			const { name, bytes } = make(seededRandom(seed));
			await writeFile(join(cwd, name), bytes);
			const result = await outcomeOf(name, loadConfig({}, { cwd }), cwd);
			const left = (await readdir(cwd)).filter((file) => file !== name);
			say(left.length === 0 ? { seed, ...result } : { seed, outcome: 'wrong', told: `${left} left by ${result.told}` });
			for (const file of [name, ...left]) await rm(join(cwd, file), { recursive: true, force: true });
		}
	} finally {
		await rm(cwd, { recursive: true, force: true });
	}
}

async function outcomeOf(name: string, config: Config, cwd: string): Promise<Omit<BatchLine, 'seed'>> {
	try {
		const { prepared, restored } = await restoreBackup({
			...systemContext,
			backup: `./${name}`,
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
