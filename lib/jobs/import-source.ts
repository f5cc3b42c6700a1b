import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { refuseUnfinished } from '../backup/dump';
import { emptyEncoded, encodeSnapshot } from '../backup/encode-snapshot';
import type { Config } from '../config/config';
import { LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import { libsqlEngine } from '../engine/libsql/index';
import { type ReplayOptions, replayScript } from '../engine/libsql/replay';
import { seal } from '../format/seal';
import { type FoundBackup, findBackup, looksLikePath } from './backup-source';
import type { JobContext } from './context';
import { openScratchFolder } from './scratch';
import type { LookOptions } from './stores';

const SQLITE_MAGIC = 'SQLite format 3\0';
const DATABASE_NAME = /\.(db|sqlite|sqlite3)$/i;
const SCRIPT_NAME = /\.sql$/i;
/** Bytes of a script read at once. */
const READ_BYTES = 1024 * 1024;
/** A database takes about as much room as the script that makes it, and its indexes. */
const BYTES_A_SCRIPT_BYTE = 1.5;

/**
 * Finds what is to be restored: a backup, as {@link findBackup} does; or a file of an SQLite database, or an SQL script,
 * which read as a backup that is made of them on the way. A script is replayed into a scratch database first. Neither
 * file is changed.
 *
 * @throws LifeboatError as `findBackup` and `replayScript` do; `BACKUP_DAMAGED` for a file that is not what its name says
 *   (the rows of a database are first read later, when the backup is opened)
 */
export async function findRestorable(
	wanted: string,
	config: Config,
	cwd: string,
	context: JobContext,
	options: ReplayOptions & LookOptions,
): Promise<FoundBackup> {
	const { signal } = options;
	const path = resolve(cwd, wanted);
	const found = looksLikePath(wanted) ? await stat(path).catch(() => null) : null;
	if (!found?.isFile()) return findBackup(wanted, config, cwd, context, options);
	const file = { path, modifiedAt: found.mtime };
	if ((await startOf(path)) === SQLITE_MAGIC)
		return { ...madeOf(path, file, signal), where: 'an SQLite database', close: async () => {} };
	if (DATABASE_NAME.test(path))
		throw new LifeboatError('BACKUP_DAMAGED', `${path} is not an SQLite database`, {
			hint: 'name a backup, an SQLite database file, or an SQL script whose name ends in .sql',
			data: { path },
		});
	if (!SCRIPT_NAME.test(path)) return findBackup(wanted, config, cwd, context, options);
	const scratch = await openScratchFolder(config.scratchDir, found.size * BYTES_A_SCRIPT_BYTE);
	try {
		const script = createReadStream(path, { highWaterMark: READ_BYTES, signal });
		await inStep('replaying the script', () => replayScript(scratch.path, script, options));
	} catch (error) {
		await scratch.close();
		throw scratch.explain(error);
	}
	return { ...madeOf(scratch.path, file, signal), where: 'an SQL script', close: scratch.close };
}

/** The file that a backup is made of: what its header tells of. */
interface ImportedFile {
	readonly path: string;
	readonly modifiedAt: Date;
}

/** A backup of a database file, made anew, and with the same bytes, each time that it is opened. */
function madeOf(database: string, file: ImportedFile, signal?: AbortSignal): Omit<FoundBackup, 'where' | 'close'> {
	return { title: file.path, manifest: null, open: async () => backupOf(database, file, signal) };
}

async function* backupOf(path: string, file: ImportedFile, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
	try {
		const database = await libsqlEngine.open({ kind: 'file', path }, { signal });
		try {
			const snapshot = await database.snapshot();
			try {
				refuseUnfinished(snapshot);
				const name = basename(file.path);
				const source = { ...database.info, location: `file:${name}` };
				const encoded = emptyEncoded();
				yield* seal(encodeSnapshot(snapshot, { id: name, createdAt: file.modifiedAt.toISOString(), source }, encoded));
				const [omission] = encoded.omissions;
				if (omission) throw omittedError(omission.table, omission.reason);
			} finally {
				await snapshot.close();
			}
		} finally {
			await database.close();
		}
	} catch (error) {
		throw asDamage(error, file.path);
	}
}

function omittedError(table: string, reason: string): LifeboatError {
	return new LifeboatError('RESTORE_UNSUPPORTED', `a row of ${JSON.stringify(table)} cannot be carried: ${reason}`, {
		hint: 'nothing was written; make the value smaller, or copy the database as a file',
		data: { objects: [table] },
	});
}

/** A file that is no sound database is the fault of the file, not of a server. */
function asDamage(error: unknown, path: string): unknown {
	const code = error instanceof LifeboatError ? String(error.data.databaseCode) : '';
	if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return error;
	return new LifeboatError('BACKUP_DAMAGED', `${path} is not a sound SQLite database: ${(error as Error).message}`, {
		hint: 'use another copy of it',
		data: { path },
		cause: error,
	});
}

async function startOf(path: string): Promise<string> {
	const file = await open(path);
	try {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(SQLITE_MAGIC.length), 0, SQLITE_MAGIC.length, 0);
		return buffer.toString('latin1', 0, bytesRead);
	} finally {
		await file.close();
	}
}
