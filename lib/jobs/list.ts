import { newestIds, readListedManifest } from '../backup/catalog';
import type { ConfigWith } from '../config/config';
import { hasCode, LifeboatError } from '../core/errors';
import { type JobContext, openFolder, openStore, placeOf, systemContext } from './context';
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
export type Listed =
	| { readonly id: string; readonly summary: Summary }
	| { readonly id: string; readonly error: LifeboatError };

/** The newest backups, newest first. A manifest that cannot be read is listed as such, and hides no other. */
export async function listBackups(
	options: ListOptions,
	context: JobContext = systemContext,
): Promise<{ where: string; backups: Listed[] }> {
	const { config, signal } = options;
	if (!options.local && config.store === null)
		throw new LifeboatError('CONFIG_INVALID', 'there is no store to list', {
			hint: 'set BLOB_READ_WRITE_TOKEN, or say --local',
		});
	const open =
		options.local || config.store === null
			? await openFolder(config.localDir, context)
			: await openStore({ ...config, store: config.store }, context);
	try {
		const place = placeOf(open, config.name);
		const ids = await newestIds(open.store, place, options.limit, signal);
		const backups: Listed[] = [];
		for (let at = 0; at < ids.length; at += AT_ONCE) {
			const some = ids.slice(at, at + AT_ONCE).map(async (id): Promise<Listed> => {
				try {
					return { id, summary: summarize(await readListedManifest(open.store, place, id, signal)) };
				} catch (error) {
					if (!hasCode(error, 'MANIFEST_INVALID', 'STORE_CHANGED')) throw error;
					return { id, error };
				}
			});
			backups.push(...(await Promise.all(some)));
		}
		return { where: open.store.label, backups };
	} finally {
		await open.store.close();
	}
}
