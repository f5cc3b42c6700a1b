import { link, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Coverage } from '../backup/coverage';
import { compareKeys, type KeyVerdict } from '../backup/key-fingerprints';
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
import type { FoundBackup } from './backup-source';
import { type JobContext, systemContext, withDatabase } from './context';
import { type Estimated, estimateRestore } from './drill-past';
import { findRestorable } from './import-source';
import type { KeyOptions } from './keys';
import { diskBytesOf, withScratch } from './scratch';
import type { LookOptions } from './stores';

/** How a backup that was found is restored. */
export interface RestoreFoundOptions extends Omit<RestoreOptions, keyof JobContext | 'withScratch'> {
	readonly config: Config;
	/** Told how the keys of the backup are beside those that are set here, before anything is written. */
	readonly onKeys?: (keys: readonly KeyVerdict[]) => void;
	/** Without it, nothing is written. */
	readonly confirm: boolean;
}

export interface RestoreJobOptions extends RestoreFoundOptions, KeyOptions, LookOptions {
	readonly backup: string;
	/** The target's URL; undefined: the one of the configuration. */
	readonly to: string | undefined;
	readonly cwd: string;
}

export interface RestoreJobResult {
	readonly backup: string;
	readonly where: string;
	/** For people; no token in it. */
	readonly target: string;
	readonly prepared: PreparedRestore;
	/** None where no fingerprints were kept. */
	readonly keys: readonly KeyVerdict[];
	/** What is in the backup and what is not; null where no manifest tells. */
	readonly coverage: Coverage | null;
	/** Null after a dry run, and when a guard refused. */
	readonly restored: Restored | null;
	/** How long it would take; null but after a dry run of a restore of everything. */
	readonly estimate: Estimated | null;
}

/** Plans a restore; with `confirm`, and if every guard allows it, restores and compares. */
export async function restoreBackup(
	options: RestoreJobOptions,
	context: JobContext = systemContext,
): Promise<RestoreJobResult> {
	const target = targetOf(options);
	const found = await findRestorable(options.backup, options, context);
	try {
		const result = await restoreFound(found, target, options, context);
		if (options.confirm) return result;
		return { ...result, estimate: await estimateOf(result, target, options, context) };
	} finally {
		await found.close();
	}
}

/** The same with a backup that was found, which it leaves open. */
export async function restoreFound(
	found: FoundBackup,
	target: DatabaseUrl,
	options: RestoreFoundOptions,
	context: JobContext,
): Promise<RestoreJobResult> {
	const { config, signal } = options;
	const work: RestoreOptions = {
		...options,
		...context,
		withScratch: (plainBytes, use) => withScratch(config.scratchDir, diskBytesOf(plainBytes), signal, use),
	};
	const shown = target.kind === 'file' ? `file:${target.path}` : target.url;
	const into = async (database: Database): Promise<RestoreJobResult> => {
		const prepared = await prepareRestore(found, database, work);
		const keys = await compareKeys(found.manifest?.keys ?? null, config.secretOf);
		options.onKeys?.(keys);
		const may = options.confirm && prepared.plan.refusal === null;
		const restored = may ? await runRestore(found, database, prepared, work).catch(tellHowToGoOn) : null;
		return {
			backup: found.title,
			where: found.where,
			target: shown,
			prepared,
			keys,
			coverage: found.manifest?.coverage ?? null,
			restored,
			estimate: null,
		};
	};
	if (target.kind !== 'file' || (await exists(target.path))) return await withDatabase(target, { signal }, into);
	await checkFolderOf(target.path);
	const fingerprint = await fileFingerprint(target.path);
	const asTarget = (database: Database) => into({ ...database, info: { ...database.info, fingerprint } });
	const partial = `${target.path}.restoring`;
	if (options.confirm) return await intoNewFile(target.path, partial, options, asTarget);
	// A dry run makes no file: an empty scratch database stands in for it.
	return (await exists(partial))
		? await withDatabase({ kind: 'file', path: partial }, { signal }, asTarget)
		: await withScratch(config.scratchDir, 0, signal, asTarget);
}

