import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether the age tool is here; in CI it has to be. */
export const HAS_AGE = spawnSync('age', ['--version']).error === undefined;
if (!HAS_AGE && process.env.CI) throw new Error('the tests of encryption need the age tool: apt-get install age');

/** Runs the age tool, or `age-keygen`; returns what it prints. */
export async function age(program: 'age' | 'age-keygen', ...words: string[]): Promise<string> {
	const { stdout } = await run(program, words, { timeout: 30_000 });
	return stdout;
}
