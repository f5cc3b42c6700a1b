import { namesAt, type Place } from '../backup/backup-id';
import { backupIdsOfDay, readListedManifest } from '../backup/catalog';
import { type Lease, takeLease } from '../backup/lease';
import type { Manifest } from '../backup/manifest';
import { type PrunePlan, planPrune } from '../backup/prune';
import { RecentSizes } from '../backup/shrink';
import type { DatabaseUrl } from '../core/database-url';
import { startDeadline } from '../core/deadline';
import { hasCode, LifeboatError, toLifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Database } from '../engine/engine';
import type { Store } from '../store/store';
import { besideOf } from './beside';
import { compareAfter } from './compare-after';
import { type JobContext, openStore, placeOf, systemContext, withDatabase } from './context';
import { copyToAll, invalidCopies } from './copy';
import { countTables } from './count-tables';
import { keepHistory, notingFailure, SeenManifests } from './keep-history';
import { makeBackup } from './make-backup';
import type { CopyResult, NightlyOptions, NightlyResult } from './nightly-types';
import { observed, type SawNewest } from './observed';
import { pruneAfter } from './prune-after';
import { pruneCopy } from './prune-copies';
import { withSource } from './source';
import type { BranchFate } from './source-types';
import { summarize, unsetKeys } from './summary';
import { sweepAfter } from './sweep-after';
import { tellMsOf, watchRun } from './watch-run';

/** Kept back for cleaning up and answering before the process is ended, in ms. */
const RESERVE_MS = 15_000;
/** A lease outlives its process by this much, in ms. */
const LEASE_MARGIN_MS = 30_000;
/** Time to give the lease up, in ms, after everything else. */
const RELEASE_MS = 4_000;

/**
 * The nightly job: one proven backup a day (UTC), whoever asks how often. Takes the lease, dumps, proves, commits,
 * sweeps what failed runs left, copies to the further stores what they lack, and prunes. A failed run leaves no manifest,
 * and says which step failed. Whoever is to be told is told, within the same time.
 *
 * @throws LifeboatError `LEASE_HELD` while another run is at work; `DEADLINE_NEAR`; any other with `data.step`
 */
export function runNightly(options: NightlyOptions, context: JobContext = systemContext): Promise<NightlyResult> {
	const { config, deadlineAt, log } = options;
	const onUntold = (error: object) => log({ event: 'telemetry.failed', error });
	return observed(options.dryRun ? 'dry run' : 'backup', { config, deadlineAt, context, onUntold }, (sawNewest) =>
		run(options, context, sawNewest),
	);
}

async function run(options: NightlyOptions, context: JobContext, sawNewest: SawNewest): Promise<NightlyResult> {
	const { config } = options;
	const { database: url, store: storeConfig, name } = config;
	if (!url || !storeConfig || !name)
		throw new LifeboatError('CONFIG_INVALID', 'the database and the store are not configured');
	const reserveMs = RESERVE_MS + (options.dryRun ? 0 : tellMsOf(config));
	const deadline = startDeadline(context.clock, options.deadlineAt, reserveMs, options.signal);
	const { signal } = deadline;
	try {
		if (options.dryRun) {
			const count = (database: Database) => countTables(database, context, signal);
			const counts = await inStep('counting', () => withDatabase(url, { signal }, count, context));
			const copies = invalidCopies(config.copies);
			return copies.length === 0 ? counts : { ...counts, copies };
		}
		const open = await openStore({ ...config, store: storeConfig }, context);
		try {
			const given = { ...options, context, url, store: open.store, place: placeOf(open, name), signal };
			const noting = (onBegun: () => void) =>
				notingFailure(given, onBegun, (begun) => backUpOnce({ ...given, onBegun: begun, sawNewest }));
			return await watchRun(given, noting);
		} finally {
			await open.store.close();
		}
	} finally {
		deadline.stop();
	}
}

