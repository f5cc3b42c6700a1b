import { randomBytes } from 'node:crypto';
import { chmod, link, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { CsvFile } from '../backup/export/csv';
import { LifeboatError } from '../core/errors';
import { asStore, isTaken } from '../store/local-errors';
import { makeFolder, writeThenPublish } from '../store/local-write';

/** Exports hold personal data: nobody but the owner reads them. */
const FILE_MODE = 0o600;

/** Throws `OUTPUT_EXISTS` if anything is at `path`. */
export async function checkFree(path: string): Promise<void> {
	if ((await stat(path).catch(() => null)) !== null) throw taken(path);
}

/** Writes a file beside its name, and gives it the name when it is whole. Throws `OUTPUT_EXISTS`, `STORE_*`. */
export async function writeOutput(path: string, texts: AsyncIterable<string>): Promise<void> {
	const fill = async (write: (chunk: Uint8Array) => Promise<void>) => {
		for await (const text of texts) await write(Buffer.from(text));
	};
	await writeThenPublish(path, fill, async (temporary) => {
		await link(temporary, path).catch((error) => {
			throw isTaken(error) ? taken(path, error) : error;
		});
	});
}

/** Writes the files into a folder beside its name, and gives it the name when all are whole. Throws as above. */
export async function writeOutputFolder(path: string, files: AsyncIterable<CsvFile>): Promise<void> {
	const partial = join(dirname(path), `.${basename(path)}.exporting-${randomBytes(4).toString('hex')}`);
	const inFolder = <T>(calls: () => Promise<T>) => asStore('write a folder', path, calls);
	await inFolder(() => makeFolder(partial));
	try {
		for await (const { file, body } of files) {
			const handle = await inFolder(() => open(join(partial, file), 'wx', FILE_MODE));
			try {
				for await (const text of body) await inFolder(() => handle.writeFile(text));
				await inFolder(() => handle.sync());
			} finally {
				await handle.close();
			}
		}
		await checkFree(path);
		await inFolder(() => rename(partial, path));
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
}

/**
 * Has `make` make a database file beside its name, and gives it the name when it is whole. Whatever `make` leaves under
 * a name that starts with that of its file is removed. Throws `OUTPUT_EXISTS`, and what `make` throws.
 */
export async function writeOutputDatabase<T>(path: string, make: (path: string) => Promise<T>): Promise<T> {
	const name = `.${basename(path)}.exporting-${randomBytes(4).toString('hex')}`;
	const temporary = join(dirname(path), name);
	try {
		const made = await make(temporary);
		await asStore('write a file', path, () => chmod(temporary, FILE_MODE));
		await asStore('write a file', path, () => link(temporary, path)).catch((error: unknown) => {
			throw isTaken((error as Error).cause) ? taken(path, error) : error;
		});
		return made;
	} finally {
		const left = (await readdir(dirname(path)).catch(() => [])).filter((other) => other.startsWith(name));
		for (const other of left) await rm(join(dirname(path), other), { force: true });
	}
}

function taken(path: string, cause?: unknown): LifeboatError {
	return new LifeboatError('OUTPUT_EXISTS', `there is something at ${path} already`, {
		hint: 'choose another path; nothing is written over',
		data: { path },
		cause,
	});
}
