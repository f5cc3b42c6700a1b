import { type ChildProcess, spawn } from 'node:child_process';
import { within } from './within';

/** A command of node's: the words after `node`, where it runs, and its whole environment. */
export interface NodeCommand {
	readonly words: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
}

export interface Ended {
	/** Null if a signal ended it. */
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Child {
	/** Rejects if it could not be started. */
	readonly ended: Promise<Ended>;
	/** What it has written so far, both streams. */
	output(): string;
	/** Ends it and what it started: asks, and after 5 s insists. Resolves when it is gone. */
	end(): Promise<void>;
}

const PATIENCE_MS = 5_000;
const IS_WINDOWS = process.platform === 'win32';

/** The processes that were started, each the head of a group of its own, so that none of theirs is left either. */
export class Children {
	readonly #running = new Set<ChildProcess>();

	start({ words, cwd, env }: NodeCommand): Child {
		const child = spawn(process.execPath, words, {
			cwd,
			env: env as NodeJS.ProcessEnv,
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: !IS_WINDOWS,
		});
		this.#running.add(child);
		let [stdout, stderr] = ['', ''];
		child.stdout.setEncoding('utf8').on('data', (text) => {
			stdout += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text) => {
			stderr += text;
		});
		const gone = new Promise<void>((resolve) => {
			child.once('exit', () => resolve()).once('error', () => resolve());
		}).then(() => void this.#running.delete(child));
		const ended = new Promise<Ended>((resolve, reject) => {
			child.once('close', (code) => resolve({ code, stdout, stderr })).once('error', reject);
		});
		ended.catch(() => {});
		const end = async () => {
			const insist = setTimeout(() => this.#signal(child, 'SIGKILL'), PATIENCE_MS);
			this.#signal(child, 'SIGTERM');
			await gone;
			clearTimeout(insist);
		};
		return { ended, output: () => stdout + stderr, end };
	}

	/** Runs one to its end. Rejects when `limitMs` is over or `signal` aborts; it is gone by then. */
	async run(command: NodeCommand, limitMs: number, signal: AbortSignal): Promise<Ended> {
		const child = this.start(command);
		try {
			return await within(child.ended, limitMs, command.words.slice(-3).join(' '), signal);
		} finally {
			await child.end();
		}
	}

	/** Ends at once whatever runs still: for the last moment of this process. */
	killAll(): void {
		for (const child of this.#running) this.#signal(child, 'SIGKILL');
	}

	#signal(child: ChildProcess, name: NodeJS.Signals): void {
		// Once it is gone, its number may be another's.
		if (!this.#running.has(child) || child.pid === undefined) return;
		try {
			if (IS_WINDOWS) child.kill(name);
			else process.kill(-child.pid, name);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
		}
	}
}
