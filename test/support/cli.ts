import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { recordOutput } from './secrets';

const ROOT = join(import.meta.dirname, '../..');
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

export interface ScriptOptions {
	/** The working directory: `.env.local` and `backups/` are there. */
	readonly cwd: string;
	/** All variables there are, but for the path and the home. */
	readonly env?: Record<string, string>;
}

export interface ScriptRun {
	/** Null if a signal ended it. */
	readonly exit: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** stdout as JSON; throws if it is anything else. */
	// biome-ignore lint/suspicious/noExplicitAny: tests look into it as they please
	json(): any;
}

export interface StartedScript {
	readonly child: ChildProcess;
	readonly ended: Promise<ScriptRun>;
}

/** Starts a script of `scripts/`, such as `list-backups`, as a person would. */
export function startScript(name: string, words: readonly string[], { cwd, env = {} }: ScriptOptions): StartedScript {
	const child = spawn(process.execPath, wordsOf(name, words), {
		cwd,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: environmentOf(env),
	});
	let stdout = '';
	let stderr = '';
	child.stdout?.on('data', (chunk) => {
		stdout += chunk;
	});
	child.stderr?.on('data', (chunk) => {
		stderr += chunk;
	});
	const ended = new Promise<ScriptRun>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (exit) => {
			recordOutput(`the output of ${name}`, stdout + stderr);
			resolve({ exit, stdout, stderr, json: () => JSON.parse(stdout) });
		});
	});
	return { child, ended };
}

/** Runs a script to its end. */
export async function runScript(name: string, words: readonly string[], options: ScriptOptions): Promise<ScriptRun> {
	return startScript(name, words, options).ended;
}

/** Runs a script to its end while this process stands still. Throws if it ends badly. */
export function runScriptSync(name: string, words: readonly string[], { cwd, env = {} }: ScriptOptions): void {
	const output = execFileSync(process.execPath, wordsOf(name, words), { cwd, env: environmentOf(env), stdio: 'pipe' });
	recordOutput(`the output of ${name}`, output.toString());
}

/** A script's command line, for whoever runs it in a way of his own. */
export function commandLine(name: string, words: readonly string[]): string[] {
	return [process.execPath, ...wordsOf(name, words)];
}

function wordsOf(name: string, words: readonly string[]): string[] {
	return ['--import', TSX, join(ROOT, 'scripts', `${name}.ts`), ...words];
}

/** The variables that a script is started with. */
export function environmentOf(env: Record<string, string>): NodeJS.ProcessEnv {
	return { PATH: process.env.PATH, HOME: process.env.HOME, ...env } as unknown as NodeJS.ProcessEnv;
}
