import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { decodeManifest } from '../../lib/backup/manifest';
import { EVERYTHING } from '../../lib/backup/selection';
import { verifyBackup } from '../../lib/backup/verify-backup';
import type { ConfigWith } from '../../lib/config/config';
import { loadConfig } from '../../lib/config/load';
import { LifeboatError } from '../../lib/core/errors';
import { runNightly } from '../../lib/jobs/nightly';
import { restoreBackup } from '../../lib/jobs/restore';
import { verify } from '../../lib/jobs/verify';
import { FakeContext } from '../jobs/fixture';
import { execute, stream } from '../support/fixtures';
import type { Outcome, Tally } from '../support/tally';

/** The data and the manifest of a backup, as they lie in a folder. */
export interface Files {
	readonly data: Buffer;
	readonly manifest: Buffer;
}

/** A database's backups in a folder of their own: the last one, and the one of the day before. */
export class Shelf {
	readonly #config: ConfigWith<'database' | 'name'>;
	readonly #folder: string;
	#ids: string[] = [];
	/** As they were written. */
	readonly files: Files[] = [];

	/** Backs up a database made by `statements` in `folder` on two days. */
	static async of(folder: string, statements: readonly string[]): Promise<Shelf> {
		await execute(`file:${join(folder, 'shop.db')}`, ...statements);
		const shelf = new Shelf(folder);
		for (const day of ['2026-11-19', '2026-11-20']) await shelf.#backUp(`${day}T02:00:00Z`);
		return shelf;
	}

	private constructor(folder: string) {
		this.#folder = folder;
		const env = { TURSO_DATABASE_URL: 'file:shop.db', BACKUP_NAME: 'shop' };
		this.#config = loadConfig(env, { need: ['database', 'name'], cwd: folder });
	}

	async #backUp(now: string): Promise<void> {
		const context = new FakeContext(now);
		const deadlineAt = context.nowMs + 300_000;
		const log = () => {};
		const result = await runNightly(
			{ config: this.#config, dryRun: false, trigger: 'cron', deadlineAt, log, redact: String },
			context,
		);
		if (result.status !== 'done') throw new Error(result.status);
		const id = result.backup.id as string;
		this.#ids.unshift(id);
		this.files.unshift({
			data: await readFile(this.path(id, 'ndjson.gz')),
			manifest: await readFile(this.path(id, 'json')),
		});
	}

	get last(): Files {
		return this.files[0] as Files;
	}

	get before(): Files {
		return this.files[1] as Files;
	}

	get id(): string {
		return this.#ids[0] as string;
	}

	get cwd(): string {
		return this.#folder;
	}

	path(id: string, suffix: string): string {
		return join(this.#folder, 'backups/shop', `${id}.${suffix}`);
	}

	/** Puts files in the place of the last backup's. */
	async lay({ data, manifest }: Files): Promise<void> {
		await writeFile(this.path(this.id, 'ndjson.gz'), data);
		await writeFile(this.path(this.id, 'json'), manifest);
	}

	/**
	 * What is said of the last backup with these files in its place: `detected` if it is refused, and the damaged place
	 * named, by what `verify` and `restore` check it by; and, if both are wanted, by these themselves.
	 */
	async judge(files: Partial<Files>, byJobs: boolean): Promise<[Outcome, string]> {
		const { data, manifest } = { ...this.last, ...files };
		if (!byJobs) {
			const check = async () => verifyBackup(stream([data]), decodeManifest(manifest, `${this.id}.json`, this.id));
			const checked = await said(check());
			return [checked === null ? 'undetected' : 'detected', `check: ${checked}`];
		}
		await this.lay({ data, manifest });
		const common = { backup: this.id, config: this.#config, cwd: this.#folder };
		const target = join(this.#folder, 'restored.db');
		const verified = await said(verify({ ...common, drill: false }));
		const restoring = { to: `file:${target}`, confirm: true, parts: EVERYTHING, resume: false };
		const restored = await said(restoreBackup({ ...common, ...restoring, allowFunctions: new Set() }));
		const left = [target, `${target}.restoring`].filter((path) => existsSync(path));
		const detected = verified !== null && restored === verified && left.length === 0;
		return [detected ? 'detected' : 'undetected', `verify: ${verified}; restore: ${restored}; left: ${left}`];
	}
}

/** The failure of a job as a line, null if it has none. Throws one that does not say that and where the backup is damaged. */
async function said(work: Promise<unknown>): Promise<string | null> {
	const error = await work.then(
		() => null,
		(error: unknown) => error,
	);
	if (error === null) return null;
	if (!(error instanceof LifeboatError) || error.class !== 'damaged') throw error;
	// The offset in the file, the manifest's name, or both digests of what should be one.
	const { offset, manifest, wantedSha256 } = error.data;
	const names = offset ?? manifest ?? wantedSha256;
	if (names === undefined || error.hint === undefined) throw error;
	return `${error.code} ${error.message}`;
}

/** Files to be laid in the place of a backup's, and what is wrong with them. */
export type Case = readonly [what: string, files: Partial<Files>];

/**
 * Judges each case, counts it, and fails naming those that came to something else than `detected`.
 *
 * @param jobsEvery `verify` and `restore` are run with each case of this many, which takes twenty times as long as the
 *   check alone that they share
 */
export async function judgeAll(shelf: Shelf, tally: Tally, cases: Iterable<Case>, jobsEvery = 1): Promise<void> {
	const missed: string[] = [];
	let nth = 0;
	for (const [what, files] of cases) {
		const [outcome, detail] = await shelf.judge(files, nth++ % jobsEvery === 0);
		tally.add(outcome);
		if (outcome !== 'detected') missed.push(`${what}: ${detail}`);
	}
	await shelf.lay(shelf.last);
	expect(missed).toEqual([]);
	tally.expectSound();
}
