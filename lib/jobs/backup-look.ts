import { dataName } from '../backup/backup-id';
import { readManifest } from '../backup/catalog';
import { readCopiedList } from '../backup/copied-list';
import { type Hold, readHold } from '../backup/hold';
import { isSealed, type Manifest } from '../backup/manifest';
import type { ConfigWith } from '../config/config';
import { hasCode, LifeboatError, toLifeboatError } from '../core/errors';
import { type JobContext, type OpenStore, openStore, placeOf } from './context';
import { labelOf } from './copy';
import type { At } from './copy-one';
import { openCopy } from './open-copy';
import { askWithin } from './store-limit';

/** How long a store may take to be asked, in ms. */
const LIMIT_MS = 10_000;

/** What a store says of a backup. */
export interface StoreSays {
	readonly name: string;
	/** For people. */
	readonly where: string;
	/** Null: it could not be asked. */
	readonly isThere: boolean | null;
	/** With what. */
	readonly error: LifeboatError | null;
}

export interface FoundBackup {
	readonly manifest: Manifest;
	/** The store that the manifest is from; null: the first one. */
	readonly from: string | null;
	/** Its data lies beside the manifest. */
	readonly hasData: boolean;
	readonly hold: Hold | null;
}

/** What a store has of a backup; without `found`, only that it is there, or not. */
interface Said extends StoreSays {
	readonly found: FoundBackup | LifeboatError | null;
}

/**
 * Looks for a backup in the first store and in every copy, at once.
 *
 * @returns `found`: of the first store that has it; the error by which its manifest cannot be read; null if none has it
 * @throws LifeboatError what the first store failed with, if no other has the backup either
 */
export async function lookForBackup(
	config: ConfigWith<'store' | 'name'>,
	id: string,
	context: JobContext,
): Promise<{ readonly found: FoundBackup | LifeboatError | null; readonly stores: readonly StoreSays[] }> {
	const first = await openStore(config, context);
	const from: At = { store: first.store, place: placeOf(first, config.name) };
	const asking: Ask[] = [
		{
			name: 'primary',
			where: config.store.kind === 'vercel-blob' ? 'Vercel Blob' : first.store.label,
			open: async () => first,
		},
		...config.copies.map((copy) => ({ name: copy.name, where: null, open: () => openCopy(copy, 'read', context) })),
	];
	try {
		const said = await Promise.all(asking.map((ask) => lookIn(ask, config.name, id, from)));
		const stores = said.map(({ found: _, ...store }) => store);
		const whole = said.find(({ found }) => found !== null && !(found instanceof LifeboatError));
		const damaged = said.find(({ found }) => found !== null);
		const [{ error }] = said as [Said, ...Said[]];
		const found = (whole ?? damaged)?.found ?? null;
		if (found === null && error !== null) throw error;
		return { found, stores };
	} finally {
		await first.store.close();
	}
}

interface Ask {
	readonly name: string;
	/** Null: as the store calls itself. */
	readonly where: string | null;
	open(): Promise<OpenStore>;
}

/** Never rejects. */
async function lookIn({ name, where, open }: Ask, database: string, id: string, from: At): Promise<Said> {
	let label = where ?? 'set up wrongly';
	const isFirst = name === 'primary';
	try {
		return await askWithin(LIMIT_MS, undefined, async (signal) => {
			const opened = await open();
			label = where ?? opened.store.label;
			const at = { store: opened.store, place: placeOf(opened, database) };
			try {
				const found = await readBackup(at, id, isFirst ? null : name, signal);
				return { name, where: label, isThere: found !== null, error: null, found };
			} catch (error) {
				// Keys that may only write: what was copied there is known all the same.
				if (isFirst || !hasCode(error, 'STORE_REFUSED')) throw error;
				const list = await readCopiedList(from, name, labelOf(at), signal);
				return { name, where: label, isThere: list.has(id), error: null, found: null };
			} finally {
				if (!isFirst) await opened.store.close();
			}
		});
	} catch (error) {
		return { name, where: label, isThere: null, error: toLifeboatError(error), found: null };
	}
}

async function readBackup(
	{ store, place }: At,
	id: string,
	from: string | null,
	signal: AbortSignal,
): Promise<FoundBackup | LifeboatError | null> {
	try {
		const [manifest, hold] = await Promise.all([
			readManifest(store, place, id, signal),
			readHold(store, place, id, signal),
		]);
		if (manifest === null) return null;
		const data = await store.head(dataName(place, id, isSealed(manifest)), { signal });
		return { manifest, from, hasData: data !== null, hold };
	} catch (error) {
		if (!hasCode(error, 'MANIFEST_INVALID')) throw error;
		return error;
	}
}
