import { toLifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Database } from '../engine/engine';
import { sourceInfo } from '../engine/libsql/connect';
import type { TursoPlatform } from '../engine/turso/platform';
import { branchMadeAt, newBranchName } from './branch-name';
import { withDatabase } from './context';
import { findOnPlatform, type OnPlatform, openTurso, urlBeside, waitForDatabase } from './platform';
import type { SourceOptions } from './source-types';

/** A branch is waited for so long, in ms. */
const ANSWER_MS = 120_000;
/** No run lasts so long, in ms: what is older was left by one that was killed. */
const LEFT_MS = 12 * 3_600_000;
/** Time to drop a branch in, or all that were left, in ms; and where the run's own time is over. */
const DROP_MS = 20_000;
const DROP_LATE_MS = 4_000;

/**
 * Makes a branch of the database, opens it, and drops it afterwards. It is taken for the database that it was made from:
 * what is dumped is the content of that.
 *
 * @throws LifeboatError `CONFIG_INVALID`, `USAGE_INVALID`, `DATABASE_*`
 */
export async function withBranch<T>(options: SourceOptions, use: (database: Database) => Promise<T>): Promise<T> {
	const { config, context, signal } = options;
	const platform = openTurso(config, context);
	const source = await inStep('finding the database at Turso', () => findOnPlatform(platform, config.database, signal));
	await dropLeft(platform, source, options);
	signal?.throwIfAborted();
	const name = newBranchName(source.database, context.clock.now(), context.random);
	try {
		const branch = await inStep('making the branch', async () => {
			const { group } = source.database;
			const made = await platform.create({ name, group, from: source.database.name, at: null }, signal);
			const url = urlBeside(source.url, made, await platform.createReadToken(name, signal));
			await waitForDatabase(url, ANSWER_MS, context, signal);
			return url;
		});
		return await withDatabase(
			branch,
			{ signal },
			async (database) => use({ ...database, info: await sourceInfo(source.url, database.info.version) }),
			context,
		);
	} finally {
		// Also where making it has failed: the answer may have been lost.
		const limit = AbortSignal.timeout(signal?.aborted ? DROP_LATE_MS : DROP_MS);
		await drop(platform, name, limit, options);
	}
}

/**
 * Drops what runs that were killed have left: by its name, made from this database, and hours ago. What takes too long is
 * left to the next run: the backup comes first.
 */
async function dropLeft(
	platform: TursoPlatform,
	{ database: source, all }: OnPlatform,
	options: SourceOptions,
): Promise<void> {
	const now = options.context.clock.now().getTime();
	const limit = AbortSignal.timeout(DROP_MS);
	for (const one of all) {
		if (limit.aborted || options.signal?.aborted) return;
		const madeAt = branchMadeAt(source, one.name);
		if (madeAt !== null && now - madeAt.getTime() >= LEFT_MS) await drop(platform, one.name, limit, options);
	}
}

/**
 * Drops a branch of ours, if it is there. Its name has been told to be one of `source`, and Turso refuses what is protected.
 * The run's result is what matters; of one that stays, the next run tries again.
 */
async function drop(
	platform: TursoPlatform,
	name: string,
	limit: AbortSignal,
	{ onBranch }: SourceOptions,
): Promise<void> {
	try {
		await platform.delete(name, limit);
		onBranch?.({ name, leftFor: null });
	} catch (error) {
		onBranch?.({ name, leftFor: limit.aborted ? 'DATABASE_UNREACHABLE' : toLifeboatError(error).code });
	}
}
