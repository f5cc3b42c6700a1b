import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeyPair, newKeyPair } from '../../lib/format/age-identity';
import { startSqld } from '../support/sqld';
import { type DataName, Dataset } from './data';
import { type Network, type Slowness, startNetwork } from './network';
import { Processes } from './processes';

/** A server of the benchmark's. */
export interface Server {
	readonly url: string;
	close(): Promise<void>;
}

/** Where the benchmark works: a folder of its own, and all that it has started. */
export class Stage {
	/** Everything is in it, the servers' data too. */
	readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'lifeboat-bench-'));
	readonly processes: Processes;
	/** What is to be done when nothing is measured any more. */
	readonly afterwards: (() => Promise<void>)[] = [];
	readonly #servers = new Set<Server & { readonly pid: number }>();
	readonly #networks = new Map<string, Promise<Network>>();
	readonly #datasets = new Map<DataName, Dataset>();
	#keyPair: Promise<KeyPair> | null = null;
	#nth = 0;

	/**
	 * @param scale 1: data of the full size
	 * @param say tells a person what goes on
	 */
	constructor(
		readonly scale: number,
		readonly signal: AbortSignal,
		readonly say: (text: string) => void,
	) {
		this.processes = new Processes(this.folder, signal);
		// For what is started by way of test/support.
		process.env.TMPDIR = this.folder;
	}

	/** A path that nothing has been at. */
	newPath(ending: string): string {
		return join(this.folder, `${++this.#nth}-${ending}`);
	}

	/** To whose recipient backups are sealed. */
	keyPair(): Promise<KeyPair> {
		this.#keyPair ??= newKeyPair(false);
		return this.#keyPair;
	}

	data(name: DataName): Dataset {
		const dataset = this.#datasets.get(name) ?? new Dataset(this, name);
		this.#datasets.set(name, dataset);
		return dataset;
	}

	/** Starts sqld; `prepare` is given its data folder. Ended with the benchmark at the latest. */
	async startSqld(prepare?: (folder: string) => Promise<void>): Promise<Server> {
		this.signal.throwIfAborted();
		const sqld = await startSqld({ prepare });
		const server = {
			url: sqld.url,
			pid: sqld.pid,
			close: async () => {
				await sqld.close();
				this.#servers.delete(server);
			},
		};
		this.#servers.add(server);
		return server;
	}

	/** The network of that slowness: one, aimed anew by whoever goes through it. */
	network(slowness: Slowness): Promise<Network> {
		const key = JSON.stringify(slowness);
		const network = this.#networks.get(key) ?? startNetwork(slowness);
		this.#networks.set(key, network);
		return network;
	}

	/** Ends and removes everything. */
	async close(): Promise<void> {
		this.processes.killAll();
		for (const network of await Promise.allSettled(this.#networks.values()))
			if (network.status === 'fulfilled') network.value.close();
		await Promise.allSettled([...this.#servers].map((server) => server.close()));
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}

	/** The same in the last moment of this process, when nothing can be waited for. */
	closeAtOnce(): void {
		this.processes.killAll();
		for (const { pid } of this.#servers) {
			try {
				process.kill(pid, 'SIGKILL');
			} catch {
				// It was on its way out.
			}
		}
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}
}
