import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentSchema } from '../../lib/config/schema';

const ROOT = join(import.meta.dirname, '../..');
/** Longest wait for the server to be ready, in ms: machines are busy. */
const START_MS = 30_000;
/** Longest wait for it to end by itself before it is killed, in ms. */
const STOP_MS = 10_000;

/** Next reads `.env.local` of the project, where a person's own store may be; what is set, if empty, wins over it. */
const UNSET = Object.fromEntries(Object.keys(environmentSchema.shape).map((variable) => [variable, '']));

/** The built app, served by Next's production server in a process of its own. */
export interface NextProcess {
	readonly url: string;
	/** What the process has written so far. */
	output(): string;
	/** Moves its clock on: for a server with `shifted-clock.mjs` and LIFEBOAT_TEST_CLOCK_STEP_MS. */
	stepClock(): Promise<void>;
	/** Ends it as the platform ends a function whose time is over: SIGKILL. Resolves when it is gone. */
	kill(): Promise<void>;
	close(): Promise<void>;
}

/**
 * Starts the built app on a free port of 127.0.0.1, with `env` and no other variables but the path and the home.
 * Resolves when it is ready.
 */
export async function startNextProcess(env: Record<string, string>): Promise<NextProcess> {
	const next = join(ROOT, 'node_modules/next/dist/bin/next');
	const { PATH, HOME } = process.env;
	const child = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', '0'], {
		cwd: ROOT,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { PATH, HOME, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', ...UNSET, ...env },
	});
	let output = '';
	const collect = (chunk: Buffer) => {
		output += chunk.toString();
	};
	child.stdout?.on('data', collect);
	child.stderr?.on('data', collect);
	child.on('error', (error) => collect(Buffer.from(String(error))));
	return {
		url: await ready(child, () => output),
		output: () => output,
		async stepClock() {
			const told = () => output.split('the clock stands at').length;
			const before = told();
			child.kill('SIGUSR2');
			await within(
				child,
				() => output,
				'step its clock',
				() => (told() > before ? true : undefined),
			);
		},
		kill: () => end(child, 'SIGKILL'),
		close: () => end(child, 'SIGTERM'),
	};
}

function ready(child: ChildProcess, output: () => string): Promise<string> {
	return within(child, output, 'get ready', () =>
		output().includes('Ready in') ? /Local: +(http:\/\/127\.0\.0\.1:\d+)/.exec(output())?.[1] : undefined,
	);
}

/** Waits until there is something to be found. */
async function within<T>(
	child: ChildProcess,
	output: () => string,
	doing: string,
	find: () => T | undefined,
): Promise<T> {
	const until = performance.now() + START_MS;
	for (;;) {
		const found = find();
		if (found !== undefined) return found;
		if (child.exitCode !== null || child.pid === undefined) throw new Error(`next ended at once: ${output()}`);
		if (performance.now() > until) {
			await end(child, 'SIGTERM');
			throw new Error(`next did not ${doing} within ${START_MS} ms: ${output()}`);
		}
		await sleep(25);
	}
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise<void>((done) => child.once('close', () => done()));
	child.kill(signal);
	const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
	await ended;
	clearTimeout(timer);
}
