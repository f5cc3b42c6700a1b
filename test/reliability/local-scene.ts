import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeManifest } from '../../lib/backup/manifest';
import { loadConfig } from '../../lib/config/load';
import { runNightly } from '../../lib/jobs/nightly';
import type { NightlyResult } from '../../lib/jobs/nightly-types';
import { dumpOf, execute, Fixtures, restoreInto } from '../support/fixtures';
import { SkippingContext } from '../support/skipping-context';
import { Unsound } from './unsound';

const DAY = '2026-11-20';
const YESTERDAY = '2026-11-19';
const NAME = 'shop';
/** What lies beside the backups. */
const BESIDE: readonly string[] = ['lease.json', 'history.json'];

/** A context that does something at the nth moment at which the job looks at the clock or takes a chance, from 1. */
export class MomentContext extends SkippingContext {
	moments = 0;
	/** It does so only in the first run. */
	isArmed = true;

	constructor(at: number, act: () => void) {
		super(`${DAY}T02:00:00Z`, at);
		const counted =
			<T>(look: () => T) =>
			() => {
				if (this.isArmed) this.moments += 1;
				if (this.isArmed && this.moments === at) act();
				return look();
			};
		const { clock, random } = this;
		Object.assign(this, {
			clock: { ...clock, now: counted(clock.now), elapsedMs: counted(clock.elapsedMs) },
			random: counted(random),
		});
	}
}

/** A database whose backups go into a folder. */
export class LocalScene {
	readonly fixtures = new Fixtures();
	#source = '';
	#expected = '';
	/** Yesterday's backup, by the names of its files. */
	#yesterday = new Map<string, Buffer>();

	static async start(): Promise<LocalScene> {
		const scene = new LocalScene();
		scene.#source = await scene.fixtures.fileUrl();
		// Some pages of what does not compress.
		await execute(
			scene.#source,
			'CREATE TABLE t(a INTEGER PRIMARY KEY, b)',
			'INSERT INTO t(b) VALUES (randomblob(12000))',
		);
		scene.#expected = await scene.#tablesOf(scene.#source, scene.fixtures);
		const folder = await scene.fixtures.folder();
		await scene.nightly(folder, new SkippingContext(`${YESTERDAY}T02:00:00Z`));
		for (const file of await readdir(join(folder, NAME)))
			if (!BESIDE.includes(file)) scene.#yesterday.set(file, await readFile(join(folder, NAME, file)));
		return scene;
	}

	/** Puts yesterday's backup into a folder for backups. */
	async prepare(folder: string): Promise<void> {
		await mkdir(join(folder, NAME), { recursive: true });
		for (const [file, bytes] of this.#yesterday) await writeFile(join(folder, NAME, file), bytes);
	}

	/** How many moments a run has. */
	async countMoments(): Promise<number> {
		const context = new MomentContext(0, () => {});
		await this.nightly(await this.fixtures.folder(), context);
		return context.moments;
	}

	/** Bytes that yesterday's backup takes, in pages. */
	get pages(): number {
		return [...this.#yesterday.values()].reduce((sum, { length }) => sum + Math.ceil(length / 4096), 0);
	}

	newContext(): SkippingContext {
		return new SkippingContext(`${DAY}T02:00:00Z`);
	}

	nightly(folder: string, context: SkippingContext): Promise<NightlyResult> {
		const env = {
			TURSO_DATABASE_URL: this.#source,
			BACKUP_NAME: NAME,
			BACKUP_STORE: 'local',
			BACKUP_LOCAL_DIR: folder,
		};
		const config = loadConfig(env, { need: ['database', 'name'] });
		const deadlineAt = context.clock.now().getTime() + 300_000;
		return runNightly({ config, dryRun: false, trigger: 'cron', deadlineAt, log: () => {}, redact: String }, context);
	}

	/** What lies there, hidden files too; the lease, the summary and yesterday's backup left out. */
	async filesOf(folder: string): Promise<string[]> {
		const files = await readdir(join(folder, NAME)).catch(() => []);
		return files.filter((file) => !BESIDE.includes(file) && !this.#yesterday.has(file)).sort();
	}

	async expectYesterday(folder: string): Promise<void> {
		for (const [file, bytes] of this.#yesterday) {
			const now = await readFile(join(folder, NAME, file)).catch(() => null);
			if (!now?.equals(bytes)) throw new Unsound('lost', `an earlier backup was touched: ${file}`);
		}
	}

	/** Throws {@link Unsound} unless there is exactly one backup of the day, which restores exactly. */
	async expectBackup(folder: string): Promise<void> {
		const files = (await this.filesOf(folder)).filter((file) => file.startsWith(`backup-${DAY.replaceAll('-', '')}`));
		const manifests = files.filter((file) => file.endsWith('.json'));
		if (manifests.length !== 1) throw new Unsound('wrong', `${manifests.length} manifests of the day`);
		const [file = ''] = manifests;
		const manifest = decodeManifest(await readFile(join(folder, NAME, file)), file);
		const data = await readFile(join(folder, NAME, manifest.object.name)).catch(() => null);
		if (data === null) throw new Unsound('lost', 'a manifest without its data');
		const restored = new Fixtures();
		try {
			const url = await restored.fileUrl();
			await restoreInto(await restored.open(url), { chunks: [data] });
			if ((await this.#tablesOf(url, restored)) !== this.#expected) throw new Unsound('wrong', 'it is not the source');
		} finally {
			await restored.close();
		}
	}

	async #tablesOf(url: string, fixtures: Fixtures): Promise<string> {
		return JSON.stringify((await dumpOf(await fixtures.open(url))).dumped.encoded.tables);
	}
}
