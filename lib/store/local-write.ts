import { randomBytes } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LifeboatError } from '../core/errors';
import { asStore, isMissing, isTaken } from './local-errors';
import { findLeftovers, removeLeftovers } from './local-leftovers';

/** As `findLeftovers` knows it. */
const TEMPORARY = '.tmp~';

/** Dumps hold personal data: nobody but the owner reads them. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * Writes a temporary file next to `path` and brings it safely to the disk, then has `publish` give it its name. The
 * temporary file is gone afterwards, whatever happens.
 */
export async function writeThenPublish(
	path: string,
	fill: (write: (chunk: Uint8Array) => Promise<void>) => Promise<void>,
	publish: (temporary: string) => Promise<void>,
): Promise<void> {
	const folder = dirname(path);
	await asStore('make a folder', folder, () => makeFolder(folder));
	await removeLeftovers(await findLeftovers(folder));
	const temporary = join(folder, `${TEMPORARY}${randomBytes(8).toString('hex')}`);
	try {
		const file = await asStore('make a file', folder, () => open(temporary, 'wx', FILE_MODE));
		try {
			await fill((chunk) => asStore('write an object', path, () => file.writeFile(chunk)));
			await asStore('write an object', path, () => file.sync());
		} finally {
			await asStore('write an object', path, () => file.close());
		}
		await asStore('write an object', path, () => publish(temporary));
		await asStore('write an object', path, () => syncFolder(folder));
	} finally {
		// What went wrong before is the failure to tell; a folder that has become read-only keeps the file until a sweep.
		await rm(temporary, { force: true }).catch(() => {});
	}
}

/** Gives a file a second name, which must be free; throws `STORE_EXISTS` if it is not. */
export async function linkNew(temporary: string, path: string, name: string): Promise<void> {
	try {
		await link(temporary, path);
	} catch (error) {
		throw isTaken(error) ? nameTaken(name) : error;
	}
}

export function nameTaken(name: string): LifeboatError {
	return new LifeboatError('STORE_EXISTS', `the store already holds ${name}`, {
		hint: 'nothing is written over; try again, for another name',
		data: { name },
	});
}

/** Makes the names in a folder last through a power failure. */
export async function syncFolder(path: string): Promise<void> {
	// Windows cannot open a folder; its file systems write names through.
	if (process.platform === 'win32') return;
	const folder: FileHandle = await open(path, 'r');
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

/**
 * Makes a folder, and those above it, that lasts through a power failure.
 *
 * Not `mkdir` with `recursive`, which never ends where folders cannot be made, as in `/proc`, and has other reasons than
 * the system's for it.
 */
export async function makeFolder(path: string): Promise<void> {
	try {
		await mkdir(path, FOLDER_MODE);
	} catch (error) {
		if (isTaken(error)) return;
		if (!isMissing(error) || dirname(path) === path) throw error;
		await makeFolder(dirname(path));
		await mkdir(path, FOLDER_MODE).catch((second) => {
			if (!isTaken(second)) throw second;
		});
	}
	// A new folder is a name in the one above it.
	await syncFolder(dirname(path));
}
