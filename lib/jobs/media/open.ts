import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { folderOf } from '../../backup/backup-id';
import type { Config } from '../../config/config';
import { LifeboatError } from '../../core/errors';
import type { MediaStore } from '../../store/media-store';
import type { Store } from '../../store/store';
import { looksLikePath } from '../backup-source';
import { type JobContext, openFolder, placeOf } from '../context';
import { openCopy } from '../open-copy';

/** The media store, and which of its blobs are backups. */
export interface OpenMedia {
	readonly store: MediaStore;
	/** Claims that a blob is one of Lifeboat's own, where both are kept in one store. */
	isOurs(pathname: string): boolean;
}

/**
 * Opens the Blob store that holds the media.
 *
 * @throws LifeboatError `CONFIG_INVALID` if there are no credentials for any
 */
export async function openMedia(config: Config, context: JobContext): Promise<OpenMedia> {
	const { mediaBlob, mediaAccess, blob, prefix } = config;
	if (mediaBlob === null)
		throw new LifeboatError('CONFIG_INVALID', 'there is no Blob store of media', {
			hint: 'set MEDIA_READ_WRITE_TOKEN, or BLOB_READ_WRITE_TOKEN if media and backups are in one store',
			data: { variables: ['MEDIA_READ_WRITE_TOKEN'] },
		});
	const { openVercelBlobMedia } = await import('../../store/vercel-blob-media');
	const who = mediaBlob.kind === 'token' ? { token: mediaBlob.token } : { storeId: mediaBlob.storeId };
	const isOneStore = idOf(mediaBlob) === (blob && idOf(blob));
	return {
		store: openVercelBlobMedia({ ...who, ...context }, mediaAccess),
		isOurs: (pathname) => isOneStore && pathname.startsWith(`${prefix}/`),
	};
}

function idOf(blob: NonNullable<Config['blob']>): string {
	return blob.kind === 'token' ? (blob.token.reveal().split('_')[3] ?? '') : blob.storeId.replace(/^store_/, '');
}

/** A mirror of the media: a folder, or a part of a copy. */
export interface OpenMirror {
	readonly reader: Store;
	/** The same store, perhaps by other keys. */
	readonly writer: Store;
	/** Of the names of all blobs in it. */
	readonly prefix: string;
	/** For people. */
	readonly where: string;
	close(): Promise<void>;
}

export interface MirrorOptions {
	readonly config: Config;
	/** The name of a copy, or the path of a folder. */
	readonly mirror: string;
	readonly cwd: string;
}

/**
 * Opens a mirror: the copy of that name in `BACKUP_COPIES`, else a folder.
 *
 * @param use `write`: a folder need not be there yet
 * @throws LifeboatError `USAGE_INVALID` if there is neither
 */
export async function openMirror(
	{ config, mirror, cwd }: MirrorOptions,
	use: 'read' | 'write',
	context: JobContext,
): Promise<OpenMirror> {
	const copy = config.copies.find(({ name }) => name === mirror);
	if (copy !== undefined) {
		if (config.name === null)
			throw new LifeboatError('CONFIG_INVALID', 'a copy is parted by the names of databases, and there is none', {
				hint: 'set BACKUP_NAME or TURSO_DATABASE_URL',
			});
		const read = await openCopy(copy, 'read', context);
		const write = use === 'write' ? await openCopy(copy, 'write', context) : read;
		return {
			reader: read.store,
			writer: write.store,
			prefix: `${folderOf(placeOf(read, config.name))}media/`,
			where: `${mirror}: ${read.store.label}`,
			async close() {
				await read.store.close();
				if (write !== read) await write.store.close();
			},
		};
	}
	const path = resolve(cwd, mirror);
	const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
	// A slip of the pen in a copy's name is not to become a folder.
	if (!isFolder && !(use === 'write' && looksLikePath(mirror)))
		throw new LifeboatError('USAGE_INVALID', `there is no copy called ${JSON.stringify(mirror)}, nor such a folder`, {
			hint: 'name a copy of BACKUP_COPIES, or the path of a folder, such as ./media',
		});
	const { store } = await openFolder(path, context);
	return { reader: store, writer: store, prefix: '', where: path, close: () => store.close() };
}
