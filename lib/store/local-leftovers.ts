import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asStore, isMissing } from './local-errors';

/** No object's name has a `~` in it, so a temporary file or a lock is never taken for one. */
const LEFTOVER = /^\.(tmp|lock)~/;
/** What a process that died left behind is swept after this time, in ms. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** A file of the local store that is no object. */
export interface Leftover {
	/** Of the file, in its folder. */
	readonly name: string;
	readonly path: string;
	readonly bytes: number;
	readonly modifiedAt: Date;
}

/** Temporary files and locks in a folder of the local store that nobody has touched for a day. */
export async function findLeftovers(folder: string): Promise<Leftover[]> {
	const names = await asStore('sweep a folder', folder, () =>
		readdir(folder).catch((error) => {
			if (isMissing(error)) return [];
			throw error;
		}),
	);
	const leftovers: Leftover[] = [];
	for (const name of names.filter((name) => LEFTOVER.test(name))) {
		const path = join(folder, name);
		const found = await stat(path).catch(() => null);
		// By the clock of the file system, which these times are of.
		if (found === null || Date.now() - found.mtimeMs <= LEFTOVER_AGE_MS) continue;
		leftovers.push({ name, path, bytes: found.size, modifiedAt: found.mtime });
	}
	return leftovers;
}

/** Removes what `findLeftovers` has found. */
export async function removeLeftovers(leftovers: readonly Leftover[]): Promise<void> {
	for (const { path } of leftovers) await asStore('sweep a folder', path, () => rm(path, { force: true }));
}
