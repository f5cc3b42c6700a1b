import { randomBytes } from 'node:crypto';
import { link, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
	type PreparedRestore,
	prepareRestore,
	type Restored,
	type RestoreOptions,
	runRestore,
} from '../backup/restore';
import type { Config } from '../config/config';
import { resolveTarget } from '../config/restore-target';
import type { DatabaseUrl } from '../core/database-url';
import { LifeboatError } from '../core/errors';
import type { Database } from '../engine/engine';
import { fileFingerprint } from '../engine/libsql/connect';
import { type JobContext, systemContext, withDatabase } from './context';
import { findRestorable } from './import-source';
import { withScratch } from './scratch';

export interface RestoreJobOptions extends Omit<RestoreOptions, keyof JobContext> {
	readonly backup: string;
	readonly config: Config;
	/** The target's URL; undefined: the one of the configuration. */
	readonly to: string | undefined;
	/** Without it, nothing is written. */
	readonly confirm: boolean;
	readonly cwd: string;
}

export interface RestoreJobResult {
	readonly backup: string;
	readonly where: string;
	/** For people; no token in it. */
	readonly target: string;
	readonly prepared: PreparedRestore;
	/** Null after a dry run, and when a guard refused. */
	readonly restored: Restored | null;
}

/** Plans a restore; with `confirm`, and if every guard allows it, restores and compares. */
export async function restoreBackup(
	options: RestoreJobOptions,
	context: JobContext = systemContext,
): Promise<RestoreJobResult> {
	const { config, signal } = options;
	const target = targetOf(options);
	const found = await findRestorable(options.backup, config, options.cwd, context, signal);
	const work = { ...options, ...context };
	const shown = target.kind === 'file' ? `file:${target.path}` : target.url;
	try {
		const isNewFile = target.kind === 'file' && !(await exists(target.path));
		const into = async (database: Database): Promise<RestoreJobResult> => {
			const prepared = await prepareRestore(found, database, work);
			const may = options.confirm && prepared.plan.refusal === null;
			const restored = may ? await runRestore(found, database, prepared, work) : null;
			return { backup: found.title, where: found.where, target: shown, prepared, restored };
		};
		if (!isNewFile) return await withDatabase(target, { signal }, into);
		await checkFolderOf(target.path);
		// A dry run makes no file: an empty scratch database stands in for it.
		if (!options.confirm)
			return await withScratch(config.scratchDir, 0, signal, async (scratch) =>
				into({ ...scratch, info: { ...scratch.info, fingerprint: await fileFingerprint(target.path) } }),
			);
		return await intoNewFile(target.path, signal, into);
	} finally {
		await found.close();
	}
}

function targetOf({ config, to, cwd }: RestoreJobOptions): DatabaseUrl {
	const target = resolveTarget(config, to, cwd);
	if (target !== null) return target;
	throw new LifeboatError('CONFIG_INVALID', 'there is no database to restore into', {
		hint: 'say --to URL, or set RESTORE_DATABASE_URL',
	});
}

/** Builds a database beside its name, and gives it the name only when it is proven. */
async function intoNewFile(
	path: string,
	signal: AbortSignal | undefined,
	work: (database: Database) => Promise<RestoreJobResult>,
): Promise<RestoreJobResult> {
	const partial = `${path}.restoring-${randomBytes(4).toString('hex')}`;
	try {
		const result = await withDatabase({ kind: 'file', path: partial }, { signal, create: true }, work);
		if (result.restored === null) return result;
		try {
			await link(partial, path);
		} catch (error) {
			throw new LifeboatError('TARGET_NOT_EMPTY', `something has been put at ${path} meanwhile`, {
				hint: 'choose another path',
				data: { path },
				cause: error,
			});
		}
		return result;
	} finally {
		for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(partial + suffix, { force: true });
	}
}

/** A dry run fails where the restore would. */
async function checkFolderOf(path: string): Promise<void> {
	if ((await stat(dirname(path)).catch(() => null))?.isDirectory()) return;
	throw new LifeboatError('DATABASE_NOT_FOUND', `there is no folder ${dirname(path)}`, {
		hint: 'make it first',
		data: { path },
	});
}

async function exists(path: string): Promise<boolean> {
	return (await stat(path).catch(() => null)) !== null;
}
