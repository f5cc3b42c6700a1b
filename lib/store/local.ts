import { renameSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Clock, systemClock } from '../core/clock';
import { LifeboatError } from '../core/errors';
import { withBody } from './body-reader';
import { asStore, isFull, isMissing } from './local-errors';
import { listNames } from './local-list';
import { withLock } from './local-lock';
import { headFile, LARGEST_REPLACEMENT_BYTES, openObject } from './local-object';
import { linkNew, nameTaken, syncFolder, writeThenPublish } from './local-write';
import { checkName, checkPrefix } from './names';
import type { Store, StoredObject } from './store';

export interface LocalStoreOptions {
	/** Made on the first write, readable only by its owner; unless `mustExist`. */
	readonly folder: string;
	/**
	 * Every call throws `STORE_UNREACHABLE` while the folder is not there: it is that of a mount, say, beneath which
	 * nothing is to be written.
	 */
	readonly mustExist?: boolean;
	readonly clock?: Clock;
}

/**
 * Opens a folder as a store: an object is a file of the same relative path. Nothing is touched before the first call of
 * a method. Several processes may use one folder; its file system must have hard links, and names are compared by its
 * rules.
 */
export function openLocalStore({ folder: given, mustExist, clock = systemClock }: LocalStoreOptions): Store {
	const folder = resolve(given);
	const expectFolder = async () => {
		if (mustExist) await asStore('find the folder', folder, () => expectIsFolder(folder));
	};
	const pathOf = (name: string) => {
		checkName(name);
		return join(folder, name);
	};

	const headOf = (name: string) => asStore('look up an object', join(folder, name), () => headFile(folder, name));

	return {
		label: folder,

		put(name, body, { signal }) {
			return withBody(body, signal, async (reader) => {
				const path = pathOf(name);
				await expectFolder();
				if (await asStore('look up an object', path, () => isThere(path))) throw nameTaken(name);
				const fill = async (write: (chunk: Uint8Array) => Promise<void>) => {
					for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) await write(chunk);
				};
				let made: StoredObject | null = null;
				await writeThenPublish(path, fill, async (temporary) => {
					reader.signal.throwIfAborted();
					// Before it has its name: afterwards it may be someone else's.
					made = headFile(dirname(temporary), basename(temporary));
					await linkNew(temporary, path, name);
				});
				return written(made, name);
			});
		},

		async replace(name, body, etag, { signal }) {
			const path = pathOf(name);
			if (body.byteLength > LARGEST_REPLACEMENT_BYTES) {
				throw new LifeboatError('INTERNAL', `too large to be replaced: ${name}`, { data: { bytes: body.byteLength } });
			}
			signal?.throwIfAborted();
			await expectFolder();
			// Looked up before anything is written, so that a mere mismatch makes no folders; and again under the lock.
			checkEtag(await headOf(name), etag, name);
			let replaced: StoredObject | null = null;
			await writeThenPublish(
				path,
				(write) => write(body),
				(temporary) =>
					withLock(path, clock, signal, () => {
						checkEtag(headFile(folder, name), etag, name);
						renameSync(temporary, path);
						replaced = headFile(folder, name);
					}),
			);
			return written(replaced, name);
		},

		async get(name, { signal }) {
			pathOf(name);
			signal?.throwIfAborted();
			await expectFolder();
			return openObject(folder, name, signal);
		},

		async head(name, { signal }) {
			pathOf(name);
			signal?.throwIfAborted();
			await expectFolder();
			return headOf(name);
		},

		async *list(prefix, { signal }) {
			checkPrefix(prefix);
			signal?.throwIfAborted();
			await expectFolder();
			for await (const name of listNames(folder, prefix)) {
				signal?.throwIfAborted();
				const found = await headOf(name);
				if (found) yield found;
			}
		},

		async delete(names, { signal }) {
			const paths = names.map(pathOf);
			await expectFolder();
			for (const path of paths) {
				signal?.throwIfAborted();
				await asStore('delete an object', path, () => removeFile(path, clock, signal));
			}
		},

		async close() {},
	};
}

async function expectIsFolder(path: string): Promise<void> {
	const found = await stat(path).catch((error) => {
		if (isMissing(error)) return null;
		throw error;
	});
	if (found?.isDirectory()) return;
	throw new LifeboatError('STORE_UNREACHABLE', `there is no folder at ${path}`, {
		hint: 'mount what it lies on; if it is new, create it: it is not made, lest backups lie beneath a mount',
		data: { path },
	});
}

function checkEtag(found: StoredObject | null, etag: string, name: string): void {
	if (found?.etag === etag) return;
	throw new LifeboatError('STORE_CHANGED', `${name} is ${found ? 'no longer the one that was read' : 'gone'}`, {
		hint: 'someone else has written or deleted it meanwhile: try again',
		data: { name },
	});
}

function written(found: StoredObject | null, name: string): StoredObject {
	if (found) return { ...found, name };
	throw new LifeboatError('STORE_CHANGED', `${name} was written, and deleted by someone else`, {
		hint: 'see what else uses the folder, and try again',
		data: { name },
	});
}

async function isThere(path: string): Promise<boolean> {
	try {
		return (await stat(path)).isFile();
	} catch (error) {
		if (isMissing(error)) return false;
		throw error;
	}
}

async function removeFile(path: string, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
	if (!(await isThere(path))) return;
	const remove = () => rmSync(path, { force: true });
	try {
		// Under the lock, lest a replacement that has just checked the etag brings the object back.
		await withLock(path, clock, signal, remove);
	} catch (error) {
		// A disk too full for a lock is one that nobody else can lock on either; deleting is what makes room.
		if (!isFull(error)) throw error;
		remove();
	}
	await syncFolder(dirname(path));
}
