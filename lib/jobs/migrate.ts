import { randomUUID } from 'node:crypto';
import { namesAt } from '../backup/backup-id';
import { refuseUnfinished } from '../backup/dump';
import type { Progress } from '../backup/encode-snapshot';
import type { Lease } from '../backup/lease';
import type { Manifest } from '../backup/manifest';
import { withSnapshot } from '../backup/snapshot-tries';
import type { ConfigWith } from '../config/config';
import { LifeboatError, toLifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Database } from '../engine/engine';
import { besideOf } from './beside';
import { type JobContext, type OpenStore, openStore, placeOf, systemContext, withDatabase } from './context';
import { makeBackup } from './make-backup';
import { type Applied, applyMigration } from './migrations/apply';
import { type FoundMigrations, findMigrations } from './migrations/find-migrations';
import { type MigrationPlan, planMigrations } from './migrations/plan';
import type { Migration, MigrationTool } from './migrations/tool';
import { type Summary, summarize } from './summary';
import { withLease } from './with-lease';

export interface MigrateOptions {
	readonly config: ConfigWith<'database'>;
	/** Without it, nothing is written. With it, the config needs a name and a store. */
	readonly confirm: boolean;
	/** Whose migrations, and where; undefined: as they are found in `cwd`. */
	readonly tool?: MigrationTool['name'];
	readonly folder?: string;
	/** Make a backup before anything is run. */
	readonly backUp: boolean;
	/** Leave alone what is no longer what was applied, instead of refusing. */
	readonly allowChanged: boolean;
	readonly cwd: string;
	readonly signal?: AbortSignal;
	readonly onPart?: (part: 'dumping' | 'proving' | 'migrating', total: Progress | null) => void;
	readonly onProgress?: (progress: Progress) => void;
	readonly onLost?: (error: unknown) => void;
}

export interface MigrateResult {
	readonly tool: MigrationTool['name'];
	/** Absolute. */
	readonly folder: string;
	/** For people; no token in it. */
	readonly database: string;
	/** As it was before. */
	readonly plan: MigrationPlan;
	/** The backup made before, and where it lies; null if none was. */
	readonly backup: (Summary & { readonly place: string }) | null;
	readonly applied: readonly Applied[];
	/** Why it would not be done, or was not done to its end; null if all is well. */
	readonly error: LifeboatError | null;
}

/**
 * Plans what migrations are to be run; with `confirm`, and if every guard allows it, runs them as the one actor on the
 * database, after a backup. A migration that fails ends the run: it is told in the result, beside what was done.
 *
 * @throws LifeboatError `MIGRATIONS_NOT_FOUND`, `MIGRATIONS_INVALID`, `LEASE_HELD`, `RESTORE_UNFINISHED`, and whatever a
 * backup throws
 */
export async function migrate(options: MigrateOptions, context: JobContext = systemContext): Promise<MigrateResult> {
	const { config, signal } = options;
	const found = await findMigrations(options, options.cwd);
	const migrations = await found.tool.read(found.folder);
	const run = { ...options, ...found, context, migrations };
	if (!options.confirm) return withDatabase(config.database, { signal }, (database) => planOn(database, run), context);
	const { store, name } = config;
	if (!store || !name) throw new LifeboatError('CONFIG_INVALID', 'the store and the name of the database are not set');
	const open = await openStore({ ...config, store }, context);
	try {
		return await withLease(open, name, context, signal, (lease) =>
			withDatabase(
				config.database,
				{ signal },
				(database) => migrateUnder(lease, database, { open, name }, run),
				context,
			),
		);
	} finally {
		await open.store.close();
	}
}

interface Run extends Omit<MigrateOptions, 'tool' | 'folder'>, FoundMigrations {
	readonly context: JobContext;
	readonly migrations: readonly Migration[];
}

async function planOn(database: Database, run: Run): Promise<MigrateResult> {
	const { tool, folder, context, signal } = run;
	await inStep('reading the schema', () =>
		withSnapshot(database, { ...context, signal }, async (snapshot) => refuseUnfinished(snapshot)),
	);
	const rows = await inStep('reading what is applied', () => database.records(tool.table, tool.columns));
	const plan = planMigrations(tool, run.migrations, rows ?? [], run.allowChanged);
	const { location } = database.info;
	return { tool: tool.name, folder, database: location, plan, backup: null, applied: [], error: plan.refusal };
}

async function migrateUnder(
	lease: Lease,
	database: Database,
	where: { readonly open: OpenStore; readonly name: string },
	run: Run,
): Promise<MigrateResult> {
	const planned = await planOn(database, run);
	const { pending } = planned.plan;
	if (planned.error !== null || pending.length === 0) return planned;
	const backup = run.backUp ? await backUpBefore(lease, database, where, run) : null;
	const applied: Applied[] = [];
	try {
		run.onPart?.('migrating', null);
		let lastMs = 0;
		for (const one of pending) {
			run.signal?.throwIfAborted();
			await inStep('holding the lease', () => lease.renew());
			// Prisma orders its books by time: no two the same.
			lastMs = Math.max(lastMs + 1, run.context.clock.now().getTime());
			applied.push(await applyMigration(database, run.tool, one, { id: randomUUID(), at: new Date(lastMs) }));
		}
		return { ...planned, backup, applied };
	} catch (error) {
		return { ...planned, backup, applied, error: toLifeboatError(error) };
	}
}

async function backUpBefore(
	lease: Lease,
	database: Database,
	{ open, name }: { readonly open: OpenStore; readonly name: string },
	{ config, context, signal, onPart, onProgress, onLost }: Run,
): Promise<MigrateResult['backup']> {
	const place = placeOf(open, name);
	const manifest: Manifest = await makeBackup({
		database,
		store: open.store,
		namesOf: namesAt(place, config.recipients.length > 0),
		recipients: config.recipients,
		lease,
		context,
		signal,
		trigger: { kind: 'cli', day: null },
		label: 'pre-migration',
		only: null,
		proof: config.proof,
		beside: besideOf(config),
		scratchDir: config.scratchDir,
		onPart,
		onProgress,
		onLost,
	});
	return { ...summarize(manifest), place: open.store.label };
}
