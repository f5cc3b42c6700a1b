import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { decodeManifest } from '../../lib/backup/manifest';
import { loadConfig } from '../../lib/config/load';
import { systemClock } from '../../lib/core/clock';
import { type ErrorCode, LifeboatError } from '../../lib/core/errors';
import type { JobContext } from '../../lib/jobs/context';
import { runNightly } from '../../lib/jobs/nightly';
import { dumpOf, Fixtures, restoreInto, rowsOf } from '../support/fixtures';
import { differences } from '../support/fixtures-fidelity';
import type { Outcome, Tally } from '../support/tally';

/** Two tables of several pages, and a small one of each other kind; what hangs on tables. */
export const SOURCE: readonly string[] = [
	'CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL)',
	`INSERT INTO users ${upTo(1_400)} SELECT i * 3, 'user ' || i FROM n`,
	'CREATE TABLE log(at REAL, what)',
	`INSERT INTO log ${upTo(600)} SELECT i / 7.0, randomblob(8) FROM n`,
	'CREATE TABLE keyed(k TEXT PRIMARY KEY, v) WITHOUT ROWID',
	"INSERT INTO keyed VALUES ('a', 9e999), ('b', NULL), ('c', x'00ff'), ('d', 9223372036854775807)",
	'CREATE INDEX log_at ON log(at)',
	'CREATE VIEW names AS SELECT name FROM users',
	'CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN INSERT INTO log VALUES (0, old.name); END',
	'PRAGMA user_version = 7',
];
export const SCHEMA = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name';

function upTo(rows: number): string {
	return `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})`;
}

/** A database's content, as what is restored from its backups must be. */
export interface Content {
	readonly tables: unknown;
	readonly schema: unknown;
}

/** Reads what is in a database that nobody writes to. */
export async function contentOf(url: string): Promise<Content> {
	const fixtures = new Fixtures();
	try {
		const { dumped } = await dumpOf(await fixtures.open(url));
		return { tables: dumped.encoded.tables, schema: await rowsOf(url, SCHEMA) };
	} finally {
		await fixtures.close();
	}
}

/** The system's time and chances, but for waiting: it takes no time, and the time allowed is over when `endTime` says so. */
export class HeldTime implements JobContext {
	/** How long each wait would have been, in ms, but for the deadline's. */
	readonly waits: number[] = [];
	endTime: () => void = () => {};
	readonly random = Math.random;
	readonly clock = {
		...systemClock,
		sleep: async (ms: number, signal?: AbortSignal) => {
			signal?.throwIfAborted();
			if (ms < DEADLINE_MS / 2) return void this.waits.push(ms);
			await new Promise<void>((resolve, reject) => {
				this.endTime = resolve;
				signal?.addEventListener('abort', () => reject(signal.reason));
			});
		},
	};
}

/** Longer than any other wait, in ms. */
const DEADLINE_MS = 280_000;

export interface Tried {
	readonly outcome: Outcome;
	/** What came of it, in words. */
	readonly story: string;
	readonly error: LifeboatError | null;
	/** The events of the log. */
	readonly events: readonly Readonly<Record<string, unknown>>[];
	/** Restored from what was stored, a `file:` URL; null after a failure. Removed by `close`. */
	readonly restoredUrl: string | null;
	close(): Promise<void>;
}

export interface TryOptions {
	readonly env?: Record<string, string>;
	readonly context?: HeldTime;
	/** What the manifest must say of the proof, if there is one: `restored`. */
	readonly proof?: 'restored' | 'read';
	/** Told of every event of the log. */
	readonly onEvent?: (event: Readonly<Record<string, unknown>>) => void;
}

/**
 * Runs the nightly job on the database at `url` with an empty folder as its store, and judges what it has left: a
 * backup that is restored and equal to one of `contents`, or a failure that is told as it must be, and nothing else.
 */