interface Run extends NightlyOptions {
	readonly context: JobContext;
	readonly url: DatabaseUrl;
	readonly store: Store;
	readonly place: Place;
	readonly signal: AbortSignal;
	/** Told when the lease is taken. */
	readonly onBegun: () => void;
	readonly sawNewest: SawNewest;
}

async function backUpOnce(run: Run): Promise<NightlyResult> {
	const { context, store, place, signal } = run;
	const day = context.clock.now().toISOString().slice(0, 10);
	const before = await inStep('looking for the backup of the day', () => findOfDay(run, day));
	if (before) run.sawNewest(before);
	if (before && run.config.copies.length === 0) return skipped(before);
	const ttlMs = Math.max(0, run.deadlineAt - context.clock.now().getTime()) + LEASE_MARGIN_MS;
	const options = { ...context, ttlMs, nightlyUntil: run.deadlineAt, signal };
	let lease: Lease;
	try {
		lease = await inStep('taking the lease', () => takeLease(store, place, options));
	} catch (error) {
		// Whoever has it makes the copies good.
		if (before && hasCode(error, 'LEASE_HELD')) return skipped(before);
		throw error;
	}
	run.onBegun();
	try {
		// The run that had the lease before may have done it.
		const meanwhile = before ?? (await inStep('looking for the backup of the day', () => findOfDay(run, day)));
		if (meanwhile) return { ...skipped(meanwhile), ...(await copyUnder(run, lease, null)) };
		const left: BranchFate[] = [];
		const manifest = await backUpUnder(lease, run, day, left);
		run.sawNewest(manifest);
		const unset = unsetKeys(manifest);
		if (unset.length > 0) run.log({ event: 'backup.keys-unset', variables: unset });
		const swept = await sweepAfter(store, place, context, signal);
		run.log({ event: 'backup.committed', ...factsOf(manifest) });
		let plan: PrunePlan | null = null;
		const { retention } = run.config;
		const recent = new RecentSizes(manifest.id);
		const seen = new SeenManifests();
		seen.see(manifest);
		const onManifest = (one: Manifest) => {
			recent.see(one);
			seen.see(one);
		};
		const onPlan = (made: PrunePlan) => {
			plan = made;
		};
		const pruning = { retention, lease, context, onPlan, onManifest };
		const pruned = await pruneAfter(store, place, pruning, signal);
		if ('pruneFailed' in pruned) run.log({ event: 'prune.failed', error: pruned.pruneFailed });
		const comparing = { limits: run.config.watch, recent: plan && recent, signal };
		const compared = await compareAfter(store, place, manifest, comparing);
		run.log({ event: 'backup.tended', ...swept, ...pruned, ...compared });
		await keepHistory({ ...run, seen });
		return {
			status: 'done',
			backup: {
				...summarize(manifest),
				...swept,
				...pruned,
				...compared,
				...(left.length > 0 && { branchesLeft: left }),
			},
			...(await copyUnder(run, lease, plan)),
		};
	} finally {
		await lease.release(AbortSignal.timeout(RELEASE_MS)).catch((error) => {
			// It expires by itself; the result of the run is what matters now.
			run.log({ event: 'lease.left', error: toLifeboatError(error).code });
		});
	}
}

/** @param left takes the branches that could not be dropped */
function backUpUnder(lease: Lease, run: Run, day: string, left: BranchFate[]): Promise<Manifest> {
	const { config, context, signal, store, place, log } = run;
	const backUp = (database: Database) =>
		makeBackup({
			database,
			store,
			namesOf: namesAt(place, config.recipients.length > 0),
			recipients: config.recipients,
			lease,
			context,
			signal,
			trigger: { kind: run.trigger, day },
			label: null,
			only: null,
			proof: config.proof,
			beside: besideOf(config),
			scratchDir: config.scratchDir,
			onPart: (part) => log({ event: 'backup.part', part }),
			onLost: (error) => log({ event: 'backup.again', error: toLifeboatError(error).code }),
		});
	const onBranch = (fate: BranchFate) => {
		log({ event: fate.leftFor === null ? 'branch.dropped' : 'branch.left', ...fate });
		if (fate.leftFor !== null) left.push(fate);
	};
	return withSource({ config: { ...config, database: run.url }, context, signal, onBranch }, backUp);
}

