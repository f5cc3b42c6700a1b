import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERYTHING } from '../../lib/backup/selection';
import { loadConfig } from '../../lib/config/load';
import type { LifeboatError } from '../../lib/core/errors';
import { type RestoreJobResult, restoreBackup } from '../../lib/jobs/restore';
import { dumpOf, execute, type Fixtures, type HeldDump } from '../support/fixtures';
import { type Content, contentOf, HeldTime, type Tried, untold } from './database-cases';

/** What an app has migrated before its rows are restored. */
export const MIGRATED: readonly string[] = [
	'CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)',
	'CREATE TABLE log(at REAL, what)',
	'CREATE VIRTUAL TABLE words USING fts5(t)',
	'CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES (0, new.name); END',
	'CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN INSERT INTO log VALUES (1, old.name); END',
];
export const ROWS: readonly string[] = [
	"INSERT INTO users VALUES (1, 'Ada'), (70, 'Zoë')",
	'DELETE FROM users WHERE id = 70',
	"INSERT INTO words VALUES ('hello world'), ('good night')",
	// More than is sent at once.
	'INSERT INTO log WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) SELECT i / 7.0, hex(zeroblob(1000)) FROM n',
];
/** What only a database that is made from the backup can have. */
export const MORE: readonly string[] = [
	'CREATE TABLE broken(id INTEGER PRIMARY KEY, v)',
	"INSERT INTO broken VALUES (1, '12'), (2, NULL), (3, 'x')",
	'ALTER TABLE broken ALTER COLUMN v TO v INTEGER NOT NULL',
	'CREATE TABLE points(id INTEGER PRIMARY KEY, at F32_BLOB(2))',
	"INSERT INTO points VALUES (1, vector('[1,2]')), (2, vector('[3,4]'))",
	'CREATE INDEX near ON points(libsql_vector_idx(at))',
	'CREATE INDEX log_what ON log(at)',
	'CREATE VIEW names AS SELECT name FROM users',
	'PRAGMA user_version = 7',
];

/** A database of all of these on a server, what is in it, and a folder with its backup, until `fixtures` are closed. */
export async function givenSource(fixtures: Fixtures) {
	const { url } = await fixtures.sqld();
	await execute(url, ...MIGRATED, ...ROWS, ...MORE);
	const folder = await givenBackup(await dumpOf(await fixtures.open(url)));
	fixtures.closeAfter(() => folder.close());
	return { url, content: await contentOf(url), folder };
}

/** A folder with a backup in it, and the work on it. */
export interface RestoreFolder {
	readonly path: string;
	/** For scratch databases; empty but while one is in use. */
	readonly scratch: string;
	/** Restores the backup as the command does. */
	restore(to: string, options?: RestoreTry): Promise<RestoreJobResult>;
	close(): Promise<void>;
}

export interface RestoreTry {
	readonly resume?: boolean;
	readonly signal?: AbortSignal;
}

export async function givenBackup({ chunks }: HeldDump): Promise<RestoreFolder> {
	const path = await mkdtemp(join(tmpdir(), 'lifeboat-faults-'));
	const scratch = join(path, 'scratch');
	await mkdir(scratch);
	const backup = join(path, 'backup.ndjson.gz');
	await writeFile(backup, Buffer.concat(chunks));
	return {
		path,
		scratch,
		restore: (to, { resume = false, signal } = {}) =>
			restoreBackup(
				{
					backup,
					to,
					config: loadConfig({ BACKUP_SCRATCH_DIR: scratch }, { need: [], cwd: path }),
					confirm: true,
					cwd: path,
					parts: EVERYTHING,
					resume,
					allowFunctions: new Set(),
					signal,
				},
				new HeldTime(),
			),
		close: () => rm(path, { recursive: true, force: true }),
	};
}

export interface RestoreCase {
	/** The database as it is reached in the first attempt, and in the second. */
	readonly faulty: string;
	readonly sound: string;
	readonly content: Content;
	/** Of the first attempt. */
	readonly signal?: AbortSignal;
	/** Ends what is at fault, before the second attempt; returns what must not be there and is. */
	readonly mend?: () => Promise<string[]>;
}

/** Restores, and, where that stops, again as the failure says; judges what is then in the database. */
export async function tryRestore(folder: RestoreFolder, restore: RestoreCase): Promise<Tried> {
	const { faulty, sound, content, signal, mend } = restore;
	const faults: string[] = [];
	const said: string[] = [];
	const attempt = async (to: string, options: RestoreTry): Promise<LifeboatError | null> => {
		try {
			const { prepared, restored } = await folder.restore(to, options);
			const { refusal } = prepared.plan;
			said.push(restored ? 'done' : `${refusal?.code} ${refusal}`);
			for (const { object, reason } of restored?.refusals ?? []) faults.push(`${object} was refused: ${reason}`);
			return restored ? null : refusal;
		} catch (error) {
			said.push(`${(error as LifeboatError).code} ${error}`);
			faults.push(...untold(error));
			return error as LifeboatError;
		}
	};
	const first = await attempt(faulty, { signal });
	faults.push(...((await mend?.()) ?? []));
	// What it says to do.
	const last = first && (await attempt(sound, { resume: first.data.canResume === true }));
	const isDone = last?.code === 'TARGET_NOT_EMPTY';
	if (last !== null && !isDone) faults.push('it could not be gone on with');
	faults.push(...(await readdir(folder.scratch)).map((name) => `${name} is left in the scratch folder`));
	if (faults.length === 0 && JSON.stringify(await contentOf(sound)) !== JSON.stringify(content))
		faults.push('what was restored is not what was backed up');
	return {
		outcome: faults.length > 0 ? 'wrong' : first === null ? 'exact' : 'resumed',
		story: [...said, ...faults].join('; '),
		error: first,
		events: [],
		restoredUrl: faults.length > 0 ? null : sound,
		close: async () => {},
	};
}
