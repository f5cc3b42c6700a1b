import { readListedManifest } from '../backup/catalog';
import { type Hold, readHold } from '../backup/hold';
import { type BackupEntry, newestEntries } from '../backup/inventory';
import { dataOf } from '../backup/read-facts';
import type { ConfigWith } from '../config/config';
import { hasCode, type LifeboatError } from '../core/errors';
import { withChosenStore } from './chosen-store';
import { type JobContext, placeOf, systemContext } from './context';
import { type Summary, summarize } from './summary';

/** Manifests read at once. */
const AT_ONCE = 8;

export interface ListOptions {
	readonly config: ConfigWith<'name'>;
	/** The local folder, whatever store is configured. */
	readonly local: boolean;
	readonly limit: number;
	readonly signal?: AbortSignal;
}

/** One backup in the list: its summary, or why its manifest cannot be read. */
export type Listed = { readonly id: string; readonly hold: Hold | null } & (
	| { readonly summary: Summary; readonly hasData: boolean }
	| { readonly error: LifeboatError }
);

/** The newest backups, newest first. A manifest that cannot be read is listed as such, and hides no other. */
export async function listBackups(
	options: ListOptions,
	context: JobContext = systemContext,
): Promise<{ where: string; backups: Listed[] }> {
	const { config, signal } = options;
	return withChosenStore(config, options.local, context, async (open) => {
		const place = placeOf(open, config.name);
		const entries = await newestEntries(open.store, place, options.limit, signal);
		const listOne = async (entry: BackupEntry): Promise<Listed> => {
			const { id } = entry;
			const hold = entry.hold && (await readHold(open.store, place, id, signal));
			try {
				const manifest = await readListedManifest(open.store, place, id, signal);
				const data = await dataOf(open.store, place, entry, manifest, signal);
				return { id, hold, summary: summarize(manifest), hasData: data.length > 0 };
			} catch (error) {
				if (!hasCode(error, 'MANIFEST_INVALID', 'STORE_CHANGED')) throw error;
				return { id, hold, error };
			}
		};
		const backups: Listed[] = [];
		for (let at = 0; at < entries.length; at += AT_ONCE)
			backups.push(...(await Promise.all(entries.slice(at, at + AT_ONCE).map(listOne))));
		return { where: open.store.label, backups };
	});
}
