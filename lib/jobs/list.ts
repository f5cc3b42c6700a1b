import { newestIds, readListedManifest } from '../backup/catalog';
import type { ConfigWith } from '../config/config';
import { hasCode, LifeboatError } from '../core/errors';
import { type JobContext, type OpenStore, placeOf, systemContext } from './context';
import { isUnreachable, type LookOptions, type NamedStore, storesOf, whereOf } from './stores';
import { type Summary, summarize } from './summary';

/** Manifests read at once. */
const AT_ONCE = 8;

export interface ListOptions extends LookOptions {
	readonly config: ConfigWith<'name'>;
	readonly limit: number;
}

/** One backup in the list: its summary, or why its manifest cannot be read; and the stores that have it, by name. */
export type Listed = { readonly id: string; readonly stores: readonly string[] } & (
	| { readonly summary: Summary }
	| { readonly error: LifeboatError }
);

export interface BackupList {
	/** The stores that were asked, for people. */
	readonly where: string;
	/** How many they are. */
	readonly stores: number;
	/** Names of stores that could not be asked. */
	readonly unreachable: readonly string[];
	readonly backups: readonly Listed[];
}

/** A store that has told its newest backups. */
interface Asked extends OpenStore {
	readonly name: string;
	readonly ids: readonly string[];
}

/**
 * The newest backups of all stores, or of the one that `from` names, newest first. A manifest that cannot be read is
 * listed as such, and hides no other. A store that cannot be asked is told of; if nothing is found elsewhere, what it
 * failed with is thrown.
 */
export async function listBackups(options: ListOptions, context: JobContext = systemContext): Promise<BackupList> {
	const { config, from } = options;
	if (from === undefined && config.store === null && config.copies.length === 0)
		throw new LifeboatError('CONFIG_INVALID', 'there is no store to list', {
			hint: 'set BLOB_READ_WRITE_TOKEN, or say --local',
		});
	const named = storesOf(config, from, context);
	const asked: Asked[] = [];
	const unreachable: string[] = [];
	let failure: LifeboatError | null = null;
	try {
		for (const store of named) {
			try {
				asked.push(await ask(store, options));
			} catch (error) {
				if (!isUnreachable(error)) throw error;
				failure ??= error;
				unreachable.push(store.name);
				if (named.length > 1) options.onUnreachable?.(store.name, error);
			}
		}
		const ids = [...new Set(asked.flatMap((store) => store.ids))].sort().reverse().slice(0, options.limit);
		if (failure !== null && ids.length === 0) throw failure;
		const backups: Listed[] = [];
		for (let at = 0; at < ids.length; at += AT_ONCE)
			backups.push(...(await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => describe(id, asked, options)))));
		const where = asked.map((store) => whereOf(store.name, store)).join(', ');
		return { where, stores: asked.length, unreachable, backups };
	} finally {
		for (const { store } of asked) await store.close();
	}
}

async function ask({ name, open }: NamedStore, { config, limit, signal }: ListOptions): Promise<Asked> {
	const opened = await open();
	try {
		return { ...opened, name, ids: await newestIds(opened.store, placeOf(opened, config.name), limit, signal) };
	} catch (error) {
		await opened.store.close();
		throw error;
	}
}

async function describe(id: string, asked: readonly Asked[], { config, signal }: ListOptions): Promise<Listed> {
	const having = asked.filter(({ ids }) => ids.includes(id));
	const stores = having.map(({ name }) => name);
	const [first] = having as [Asked, ...Asked[]];
	try {
		return {
			id,
			stores,
			summary: summarize(await readListedManifest(first.store, placeOf(first, config.name), id, signal)),
		};
	} catch (error) {
		if (!hasCode(error, 'MANIFEST_INVALID', 'STORE_CHANGED')) throw error;
		return { id, stores, error };
	}
}
