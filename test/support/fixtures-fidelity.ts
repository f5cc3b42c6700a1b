import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { copySharedScript, hasSharedScripts, SHARED } from './shared-scripts';

/** A script of the folder may take this long, in ms. */
const LIMIT_MS = 120_000;
/** What a test that runs a few of them may take, in ms: ten times what it takes alone. */
export const FIDELITY_MS = 240_000;

export const CHINOOK = join(SHARED, 'data/chinook.db');

/**
 * A suite that needs `../shared`, the folder of the measured hazards beside the checkout. Without that folder it is
 * skipped; in CI it then fails.
 */
export function describeWithShared(name: string, suite: () => void): void {
	if (hasShared()) describe(name, suite);
	else describe.skip(`${name} (skipped: ${SHARED} is missing)`, suite);
}

/** Claims that the folder of the measured hazards is there. In CI it must be. */
export function hasShared(): boolean {
	if (hasSharedScripts() && existsSync(CHINOOK)) return true;
	if (process.env.CI) throw new Error(`${SHARED} is missing`);
	return false;
}

/** Builds the torture database at `url`. Throws when it refuses anything that is not optional. */
export async function buildTorture(url: string, ...args: string[]): Promise<void> {
	const { code, output } = await runScript('torture.mjs', [url, '--quiet', ...args]);
	if (code !== 0) throw new Error(`torture.mjs ended with ${code}: ${output}`);
}

/** The differences between two databases, as the independent comparison sees them. Throws when it could not compare. */
export async function differences(urlA: string, urlB: string, ...args: string[]): Promise<string[]> {
	return compared(urlA, urlB, '--views', ...args);
}

async function compared(...args: string[]): Promise<string[]> {
	const { code, output } = await runScript('compare.mjs', args);
	if (code !== 0 && code !== 1) throw new Error(`compare.mjs ended with ${code}: ${output}`);
	return output.split('\n').filter((line) => line.startsWith('DIFF '));
}

/** The same for databases whose views show text that is not valid, which would end the process: views by their SQL. */
export async function tableDifferences(urlA: string, urlB: string): Promise<string[]> {
	return compared(urlA, urlB);
}

async function runScript(
	name: 'compare.mjs' | 'torture.mjs',
	args: readonly string[],
): Promise<{ code: unknown; output: string }> {
	const script = await copySharedScript(name);
	return new Promise((done) => {
		const options = { timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
		execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
			done({ code: error ? (error.code ?? error.signal) : 0, output: stdout + stderr });
		});
	});
}
