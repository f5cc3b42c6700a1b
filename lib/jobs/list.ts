import type { Place } from '../backup/backup-id';
import { readListedManifest } from '../backup/catalog';
import { type Hold, readHold } from '../backup/hold';
import { type BackupEntry, newestEntries } from '../backup/inventory';
import { dataOf } from '../backup/read-facts';
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

/** One backup in the list: its summary, or why its manifest cannot be read; the stores that have it, by name. */
export type Listed = {
	readonly id: string;
	readonly stores: readonly string[];
	/** In the first of these stores that has one. */
	readonly hold: Hold | null;
} & ({ readonly summary: Summary; readonly hasData: boolean } | { readonly error: LifeboatError });

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
	readonly place: Place;
	/** By id. */
	readonly entries: ReadonlyMap<string, BackupEntry>;
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
		const ids = [...new Set(asked.flatMap(({ entries }) => [...entries.keys()]))]
			.sort()
			.reverse()
			.slice(0, options.limit);
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
		const place = placeOf(opened, config.name);
		const newest = await newestEntries(opened.store, place, limit, signal);
		return { ...opened, name, place, entries: new Map(newest.map((entry) => [entry.id, entry])) };
	} catch (error) {
		await opened.store.close();
		throw error;
	}
}

async function describe(id: string, asked: readonly Asked[], { signal }: ListOptions): Promise<Listed> {
	const having = asked.filter(({ entries }) => entries.has(id));
	const stores = having.map(({ name }) => name);
	const [{ store, place, entries }] = having as [Asked, ...Asked[]];
	const holding = having.find((one) => one.entries.get(id)?.hold);
	const hold = holding ? await readHold(holding.store, holding.place, id, signal) : null;
	try {
		const manifest = await readListedManifest(store, place, id, signal);
		const data = await dataOf(store, place, entries.get(id) as BackupEntry, manifest, signal);
		return { id, stores, hold, summary: summarize(manifest), hasData: data.length > 0 };
	} catch (error) {
		if (!hasCode(error, 'MANIFEST_INVALID', 'STORE_CHANGED')) throw error;
		return { id, stores, hold, error };
	}
}
