import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentSchema } from '../../lib/config/schema';
import { recordOutput, SECRETS } from './secrets';

const ROOT = join(import.meta.dirname, '../..');
/** Longest wait for the server to be ready, in ms: machines are busy. */
const START_MS = 30_000;
/** Longest wait for it to end by itself before it is killed, in ms. */
const STOP_MS = 10_000;

/** Next reads `.env.local` of the project, where a person's own store may be; what is set, if empty, wins over it. */
const UNSET = Object.fromEntries(Object.keys(environmentSchema.shape).map((variable) => [variable, '']));

export interface Ask {
	/** `/api/cron/backup` by default. */
	readonly path?: string;
	/** `?dryRun=1` and the like. */
	readonly query?: string;
	/** The right one by default; null: none. */
	readonly authorization?: string | null;
	readonly headers?: Record<string, string>;
	readonly method?: string;
	readonly body?: string;
}

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The answer as JSON; undefined if it is not. */
	// biome-ignore lint/suspicious/noExplicitAny: tests look into it as they please
	readonly body: any;
}

/** The built app, served by Next's production server in a process of its own. */
export interface NextServer {
	readonly url: string;
	/** What the process has written so far. */
	output(): string;
	/** Events of the backup route's log, so far. */
	events(): Record<string, unknown>[];
	/** Calls a route. */
	ask(ask?: Ask): Promise<Answer>;
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
export async function startNext(env: Record<string, string> = {}): Promise<NextServer> {
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
	const url = await ready(child, () => output);
	return {
		url,
		output: () => output,
		events: () =>
			output
				.split('\n')
				.filter((line) => line.startsWith('{"event"'))
				.map((line) => JSON.parse(line)),
		async ask({
			path = '/api/cron/backup',
			query = '',
			authorization = `Bearer ${SECRETS.CRON_SECRET}`,
			headers,
			method,
			body,
		} = {}) {
			const all = new Headers(headers);
			if (authorization !== null) all.set('authorization', authorization);
			// Where it sends to is part of the answer.
			const response = await fetch(url + path + query, { method, headers: all, body, redirect: 'manual' });
			const text = await response.text();
			recordOutput(`the answer ${response.status}`, text + JSON.stringify([...response.headers]));
			return { status: response.status, headers: response.headers, text, body: parse(text) };
		},
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
		async close() {
			await end(child, 'SIGTERM');
			recordOutput("the server's output", output);
		},
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

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