/**
 * Copies to the further stores what they lack of what is kept, and then prunes them, one after another: they share the
 * lease. The run is done by now: what fails is told in the verdicts alone.
 *
 * @param plan of the first store's prune; null if none was made
 */
async function copyUnder(run: Run, lease: Lease, plan: PrunePlan | null): Promise<{ copies?: CopyResult[] }> {
	const { config, context, signal, store, place, log } = run;
	if (config.copies.length === 0) return {};
	const { worth, held } = await keptOf(run, plan);
	const onCopy = (copy: string, id: string) => log({ event: 'copy.part', copy, id });
	const copies: CopyResult[] = await copyToAll({ store, place }, place.name, {
		copies: config.copies,
		context,
		signal,
		worth,
		onCopy,
	});
	for (const { status, name, error, missing } of copies)
		log({ event: status === 'done' ? 'copy.done' : 'copy.failed', copy: name, missing, ...(error && { error }) });
	const options = { retention: config.retention, lease, context, held, signal };
	for (const [nth, copy] of config.copies.entries()) {
		const pruned = await pruneCopy(copy, place.name, options);
		copies[nth] = { ...(copies[nth] as CopyResult), ...pruned };
		if (pruned && 'pruneFailed' in pruned) log({ event: 'prune.failed', copy: copy.name, error: pruned.pruneFailed });
	}
	return { copies };
}

/** What the rules keep in the first store, and what is held there, which binds the copies too; all where that cannot be told. */
async function keptOf(
	{ store, place, config, context, signal }: Run,
	plan: PrunePlan | null,
): Promise<{
	readonly worth?: ReadonlySet<string>;
	readonly held: ReadonlyMap<string, string>;
}> {
	try {
		const options = { retention: config.retention, now: context.clock.now(), allowLarge: false, signal };
		const { verdicts } = plan ?? (await planPrune(store, place, options));
		const kept = verdicts.filter(({ keep }) => keep).map(({ backup }) => backup);
		const held = kept.flatMap(({ id, heldFor }): [string, string][] => (heldFor === null ? [] : [[id, heldFor]]));
		return { worth: new Set(kept.map(({ id }) => id)), held: new Map(held) };
	} catch {
		// The copies themselves tell what is wrong with the first store.
		return { held: new Map() };
	}
}

/** Sizes in bytes; the whole took `durationMs`, of which its proof took `proofMs`. */
function factsOf({ id, durationMs, tables, rows, plainBytes, object, proof }: Manifest) {
	const sizes = { tables: tables.length, rows, bytes: object.bytes, plainBytes };
	return { id, durationMs, proof: proof.kind, proofMs: proof.durationMs, ...sizes };
}

function skipped(manifest: Manifest): Extract<NightlyResult, { status: 'skipped' }> {
	return {
		status: 'skipped',
		reason: `the backup of ${manifest.trigger.day} is there already`,
		backup: summarize(manifest),
	};
}

/** The scheduled backup of a day, if it has been made. */
async function findOfDay(run: Run, day: string): Promise<Manifest | null> {
	for await (const id of backupIdsOfDay(run.store, run.place, day, run.signal)) {
		const manifest = await readListed(run, id);
		if (manifest?.trigger.day === day) return manifest;
	}
	return null;
}

/** Null if it cannot be read: it does not count, as a second backup is safer than none. */
async function readListed({ store, place, signal }: Run, id: string): Promise<Manifest | null> {
	try {
		return await readListedManifest(store, place, id, signal);
	} catch (error) {
		if (hasCode(error, 'MANIFEST_INVALID')) return null;
		throw error;
	}
}
