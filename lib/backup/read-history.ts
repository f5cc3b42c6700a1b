import { isDeepStrictEqual } from 'node:util';
import { eachAtOnce } from '../core/at-once';
import { hasCode, LifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import type { Place } from './backup-id';
import { readManifest } from './catalog';
import { checkOf, factsOfManifest, type History, type HistoryEntry, type ManifestFacts, MOST_ENTRIES } from './history';
import { readStoredHistory } from './history-store';
import { type BackupEntry, newestEntries } from './inventory';
import type { Manifest } from './manifest';
import type { Unreadable } from './read-facts';

/** Manifests read at once: so many, or so many bytes of them. */
const AT_ONCE = { items: 8, weight: 4_000_000 };

export interface ReadHistoryOptions {
	readonly signal?: AbortSignal;
	/** What manifests say that were read just now, by their ids: they are not read again. */
	readonly seen?: ReadonlyMap<string, ManifestFacts>;
	/** Ids of the backups whose manifests are wanted whole, of what is there, oldest first. Few: they are held. */
	readonly wanted?: (there: readonly HistoryEntry[], listed: ReadonlyMap<string, BackupEntry>) => readonly string[];
	/** Claims that the time is over: manifests that have not been read by then are told as `DEADLINE_NEAR`. */
	readonly isOver?: () => boolean;
}

export interface HistoryRead {
	/** The summary as it lay there. */
	readonly history: History;
	/** Of whatever had its name; null: nothing. */
	readonly etag: string | null;
	/** What is there, by the store's list: the newest 2,500. */
	readonly listed: ReadonlyMap<string, BackupEntry>;
	/** Of what is there, as its manifests say, oldest first. */
	readonly there: readonly HistoryEntry[];
	readonly unreadable: readonly Unreadable[];
	/** Those that were wanted, by id. */
	readonly manifests: ReadonlyMap<string, Manifest>;
	/** `kept`: the summary agreed with all manifests that there are. `mended`: it did not, or lacked some. `rebuilt`: it told nothing, or was false. */
	readonly state: 'kept' | 'mended' | 'rebuilt';
}

/**
 * Reads the summary, and holds it against the store's list: each manifest that is not the one that an entry was made from
 * is read anew. Where a manifest that is read whole says something else than its entry, the summary is false, and none of
 * its entries counts. Writes nothing.
 */
export async function readHistory(store: Store, place: Place, options: ReadHistoryOptions = {}): Promise<HistoryRead> {
	const { signal, wanted = () => [] } = options;
	const [entries, { history, etag }] = await Promise.all([
		newestEntries(store, place, MOST_ENTRIES, signal),
		readStoredHistory(store, place, signal),
	]);
	const listed = new Map(entries.map((entry) => [entry.id, entry]));
	let state: HistoryRead['state'] = history.at === null ? 'rebuilt' : 'kept';
	for (let trusted: readonly HistoryEntry[] = history.entries; ; trusted = []) {
		const held = await hold(store, place, entries, trusted, options);
		if (held.readAnew > 0 && state === 'kept') state = 'mended';
		const { there, unreadable } = held;
		const whole = await readWhole(store, place, wanted(there, listed), there, signal);
		const isFalse = whole.others.length > 0 && trusted.length > 0;
		if (!isFalse) {
			const left = new Set([...whole.gone, ...whole.others.map(({ id }) => id)]);
			return {
				history,
				etag,
				listed,
				there: there.filter(({ id }) => !left.has(id)),
				unreadable: [...unreadable, ...whole.others],
				manifests: whole.manifests,
				state,
			};
		}
		state = 'rebuilt';
	}
}

/** What the listed manifests say, by trusted entries where they were made from these very manifests. */
async function hold(
	store: Store,
	place: Place,
	newestFirst: readonly BackupEntry[],
	trusted: readonly HistoryEntry[],
	{ signal, seen, isOver }: ReadHistoryOptions,
) {
	const known = new Map(trusted.map((entry) => [entry.id, entry]));
	const there: HistoryEntry[] = [];
	const unreadable: Unreadable[] = [];
	const lacking: BackupEntry[] = [];
	for (const entry of newestFirst) {
		const check = checkOf(entry.manifest);
		const facts = seen?.get(entry.id);
		const found = facts ? { ...facts, check } : known.get(entry.id);
		if (found?.check === check) there.push(found);
		else lacking.push(entry);
	}
	await eachAtOnce(
		lacking,
		AT_ONCE,
		({ manifest }) => manifest.bytes,
		async ({ id, manifest: object }) => {
			if (isOver?.()) return void unreadable.push({ id, error: notRead(id) });
			const manifest = await readOrError(store, place, id, signal);
			if (manifest instanceof LifeboatError) unreadable.push({ id, error: manifest });
			else if (manifest !== null) there.push({ ...factsOfManifest(manifest), check: checkOf(object) });
		},
	);
	there.sort((a, b) => (a.id < b.id ? -1 : 1));
	return { there, unreadable, readAnew: lacking.length };
}

/** Reads some manifests whole. Tells which have gone since, and which say something else than their entries, or nothing. */
async function readWhole(
	store: Store,
	place: Place,
	ids: readonly string[],
	there: readonly HistoryEntry[],
	signal: AbortSignal | undefined,
) {
	const manifests = new Map<string, Manifest>();
	const gone: string[] = [];
	const others: Unreadable[] = [];
	const read = async (id: string) => {
		const manifest = await readOrError(store, place, id, signal);
		if (manifest === null) return void gone.push(id);
		if (manifest instanceof LifeboatError) return void others.push({ id, error: manifest });
		const { check: _, ...said } = there.find((entry) => entry.id === id) as HistoryEntry;
		if (isDeepStrictEqual(said, factsOfManifest(manifest))) manifests.set(id, manifest);
		else others.push({ id, error: changed(id) });
	};
	await Promise.all(ids.map(read));
	return { manifests, gone, others };
}

/** Null: it has gone since it was listed. What it cannot be read by is an answer, too. */
async function readOrError(
	store: Store,
	place: Place,
	id: string,
	signal: AbortSignal | undefined,
): Promise<Manifest | LifeboatError | null> {
	try {
		return await readManifest(store, place, id, signal);
	} catch (error) {
		if (hasCode(error, 'MANIFEST_INVALID')) return error;
		throw error;
	}
}

function notRead(id: string): LifeboatError {
	return new LifeboatError('DEADLINE_NEAR', `there was no time to read the manifest of ${id}`, {
		hint: 'the next nightly run sums it up',
		data: { id },
	});
}

function changed(id: string): LifeboatError {
	return new LifeboatError('STORE_CHANGED', `the manifest of ${id} is another each time it is read`, {
		hint: 'see what else writes to the store',
		data: { id },
	});
}
