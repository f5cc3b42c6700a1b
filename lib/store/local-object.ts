import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { asStore, isMissing } from './local-errors';
import { openBody } from './open-body';
import type { OpenObject, StoredObject } from './store';

/** An object that may be replaced is at most this large, in bytes; larger ones are only ever created. */
export const LARGEST_REPLACEMENT_BYTES = 1_000_000;
const CHUNK_BYTES = 256 * 1024;

/**
 * Size, time and etag of a file; null if there is none.
 *
 * The etag is made of inode, time, size and, for a file that can be replaced, its SHA-256: two files that are written
 * within one tick of the file system's clock may share all of the others. Synchronous, so that a replacement can check
 * it while it holds the lock without anything in between.
 */
export function headFile(folder: string, name: string): StoredObject | null {
	const file = openFile(join(folder, name));
	if (file === null) return null;
	try {
		return describe(file, name);
	} finally {
		closeSync(file);
	}
}

/** Opens a file for reading; null if there is none. */
export async function openObject(folder: string, name: string, signal?: AbortSignal): Promise<OpenObject | null> {
	const path = join(folder, name);
	return asStore('open an object', path, async () => {
		const handle = await open(path, 'r').catch((error) => {
			if (isMissing(error)) return null;
			throw error;
		});
		if (!handle) return null;
		try {
			const found = describe(handle.fd, name);
			if (found) return { ...found, body: bodyOf(handle, found, path, signal) };
		} catch (error) {
			await handle.close();
			throw error;
		}
		await handle.close();
		return null;
	});
}

function bodyOf(handle: FileHandle, { name, bytes }: StoredObject, path: string, signal?: AbortSignal) {
	return openBody({
		name,
		bytes,
		signal,
		read: () =>
			asStore('read an object', path, async () => {
				const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES);
				return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
			}),
		close: () => handle.close(),
	});
}

function openFile(path: string): number | null {
	try {
		return openSync(path, 'r');
	} catch (error) {
		if (isMissing(error)) return null;
		throw error;
	}
}

/** Null for what is no file, a folder for one. */
function describe(file: number, name: string): StoredObject | null {
	const found = fstatSync(file, { bigint: true });
	if (!found.isFile()) return null;
	const bytes = Number(found.size);
	const digest = bytes > LARGEST_REPLACEMENT_BYTES ? '' : `-${hashOf(file)}`;
	return { name, bytes, modifiedAt: found.mtime, etag: `"${found.ino}-${found.mtimeNs}-${bytes}${digest}"` };
}

function hashOf(file: number): string {
	const hash = createHash('sha256');
	const chunk = Buffer.allocUnsafe(64 * 1024);
	// At given positions, so that a handle which is to be read afterwards still stands at its start.
	for (let at = 0; ; ) {
		const read = readSync(file, chunk, 0, chunk.byteLength, at);
		if (read === 0) return hash.digest('hex');
		hash.update(chunk.subarray(0, read));
		at += read;
	}
}
