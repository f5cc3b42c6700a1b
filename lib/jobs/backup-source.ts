import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { DATA_SUFFIX, dataName, MANIFEST_SUFFIX, MEDIA_SUFFIX, mediaName, SEALED_SUFFIX } from '../backup/backup-id';
import { findManifest } from '../backup/catalog';
import { decodeManifest, isSealed, MAX_MANIFEST_BYTES, type Manifest, manifestInvalid } from '../backup/manifest';
import type { BackupSource } from '../backup/read-backup';
import type { Config } from '../config/config';
import { hasCode, LifeboatError } from '../core/errors';
import type { Keys } from '../format/age';
import { type JobContext, type OpenStore, placeOf } from './context';
import { type KeyOptions, keysOf } from './keys';
import { dataGone, openData } from './make-backup';
import { isUnreachable, type LookOptions, storesOf, whereOf } from './stores';
import { shortRecipient } from './summary';

/** A backup that a person has named, found. */
export interface FoundBackup extends BackupSource {
	/** The id, or the file's path. */
	readonly title: string;
	/** Where it was found, for people. */
	readonly where: string;
	close(): Promise<void>;
}

export interface FindOptions extends KeyOptions, LookOptions {
	readonly config: Config;
	readonly cwd: string;
}

/** Bytes read from a file at once. */
const READ_BYTES = 256 * 1024;

/**
 * Finds the backup that `wanted` means: a file's path, an id, or `latest`. Ids are looked for in every store, in order,
 * or in the one that `from` names. A store that cannot be asked, or has lost the data, is told of, and the next one asked.
 *
 * @throws LifeboatError `BACKUP_NOT_FOUND` if no store has it; if one of them could not be asked or has half of it, what that failed with
 */
export async function findBackup(wanted: string, options: FindOptions, context: JobContext): Promise<FoundBackup> {
	const { config, cwd, from, signal } = options;
	const keys = keysOf(options, config, cwd);
	if (looksLikePath(wanted)) {
		if (from === undefined) return openFile(resolve(cwd, wanted), keys, signal);
		throw new LifeboatError('USAGE_INVALID', '--from goes with an id or latest, not with a file');
	}
	const { name } = config;
	if (name === null)
		throw new LifeboatError('CONFIG_INVALID', 'an id is looked for by the name of its database, which is not set', {
			hint: 'set BACKUP_NAME or TURSO_DATABASE_URL, or name a file',
		});
	let notFound: unknown;
	let failure: unknown;
	const stores = storesOf(config, from, context);
	for (const { name: storeName, open } of stores) {
		try {
			const found = await findIn(storeName, await open(), name, wanted, signal);
			return { ...found, keys: keysFor(found.manifest, keys) };
		} catch (error) {
			if (hasCode(error, 'BACKUP_NOT_FOUND')) notFound ??= error;
			else if (isUnreachable(error) || hasCode(error, 'BACKUP_DAMAGED', 'MANIFEST_INVALID')) {
				if (stores.length > 1) options.onUnreachable?.(storeName, error);
				failure ??= error;
			} else throw error;
		}
	}
	// It may lie where nobody could look.
	throw failure ?? notFound;
}

async function findIn(
	storeName: string,
	open: OpenStore,
	name: string,
	wanted: string,
	signal: AbortSignal | undefined,
): Promise<FoundBackup> {
	const { store } = open;
	try {
		const place = placeOf(open, name);
		const manifest = await findManifest(store, place, wanted, signal);
		// Before it is believed that it is here: another store may have what this one has lost.
		const data = dataName(place, manifest.id, isSealed(manifest));
		if ((await store.head(data, { signal })) === null) throw dataGone(store, data);
		return {
			title: manifest.id,
			where: whereOf(storeName, open),
			manifest,
			open: () => openData(store, data, manifest.object.bytes, signal),
			openMedia: () =>
				openData(
					store,
					mediaName(place, manifest.id, isSealed(manifest)),
					manifest.mediaAssetInventory?.bytes ?? 0,
					signal,
				),
			close: () => store.close(),
		};
	} catch (error) {
		await store.close();
		throw error;
	}
}

/** The keys of a person, who is told which are wanted if they are others. */
function keysFor(manifest: Manifest | null, keys: Keys): Keys {
	return Object.assign(() => keys(), { sealedTo: manifest?.object.recipients.map(shortRecipient) });
}

/** Claims that a path is meant: an id has neither a slash nor a dot in it. */
export function looksLikePath(wanted: string): boolean {
	return /[/\\.]/.test(wanted);
}

async function openFile(path: string, keys: Keys, signal?: AbortSignal): Promise<FoundBackup> {
	const found = await stat(path).catch(() => null);
	if (!found?.isFile())
		throw new LifeboatError('BACKUP_NOT_FOUND', `there is no backup file at ${path}`, {
			hint: 'name a file, an id that list-backups shows, or latest',
			data: { path },
		});
	const manifest = await readManifestBeside(path);
	const media = mediaBeside(path, manifest !== null && isSealed(manifest));
	const openPath = async (file: string) => createReadStream(file, { highWaterMark: READ_BYTES, signal });
	return {
		title: path,
		where: 'a file',
		manifest,
		keys: keysFor(manifest, keys),
		open: () => openPath(path),
		openMedia: () => openPath(media),
		close: async () => {},
	};
}

/** The name of the manifest that lies beside a backup file. */
export function manifestBeside(path: string): string {
	const plain = path.endsWith(SEALED_SUFFIX) ? path.slice(0, -SEALED_SUFFIX.length) : path;
	return plain.endsWith(DATA_SUFFIX) ? plain.slice(0, -DATA_SUFFIX.length) + MANIFEST_SUFFIX : path + MANIFEST_SUFFIX;
}

/** The name of the media inventory that lies beside a backup file, if there is one. */
export function mediaBeside(path: string, isSealed: boolean): string {
	return manifestBeside(path).slice(0, -MANIFEST_SUFFIX.length) + MEDIA_SUFFIX + (isSealed ? SEALED_SUFFIX : '');
}

async function readManifestBeside(path: string): Promise<Manifest | null> {
	const beside = manifestBeside(path);
	const where = basename(beside);
	const found = await stat(beside).catch((error: NodeJS.ErrnoException) => {
		// Where there is a file of a name as long as may be, none can be longer.
		if (error.code === 'ENOENT' || error.code === 'ENAMETOOLONG') return null;
		throw error;
	});
	if (found === null) return null;
	if (!found.isFile()) throw manifestInvalid(where, 'it is no file');
	if (found.size > MAX_MANIFEST_BYTES) throw manifestInvalid(where, `it has more than ${MAX_MANIFEST_BYTES} bytes`);
	return decodeManifest(await readFile(beside), where);
}