async function estimateOf(
	{ where, prepared }: RestoreJobResult,
	{ kind }: DatabaseUrl,
	{ config, signal }: RestoreJobOptions,
	context: JobContext,
): Promise<Estimated | null> {
	const { verified, selection } = prepared;
	if (!selection.isWhole) return null;
	const { plainBytes } = verified.counted;
	const target = kind === 'file' ? 'file' : 'server';
	return estimateRestore(config, { where, plainBytes, target, isByHand: true }, context, signal);
}

/** What was written stays in the target, marked, where going on can still end well. */
function canGoOn(error: LifeboatError): boolean {
	// What the database does not take, it will not take the next time.
	if (/^(SQLITE_(CONSTRAINT|ERROR|MISMATCH|NOMEM|TOOBIG)|SQL_)/.test(String(error.data.databaseCode))) return false;
	return error.class === 'unreachable' || error.code === 'ABORTED';
}

function tellHowToGoOn(error: unknown): never {
	if (!(error instanceof LifeboatError) || !canGoOn(error)) throw error;
	const { code, message, data } = error;
	const goOn = 'go on with the same command and --resume';
	throw new LifeboatError(code, message, {
		hint: code === 'ABORTED' || error.hint === undefined ? goOn : `${error.hint}; then ${goOn}`,
		data: { ...data, canResume: true },
		cause: error,
	});
}

function targetOf({ config, to, cwd }: RestoreJobOptions): DatabaseUrl {
	const target = resolveTarget(config, to, cwd);
	if (target !== null) return target;
	throw new LifeboatError('CONFIG_INVALID', 'there is no database to restore into', {
		hint: 'say --to URL, or set RESTORE_DATABASE_URL',
	});
}

/** Builds a database beside its name, or goes on with it, and gives it the name only when it is proven. */
async function intoNewFile(
	path: string,
	partial: string,
	{ signal, onlyFresh = false }: Pick<RestoreFoundOptions, 'signal' | 'onlyFresh'>,
	work: (database: Database) => Promise<RestoreJobResult>,
): Promise<RestoreJobResult> {
	let isKept = await exists(partial);
	try {
		const result = await withDatabase({ kind: 'file', path: partial }, { signal, create: true }, work);
		if (result.restored === null) return result;
		isKept = false;
		await giveName(partial, path);
		return result;
	} catch (error) {
		isKept =
			error instanceof LifeboatError && ((error.data.canResume === true && !onlyFresh) || (isKept && !isSpoilt(error)));
		throw error;
	} finally {
		if (!isKept) for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(partial + suffix, { force: true });
	}
}

/** Never replaces a file, not even one that comes into being at this moment; on a disk without hard links, nearly never. */
async function giveName(partial: string, path: string): Promise<void> {
	try {
		await link(partial, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !(await exists(path))) return rename(partial, path);
		throw new LifeboatError('TARGET_NOT_EMPTY', `something has been put at ${path} meanwhile`, {
			hint: 'choose another path',
			data: { path },
			cause: error,
		});
	}
}

/** What has been built is of no more use. */
function isSpoilt(error: LifeboatError): boolean {
	return error.code === 'PROOF_FAILED' || error.code === 'TARGET_NOT_EMPTY';
}

/** The longest name of a file, in bytes, and what stands behind it while the database is built. */
const LONGEST_NAME = 255;
const LONGEST_SUFFIX = '.restoring-journal';

/** A dry run fails where the restore would. */
async function checkFolderOf(path: string): Promise<void> {
	if (Buffer.byteLength(basename(path) + LONGEST_SUFFIX) > LONGEST_NAME)
		throw new LifeboatError('USAGE_INVALID', 'the name of the database file is too long', {
			hint: `choose one of at most ${LONGEST_NAME - LONGEST_SUFFIX.length} bytes`,
			data: { path },
		});
	if ((await stat(dirname(path)).catch(() => null))?.isDirectory()) return;
	throw new LifeboatError('DATABASE_NOT_FOUND', `there is no folder ${dirname(path)}`, {
		hint: 'make it first',
		data: { path },
	});
}

async function exists(path: string): Promise<boolean> {
	return (await stat(path).catch(() => null)) !== null;
}
