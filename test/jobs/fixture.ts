import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { onTestFinished } from 'vitest';
import type { ConfigWith } from '../../lib/config/config';
import { loadConfig } from '../../lib/config/load';
import type { JobContext } from '../../lib/jobs/context';
import { runNightly } from '../../lib/jobs/nightly';
import type { NightlyResult } from '../../lib/jobs/nightly-types';
import type { Told } from '../../lib/jobs/told';

/** A context whose clock stands still until it is set, and whose chances come one after the other. */
export class FakeContext implements JobContext {
	nowMs: number;
	#chance = 0;

	constructor(now: string) {
		this.nowMs = Date.parse(now);
	}

	readonly clock = {
		now: () => new Date(this.nowMs),
		elapsedMs: () => this.nowMs,
		// Time does not pass by waiting; the deadline's timer waits for ever.
		sleep: (ms: number, signal?: AbortSignal) =>
			ms > 10_000
				? new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
				: Promise.resolve(signal?.throwIfAborted()),
	};

	readonly random = () => {
		this.#chance = (this.#chance + 0.123) % 1;
		return this.#chance;
	};

	set(now: string): void {
		this.nowMs = Date.parse(now);
	}
}

export interface Job {
	readonly folder: string;
	readonly config: ConfigWith<'database' | 'name'>;
	readonly context: FakeContext;
	/** Events of the log. */
	readonly events: Record<string, unknown>[];
	/** Who was told of each run, where somebody was to be. */
	readonly told: Told[];
	/** Told of each event of the log. */
	onEvent: (event: Readonly<Record<string, unknown>>) => void;
	nightly(): Promise<NightlyResult>;
	/** The same by a configuration that is another in this. */
	nightlyWith(more: Partial<Job['config']>): Promise<NightlyResult>;
	/** The files that lie beside the lease, the summary and what was told. */
	files(): Promise<string[]>;
	read(name: string): Promise<string>;
}

/** What lies beside the backups. */
const BESIDE: readonly string[] = ['lease.json', 'alerts.json', 'history.json'];

/** A small database in a file, a local store beside it, and a clock at `now`; until the test ends. */
export async function givenJob(now = '2026-11-20T02:00:00Z', env: Record<string, string> = {}): Promise<Job> {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-jobs-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	const client = createClient({ url: `file:${join(folder, 'shop.db')}` });
	await client.executeMultiple("CREATE TABLE t(a); INSERT INTO t VALUES (1), ('b')").finally(() => client.close());
	const config = loadConfig(
		{ TURSO_DATABASE_URL: 'file:shop.db', BACKUP_NAME: 'shop', ...env },
		{ need: ['database', 'name'], cwd: folder },
	);
	const context = new FakeContext(now);
	const events: Record<string, unknown>[] = [];
	const told: Told[] = [];
	const place = join(folder, 'backups/shop');
	const nightlyWith: Job['nightlyWith'] = (more) =>
		runNightly(
			{
				config: { ...config, ...more },
				dryRun: false,
				trigger: 'cron',
				deadlineAt: context.nowMs + 300_000,
				log: (event) => {
					events.push(event);
					job.onEvent(event);
				},
				redact: String,
				onTold: (all) => void told.push(all),
			},
			context,
		);
	const job: Job = {
		folder: place,
		config,
		context,
		events,
		told,
		onEvent: () => {},
		nightly: () => nightlyWith({}),
		nightlyWith,
		files: async () => (await readdir(place).catch(() => [])).filter((name) => !BESIDE.includes(name)).sort(),
		read: (name) => readFile(join(place, name), 'utf8'),
	};
	return job;
}
