import type { Place } from '../backup/backup-id';
import { retryDatabase } from '../backup/snapshot-tries';
import type { BlobCredentials, Config } from '../config/config';
import { type Clock, type Random, systemClock } from '../core/clock';
import type { DatabaseUrl } from '../core/database-url';
import { inStep } from '../core/step';
import type { Database, OpenOptions } from '../engine/engine';
import { libsqlEngine } from '../engine/libsql/index';
import type { Store } from '../store/store';

/** What the world gives to a job: time and chance, exchangeable in tests. */
export interface JobContext {
	readonly clock: Clock;
	readonly random: Random;
}

export const systemContext: JobContext = { clock: systemClock, random: Math.random };

/** A store, and where in it a database's backups lie. */
export interface OpenStore {
	readonly store: Store;
	/** The prefix within the store, without the database's name. */
	readonly prefix: string;
	/** Of a local store: its folder. */
	readonly directory?: string;
}

/** Opens the store that the configuration names. Nothing is sent before its first use. */
export async function openStore(
	config: Config & { store: NonNullable<Config['store']> },
	context: JobContext,
): Promise<OpenStore> {
	if (config.store.kind === 'vercel-blob') return openBlobStore(config.store.credentials, config, context);
	return openFolder(config.store.directory, context);
}

/** Opens the Vercel Blob store. */
export async function openBlobStore(
	credentials: BlobCredentials,
	config: Config,
	context: JobContext,
): Promise<OpenStore> {
	const { openVercelBlobStore } = await import('../store/vercel-blob');
	const who = credentials.kind === 'token' ? { token: credentials.token } : { storeId: credentials.storeId };
	return { store: openVercelBlobStore({ ...who, ...context }), prefix: config.prefix };
}

/** Opens a local folder as a store; it is its own prefix. One that need not exist is made on the first write. */
export async function openFolder(
	directory: string,
	context: JobContext,
	options: { readonly mustExist?: boolean } = {},
): Promise<OpenStore> {
	const { openLocalStore } = await import('../store/local');
	return { store: openLocalStore({ ...options, folder: directory, clock: context.clock }), prefix: '', directory };
}

/** Where the backups of the database called `name` lie in a store. */
export function placeOf({ prefix }: OpenStore, name: string): Place {
	return { prefix, name };
}

/** Opens a database for the time of `use`, and closes it. */
export async function withDatabase<T>(
	url: DatabaseUrl,
	options: OpenOptions,
	use: (database: Database) => Promise<T>,
	context: JobContext = systemContext,
): Promise<T> {
	const step = options.scratch ? 'opening the scratch database' : 'opening the database';
	const tries = { ...context, signal: options.signal };
	const database = await inStep(step, () => retryDatabase(tries, () => libsqlEngine.open(url, options)));
	try {
		return await use(database);
	} finally {
		await database.close();
	}
}
