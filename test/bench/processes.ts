import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** Something to run as a process of its own. */
export interface Command {
	/** For messages. */
	readonly title: string;
	/** For bash; a pipe fails when any part of it does. */
	readonly shell: string;
	readonly cwd?: string;
	/** Beside the path, and a home and a temporary folder of the benchmark's. */
	readonly env?: Readonly<Record<string, string>>;
	/** It is ended when this is over, in ms. */
	readonly limitMs?: number;
}

/** What a process was like that ended well. */
export interface Ended {
	readonly seconds: number;
	/** User and system time of all its parts; a server's is not in it. */
	readonly cpuSeconds: number;
	/** Highest resident memory of the node process in it, in MB of 2^20 bytes; null if there was none. */
	readonly peakMb: number | null;
	readonly stdout: string;
}

/** One that goes on. */
export interface Started {
	/** What it has written so far, both streams. */
	output(): string;
	/** Rejects when it ends badly. */
	readonly ended: Promise<Ended>;
	/** Ends it and all it started, at once. Resolves when it is gone. */
	end(): Promise<void>;
}

const LONGEST_MS = 1_800_000;
const TELL_PEAK = join(import.meta.dirname, 'tell-peak.cjs');

/** The processes of the benchmark, each the head of a group of its own, so that none of theirs is left either. */
export class Processes {
	readonly #running = new Set<ChildProcess>();

	constructor(
		private readonly folder: string,
		private readonly signal: AbortSignal,
	) {}

	/** Runs one to its end. Rejects when it ends badly, takes too long, or the benchmark is stopped; it is gone by then. */
	async run(command: Command): Promise<Ended> {
		return this.start(command).ended;
	}

	start({ title, shell, cwd = this.folder, env = {}, limitMs = LONGEST_MS }: Command): Started {
		this.signal.throwIfAborted();
		const script = `TIMEFORMAT='bench-cpu %U %S'; time { ${shell}\n}`;
		const startedMs = performance.now();
		const child = spawn('bash', ['-o', 'pipefail', '-c', script], {
			cwd,
			env: this.#environment(env),
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: true,
		});
		this.#running.add(child);
		let [stdout, stderr] = ['', ''];
		child.stdout.setEncoding('utf8').on('data', (text) => {
			stdout += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text) => {
			stderr += text;
		});
		const kill = () => this.#kill(child);
		const timer = setTimeout(kill, limitMs);
		this.signal.addEventListener('abort', kill);
		const ended = new Promise<Ended>((resolve, reject) => {
			let seconds = 0;
			child.once('exit', () => {
				seconds = (performance.now() - startedMs) / 1000;
			});
			child.once('error', reject);
			// Not before: what it has left in its group holds the pipes open, and is to be ended in time, too.
			child.once('close', (code) => {
				this.#running.delete(child);
				clearTimeout(timer);
				this.signal.removeEventListener('abort', kill);
				if (this.signal.aborted) reject(this.signal.reason);
				else if (code !== 0)
					reject(new Error(`${title} failed (${code ?? 'killed'}):\n${(stdout + stderr).slice(-4000)}`));
				else resolve({ seconds, cpuSeconds: cpuOf(stderr), peakMb: peakOf(stderr), stdout });
			});
		});
		// Whoever ends it does not wait for this.
		ended.catch(() => {});
		const end = async () => {
			kill();
			await ended.catch(() => {});
		};
		return { output: () => stdout + stderr, ended, end };
	}

	/** Ends at once whatever runs still: for the last moment of the benchmark. */
	killAll(): void {
		for (const child of this.#running) this.#kill(child);
	}

	#environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
		const own = { PATH: process.env.PATH ?? '', HOME: this.folder, TMPDIR: this.folder, LANG: 'C.UTF-8' };
		const preload = { NODE_OPTIONS: `--require "${TELL_PEAK}"` };
		return { ...own, ...preload, ...env } as unknown as NodeJS.ProcessEnv;
	}

	#kill(child: ChildProcess): void {
		// Once it is gone, its number may be another's.
		if (!this.#running.has(child) || child.pid === undefined) return;
		try {
			process.kill(-child.pid, 'SIGKILL');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
		}
	}
}

function cpuOf(stderr: string): number {
	const [, user, system] = /^bench-cpu ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? [];
	return Number(user) + Number(system);
}

function peakOf(stderr: string): number | null {
	const peaksKb = Array.from(stderr.matchAll(/^peak-rss-kb (\d+)$/gm), ([, kb]) => Number(kb));
	return peaksKb.length === 0 ? null : Math.max(...peaksKb) / 1024;
}
