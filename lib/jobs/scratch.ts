import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError } from '../core/errors';
import type { Database } from '../engine/engine';
import { withDatabase } from './context';

/** A restored database may be somewhat larger than the one it came from: pages are filled in another order. */
const MARGIN = 1.3;

const PREFIX = 'lifeboat-scratch-';
/** What a process that was killed left behind is swept after this time, in ms. */
const OLD_MS = 24 * 3_600_000;

/** About how many bytes a database takes on disk whose row text takes `plainBytes`. */
export function diskBytesOf(plainBytes: number): number {
	return plainBytes * 1.5;
}

/** A folder of one's own for a scratch database. */
export interface ScratchFolder {
	/** Of the database file, which is not there yet. */
	readonly path: string;
	/** What filling the database has failed with, told as `SCRATCH_FULL` if it was for want of room. */
	explain(error: unknown): unknown;
	/** Removes the folder. */
	close(): Promise<void>;
}

/**
 * Makes a folder for a scratch database.
 *
 * @param folder where; it must exist
 * @param needBytes about how large the database will become
 * @throws LifeboatError `SCRATCH_FULL` when the folder's disk has less room, or nothing can be made in it
 */
export async function openScratchFolder(folder: string, needBytes: number): Promise<ScratchFolder> {
	await sweepOld(folder);
	const unusable = (cause: unknown): never => {
		const { code } = cause as NodeJS.ErrnoException;
		throw new LifeboatError('SCRATCH_FULL', `the scratch folder ${folder} cannot be used: ${code}`, {
			hint: 'set BACKUP_SCRATCH_DIR to a folder that exists and can be written to',
			data: { folder },
			cause,
		});
	};
	const disk = await statfs(folder).catch(unusable);
	const freeBytes = disk.bavail * disk.bsize;
	if (needBytes * MARGIN > freeBytes) throw scratchFull(folder, Math.ceil(needBytes * MARGIN), freeBytes);
	const own = await mkdtemp(join(folder, PREFIX)).catch(unusable);
	return {
		path: join(own, 'scratch.db'),
		explain: (error) =>
			error instanceof LifeboatError && error.data.databaseCode === 'SQLITE_FULL'
				? scratchFull(folder, needBytes, freeBytes, error)
				: error,
		close: () => rm(own, { recursive: true, force: true }),
	};
}

/** Removes scratch databases that nobody has written to for a day: they take up room, and hold what backups hold. */
async function sweepOld(folder: string): Promise<void> {
	const names = await readdir(folder).catch(() => []);
	for (const name of names.filter((name) => name.startsWith(PREFIX))) {
		const own = join(folder, name);
		try {
			const paths = [own, ...(await readdir(own)).map((file) => join(own, file))];
			const times = await Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs));
			if (Date.now() - Math.max(...times) > OLD_MS) await rm(own, { recursive: true, force: true });
		} catch {
			// Another user's, or gone by now; that there is room is judged by what is free.
		}
	}
}

/**
 * Makes an empty embedded database for the time of `use`, and removes it afterwards.
 *
 * @throws LifeboatError `SCRATCH_FULL` as {@link openScratchFolder} does, and when the disk has filled up
 */
export async function withScratch<T>(
	folder: string,
	needBytes: number,
	signal: AbortSignal | undefined,
	use: (database: Database) => Promise<T>,
): Promise<T> {
	const scratch = await openScratchFolder(folder, needBytes);
	try {
		return await withDatabase({ kind: 'file', path: scratch.path }, { signal, create: true, scratch: true }, use);
	} catch (error) {
		throw scratch.explain(error);
	} finally {
		await scratch.close();
	}
}

function scratchFull(folder: string, needBytes: number, freeBytes: number, cause?: unknown): LifeboatError {
	return new LifeboatError(
		'SCRATCH_FULL',
		`the scratch folder ${folder} has room for ${freeBytes} bytes, and ${needBytes} are needed`,
		{
			hint: 'set BACKUP_SCRATCH_DIR to a larger disk',
			data: { folder, needBytes, freeBytes },
			cause,
		},
	);
}