export async function tryBackup(url: string, contents: readonly Content[], options: TryOptions = {}): Promise<Tried> {
	const { env = {}, context = new HeldTime(), proof = 'restored', onEvent } = options;
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-faults-'));
	const scratch = join(folder, 'scratch');
	await mkdir(scratch);
	const variables = { TURSO_DATABASE_URL: url, BACKUP_NAME: 'shop', BACKUP_SCRATCH_DIR: scratch, ...env };
	const config = loadConfig(variables, { need: ['database', 'name'], cwd: folder });
	const events: Readonly<Record<string, unknown>>[] = [];
	const run = { config, dryRun: false, trigger: 'cron' as const, deadlineAt: Date.now() + 300_000 };
	const log = (event: Readonly<Record<string, unknown>>) => {
		events.push(event);
		onEvent?.(event);
	};
	const failure = await runNightly({ ...run, log, redact: String }, context).then(
		() => null,
		(error: unknown) => error ?? 'nothing',
	);
	const place = join(folder, 'backups/shop');
	const restored = join(folder, 'restored.db');
	let faults: string[];
	try {
		faults = [...(await leftBehind(place, config.scratchDir, failure !== null)), ...untold(failure)];
		if (failure === null && faults.length === 0) faults = await unequal(place, restored, contents, proof);
	} catch (error) {
		faults = [`it could not be judged: ${error}`];
	}
	const said = failure === null ? 'done' : `${(failure as LifeboatError).code} ${failure}`;
	return {
		outcome: faults.length > 0 ? 'wrong' : failure === null ? 'exact' : 'refused',
		story: [said, ...faults].join('; '),
		error: failure instanceof LifeboatError ? failure : null,
		events,
		restoredUrl: failure === null ? `file:${restored}` : null,
		close: () => rm(folder, { recursive: true, force: true }),
	};
}

/** Fills a disk. */
export const BALLAST = 'ballast';

/** What is there and may not be, or is not there and must be. */
async function leftBehind(place: string, scratch: string, hasFailed: boolean): Promise<string[]> {
	const faults = (await readdir(scratch))
		.filter((name) => name !== BALLAST)
		.map((name) => `${name} is left in the scratch folder`);
	const names = (await readdir(place)).filter((name) => name !== 'lease.json' && name !== 'history.json');
	if (names.length !== (hasFailed ? 0 : 2)) faults.push(`the store holds ${names.join(', ')}`);
	const { expiresAt } = JSON.parse(await readFile(join(place, 'lease.json'), 'utf8'));
	if (Date.parse(expiresAt) > Date.now()) faults.push('the lease was not given up');
	return faults;
}

/** What a failure does not say, and must. */
export function untold(failure: unknown): string[] {
	if (failure === null) return [];
	if (!(failure instanceof LifeboatError)) return ['it is no LifeboatError'];
	const faults: string[] = [];
	if (failure.code === 'INTERNAL') faults.push('its code is INTERNAL');
	if (!failure.hint) faults.push('it has no hint');
	if (typeof failure.data.step !== 'string') faults.push('it names no step');
	return faults;
}

async function unequal(
	place: string,
	path: string,
	contents: readonly Content[],
	proof: 'restored' | 'read',
): Promise<string[]> {
	const names = await readdir(place);
	const name = names.find((each) => /^backup-.*\.json$/.test(each)) as string;
	const manifest = decodeManifest(await readFile(join(place, name)), name);
	if (!/^\d/.test(manifest.source.version)) return [`it comes from version ${manifest.source.version}`];
	if (manifest.proof.kind !== proof) return [`its proof is ${manifest.proof.kind}: ${manifest.proof.notes}`];
	const fixtures = new Fixtures();
	try {
		const chunks = [await readFile(join(place, manifest.object.name))];
		await restoreInto(await fixtures.open(`file:${path}`), { chunks });
	} finally {
		await fixtures.close();
	}
	const is = JSON.stringify(await contentOf(`file:${path}`));
	return contents.some((content) => JSON.stringify(content) === is) ? [] : ['what was restored is not what was there'];
}

/** A case of a fault, by name: it ends well if it comes to one of `may`. */
export interface FaultCase {
	readonly name: string;
	readonly may: readonly Outcome[];
	/** Of the failure, if it is one; undefined: any. */
	readonly code?: ErrorCode;
	readonly run: () => Promise<Tried>;
}

/** Cases that run side by side: most of the time of each is another process's. */
const AT_ONCE = 4;

/**
 * Runs cases, counts what came of them, and fails with the names of those that came to something else than they may.
 * The first that has restored something is compared with the database at `sourceUrl` by somebody else, too.
 */
export async function runCases(
	tally: Tally,
	cases: readonly FaultCase[],
	sourceUrl: string | null = null,
	atOnce = AT_ONCE,
): Promise<void> {
	const faults: string[] = [];
	const left = [...cases];
	let isCompared = sourceUrl === null;
	const worker = async () => {
		for (let next = left.shift(); next; next = left.shift()) {
			const tried = await next.run();
			tally.add(tried.outcome);
			const isOther = next.code !== undefined && tried.error !== null && tried.error.code !== next.code;
			if (isOther || !next.may.includes(tried.outcome)) faults.push(`${next.name}: ${tried.outcome}: ${tried.story}`);
			if (sourceUrl !== null && tried.restoredUrl !== null && !isCompared) {
				isCompared = true;
				faults.push(...(await differences(sourceUrl, tried.restoredUrl)));
			}
			await tried.close();
		}
	};
	await Promise.all(Array.from({ length: atOnce }, worker));
	expect(faults).toEqual([]);
	tally.expectSound();
}
