import { spawn, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { describe } from 'vitest';

/** A run of the program may take this long, in ms. */
const LIMIT_MS = 120_000;

/**
 * A suite that needs the program `sqlite3`, the shell of SQLite. Without it the suite is skipped; in CI it then fails.
 */
export function describeWithSqlite3(name: string, suite: () => void): void {
	if (spawnSync('sqlite3', ['--version']).status === 0) describe(name, suite);
	else if (process.env.CI) throw new Error(`the program sqlite3 is missing: ${name} cannot be tested`);
	else describe.skip(`${name} (skipped: the program sqlite3 is missing)`, suite);
}

export interface Sqlite3Run {
	readonly exit: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs `sqlite3` with `words`, and with a file or a stream as its input. */
export function runSqlite3(words: readonly string[], input?: string | Readable): Promise<Sqlite3Run> {
	const child = spawn('sqlite3', ['-batch', ...words], { timeout: LIMIT_MS });
	const out: Buffer[] = [];
	const err: Buffer[] = [];
	child.stdout.on('data', (chunk) => out.push(chunk));
	child.stderr.on('data', (chunk) => err.push(chunk));
	// With -bail it may end before it has read all.
	child.stdin.on('error', () => {});
	if (input === undefined) child.stdin.end();
	else (typeof input === 'string' ? createReadStream(input) : input).pipe(child.stdin);
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (exit) =>
			resolve({ exit, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
		);
	});
}
