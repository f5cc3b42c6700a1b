import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { del } from '@vercel/blob';
import { decodeManifest, type Manifest } from '../../lib/backup/manifest';
import { verifyBackup } from '../../lib/backup/verify-backup';
import { loadConfig } from '../../lib/config/load';
import type { Database } from '../../lib/engine/engine';
import type { TableClose } from '../../lib/format/records';
import type { JobContext } from '../../lib/jobs/context';
import { runNightly } from '../../lib/jobs/nightly';
import { type BlobServer, startBlobServer } from '../support/blob-server';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { dumpOf, execute, Fixtures, restoreInto, stream } from '../support/fixtures';
import { SkippingContext } from '../support/skipping-context';
import { Unsound } from './unsound';

export const DAY = '2026-11-20';
const YESTERDAY = '2026-11-19';
const DATA = '.ndjson.gz';
/** What a run that was killed left two days ago. */
const LITTER = 'backup-20261118T020000Z-dead';

/** A few rows, so that a backup is put by one call. */
export const SMALL_DATABASE = [
	'CREATE TABLE t(a INTEGER PRIMARY KEY, b)',
	"INSERT INTO t VALUES (1, 'x'), (2, -0.0), (3, x'00ff'), (9007199254740993, 'é')",
	'CREATE INDEX i ON t(b)',
];

/** What lies in the store before a run, besides yesterday's backup. */
export interface Before {
	/** A lease that has expired. */
	readonly lease?: boolean;
	/** Data without a manifest, old enough to be swept. */
	readonly litter?: boolean;
}

/** A database, and a Vercel Blob store behind a proxy that harms what the SDK of this process asks of it. */
export class StoreScene {
	#cases = 0;
	#expected = '';
	#yesterday: { id: string; data: Buffer; manifest: Buffer } | null = null;

	private constructor(
		readonly fixtures: Fixtures,
		readonly folder: string,
		readonly server: BlobServer,
		readonly proxy: FaultProxy,
		/** Too large to be restored after each case: what it holds is then told by the digests of its tables. */
		readonly isLarge: boolean,
	) {}

	/** Makes a database of `statements`, and backs it up once: the backup of the day before. */
	static async start(statements: readonly string[], isLarge = false): Promise<StoreScene> {
		const fixtures = new Fixtures();
		const folder = await fixtures.folder();
		const server = await startBlobServer();
		await server.connect();
		const proxy = await startFaultProxy(server.url);
		// The SDK of this process goes by the proxy from now on; `server.close()` sets back what there was.
		process.env.VERCEL_BLOB_API_URL = `${proxy.url}/api/blob`;
		process.env.LIFEBOAT_TEST_BLOB_READS = proxy.url;
		const scene = new StoreScene(fixtures, folder, server, proxy, isLarge);
		await execute(scene.url, ...statements);
		scene.#expected = await tablesOf(await fixtures.open(scene.url));
		await scene.nightly('first', new SkippingContext(`${YESTERDAY}T02:00:00Z`));
		const { id, object } = await scene.expectBackup('first', YESTERDAY);
		const data = await server.contentOf(`backups/first/${object.name}`);
		scene.#yesterday = { id, data, manifest: await server.contentOf(`backups/first/${id}.json`) };
		return scene;
	}

	async close(): Promise<void> {
		await this.proxy.close();
		await this.server.close();
		await this.fixtures.close();
	}

	get url(): string {
		return `file:${join(this.folder, 'shop.db')}`;
	}

