import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Order, Passed, Told } from './slow-network';
import { TSX } from './tsx';

/** A slow network in front of whatever server it is aimed at. */
export interface Network {
	/** Leads to the server at `url` from now on, and counts from nothing; returns the URL of its near end. */
	aim(url: string): Promise<string>;
	/** What has passed since. */
	passed(): Promise<Passed>;
	close(): void;
}

export interface Slowness {
	/** The round trip that is added, in ms. */
	readonly rttMs: number;
	/** In each direction; 0: no limit. */
	readonly bytesPerSecond: number;
}

const LIMIT_MS = 30_000;

/** Starts one; it ends with this process at the latest. */
export async function startNetwork({ rttMs, bytesPerSecond }: Slowness): Promise<Network> {
	const child = fork(join(import.meta.dirname, 'slow-network.ts'), [String(rttMs), String(bytesPerSecond)], {
		execArgv: ['--import', TSX],
	});
	await message(child);
	return {
		async aim(url) {
			const { port } = (await ask(child, { aim: Number(new URL(url).port) })) as { port: number };
			return `http://127.0.0.1:${port}`;
		},
		passed: async () => (await ask(child, 'tell')) as Passed,
		close: () => void child.kill('SIGKILL'),
	};
}

async function ask(child: ChildProcess, order: Order): Promise<Told> {
	const answer = message(child);
	child.send(order);
	return (await answer) as Told;
}

async function message(child: ChildProcess): Promise<unknown> {
	const [told] = await once(child, 'message', { signal: AbortSignal.timeout(LIMIT_MS) });
	return told;
}
