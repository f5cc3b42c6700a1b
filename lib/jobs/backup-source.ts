import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { DATA_SUFFIX, dataName, MANIFEST_SUFFIX, SEALED_SUFFIX } from '../backup/backup-id';
import { findManifest } from '../backup/catalog';
import { decodeManifest, isSealed, MAX_MANIFEST_BYTES, type Manifest, manifestInvalid } from '../backup/manifest';
import type { BackupSource } from '../backup/read-backup';
import type { Config } from '../config/config';
import { hasCode, LifeboatError } from '../core/errors';
import type { Keys } from '../format/age';
import { type JobContext, type OpenStore, openFolder, openStore, placeOf } from './context';
import { type KeyOptions, keysOf } from './keys';
import { openData } from './make-backup';

/** A backup that a person has named, found. */
export interface FoundBackup extends BackupSource {
	/** The id, or the file's path. */
	readonly title: string;
	/** Where it was found, for people. */
	readonly where: string;
	close(): Promise<void>;
}

export interface FindOptions extends KeyOptions {
	readonly config: Config;
	readonly cwd: string;
	readonly signal?: AbortSignal;
}

/** Bytes read from a file at once. */
const READ_BYTES = 256 * 1024;

/**
 * Finds the backup that `wanted` means: a file's path, an id, or `latest`. Ids are looked for in the configured
 * store, and then in the local folder.
 *
 * @throws LifeboatError `BACKUP_NOT_FOUND`
 */
export async function findBackup(wanted: string, options: FindOptions, context: JobContext): Promise<FoundBackup> {
	const { config, cwd, signal } = options;
	const keys = keysOf(options, config, cwd);
	if (looksLikePath(wanted)) return openFile(resolve(cwd, wanted), keys, signal);
	const { name } = config;
	if (name === null)
		throw new LifeboatError('CONFIG_INVALID', 'an id is looked for by the name of its database, which is not set', {
			hint: 'set BACKUP_NAME or TURSO_DATABASE_URL, or name a file',
		});
	let first: unknown;
	for (const open of await storesOf(config, context)) {
		const place = placeOf(open, name);
		try {
			const manifest = await findManifest(open.store, place, wanted, signal);
			return {
				title: manifest.id,
				where: open.store.label,
				manifest,
				keys,
				open: () =>
					openData(open.store, dataName(place, manifest.id, isSealed(manifest)), manifest.object.bytes, signal),
				close: () => open.store.close(),
			};
		} catch (error) {
			await open.store.close();
			if (!hasCode(error, 'BACKUP_NOT_FOUND')) throw error;
			first ??= error;
		}
	}
	throw first;
}

/** The configured store, and the local folder where that is another. */
async function storesOf(config: Config, context: JobContext): Promise<OpenStore[]> {
	const folder = await openFolder(config.localDir, context);
	if (config.store === null || config.store.kind === 'local') return [folder];
	return [await openStore({ ...config, store: config.store }, context), folder];
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
	return {
		title: path,
		where: 'a file',
		manifest: await readManifestBeside(path),
		keys,
		open: async () => createReadStream(path, { highWaterMark: READ_BYTES, signal }),
		close: async () => {},
	};
}

/** The name of the manifest that lies beside a backup file. */
export function manifestBeside(path: string): string {
	const plain = path.endsWith(SEALED_SUFFIX) ? path.slice(0, -SEALED_SUFFIX.length) : path;
	return plain.endsWith(DATA_SUFFIX) ? plain.slice(0, -DATA_SUFFIX.length) + MANIFEST_SUFFIX : path + MANIFEST_SUFFIX;
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