	/** The name of a database that has its backup of yesterday in the store. */
	async newName({ lease = false, litter = false }: Before = {}): Promise<string> {
		const name = `db${++this.#cases}`;
		for (const [suffix, bytes] of this.#yesterdays()) await this.#place(name, this.#yesterday?.id + suffix, bytes);
		const past = `${YESTERDAY}T02:05:30.000Z`;
		const expired = JSON.stringify({ holder: 'dead', acquiredAt: past, expiresAt: past });
		if (lease) await this.#place(name, 'lease.json', Buffer.from(expired));
		if (litter) await this.server.place(`backups/${name}/${LITTER}${DATA}`, 'litter', new Date('2026-11-18T02:00:00Z'));
		return name;
	}

	config(name: string) {
		const store = { BLOB_READ_WRITE_TOKEN: this.server.token, BACKUP_PROOF: this.isLarge ? 'read' : 'restore' };
		const env = { TURSO_DATABASE_URL: this.url, BACKUP_NAME: name, ...store };
		return loadConfig(env, { need: ['database', 'name'], cwd: this.folder });
	}

	/** A context at the time of the schedule; another chance for each case. */
	newContext(): SkippingContext {
		return new SkippingContext(`${DAY}T02:00:00Z`, this.#cases);
	}

	nightly(name: string, context: JobContext, remainingMs = 300_000) {
		const deadlineAt = context.clock.now().getTime() + remainingMs;
		const given = {
			config: this.config(name),
			dryRun: false,
			trigger: 'cron',
			deadlineAt,
			log: () => {},
			redact: String,
		} as const;
		return runNightly(given, context);
	}

	/** What lies in the store for a database, without its folder; the lease, the summary and yesterday's backup left out. */
	filesOf(name: string): string[] {
		const folder = `backups/${name}/`;
		return this.#namesIn(folder)
			.map((path) => path.slice(folder.length))
			.filter(
				(file) => file !== 'lease.json' && file !== 'history.json' && !file.startsWith(`${this.#yesterday?.id}.`),
			);
	}

	/** Throws {@link Unsound} unless there is exactly one backup of the day and it restores exactly. */
	async expectBackup(name: string, day: string): Promise<Manifest> {
		const paths = this.#namesIn(`backups/${name}/backup-${day.replaceAll('-', '')}T`);
		const [path, ...others] = paths.filter((file) => file.endsWith('.json'));
		if (path === undefined) throw new Unsound('wrong', 'there is no manifest');
		if (others.length > 0) throw new Unsound('wrong', `${others.length + 1} manifests for one day`);
		const manifest = decodeManifest(await this.server.contentOf(path), path);
		const data = await this.server.contentOf(`backups/${name}/${manifest.object.name}`).catch(() => null);
		if (data === null) throw new Unsound('lost', 'a manifest without its data');
		if (createHash('sha256').update(data).digest('hex') !== manifest.object.sha256)
			throw new Unsound('lost', 'the data is not what the manifest tells of');
		const { contents } = await verifyBackup(stream([data]), manifest);
		const held = this.isLarge ? textOf(contents.tables) : await tablesOfRestored(data);
		if (held !== this.#expected) throw new Unsound('wrong', 'what the backup holds is not the source');
		return manifest;
	}

	/** Throws {@link Unsound} unless yesterday's backup is as it was, bit for bit. */
	async expectYesterday(name: string): Promise<void> {
		for (const [suffix, bytes] of this.#yesterdays()) {
			const now = await this.server.contentOf(`backups/${name}/${this.#yesterday?.id}${suffix}`).catch(() => null);
			if (!now?.equals(bytes)) throw new Unsound('lost', `an earlier backup was touched: its ${suffix}`);
		}
	}

	/** Deletes what a case has left, so that the next has a small store. */
	async forget(name: string): Promise<void> {
		await del(this.#namesIn(`backups/${name}/`), { token: this.server.token });
	}

	#namesIn(prefix: string): string[] {
		return this.server.objects.map(({ pathname }) => pathname).filter((pathname) => pathname.startsWith(prefix));
	}

	#place(name: string, file: string, bytes: Buffer): Promise<void> {
		return this.server.place(`backups/${name}/${file}`, bytes);
	}

	#yesterdays(): [string, Buffer][] {
		const { data, manifest } = this.#yesterday ?? {};
		return data && manifest
			? [
					[DATA, data],
					['.json', manifest],
				]
			: [];
	}
}

/** Every table's rows and digest, in one text. */
function textOf(tables: readonly TableClose[]): string {
	return JSON.stringify(tables.map(({ name, rows, sha256 }) => [name, rows, sha256]));
}

async function tablesOf(database: Database): Promise<string> {
	return textOf((await dumpOf(database)).dumped.encoded.tables);
}

async function tablesOfRestored(data: Buffer): Promise<string> {
	const restored = new Fixtures();
	try {
		const target = await restored.open(await restored.fileUrl());
		await restoreInto(target, { chunks: [data] });
		return await tablesOf(target);
	} finally {
		await restored.close();
	}
}
