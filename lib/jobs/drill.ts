import { newDrillId } from '../backup/backup-id';
import { DRILL_VERSION, type DrillReport, type DrillStep } from '../backup/drill-report';
import type { Progress } from '../backup/encode-snapshot';
import { isSealed } from '../backup/manifest';
import { EVERYTHING } from '../backup/selection';
import type { Config } from '../config/config';
import { resolveTarget } from '../config/restore-target';
import type { DatabaseUrl } from '../core/database-url';
import { startDeadline } from '../core/deadline';
import { type LifeboatError, toLifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import { type FoundBackup, findBackup } from './backup-source';
import { type JobContext, systemContext } from './context';
import { type Kept, keepReport } from './drill-kept';
import { explain, missedTarget, tellsOfBackup } from './drill-verdict';
import type { KeyOptions } from './keys';
import { type ObservedOptions, observed } from './observed';
import { type RestoreFoundOptions, type RestoreJobResult, restoreFound } from './restore';
import { diskBytesOf, openScratchFolder } from './scratch';
import { StepTimes } from './step-times';
import type { LookOptions } from './stores';

/** Kept back for deleting the scratch database, keeping the report, telling of it and answering, in ms. */
const RESERVE_MS = 30_000;
const MINUTE_MS = 60_000;

export interface DrillOptions extends KeyOptions, LookOptions {
	readonly config: Config;
	/** `latest`, an id, or the path of a file. */
	readonly backup: string;
	/** The URL of an empty database to restore into; undefined: a scratch database, deleted again. */
	readonly to?: string;
	readonly cwd: string;
	/** Functions and modules, in lower case, that may stand in the schema though they could act. */
	readonly allowFunctions?: ReadonlySet<string>;
	readonly trigger: DrillReport['trigger'];
	/** When the process will be ended, in ms since the epoch; null: it will not. */
	readonly deadlineAt: number | null;
	readonly onPart?: (part: DrillStep, total: Progress | null) => void;
	readonly onProgress?: (progress: Progress) => void;
	readonly onLost?: (error: unknown) => void;
	readonly onUntold?: ObservedOptions['onUntold'];
}

/** How a drill ended. */
export interface DrillOutcome {
	readonly report: DrillReport;
	readonly kept: Kept;
	/** Why the drill is no pass, or that its report could not be kept; null: neither. */
	readonly error: LifeboatError | null;
}

/**
 * Rehearses a recovery: finds a backup, restores it as `restoreBackup` does, with every guard and the comparison of every
 * digest, and measures each step. Keeps a report in the configured store. Takes no lease, as it changes no backup, and two
 * drills do not meet.
 *
 * @returns a drill that failed, too: that is what it was made to tell
 * @throws LifeboatError where nothing was tried: `USAGE_INVALID`, `CONFIG_INVALID`, a database of `to` that is not empty,
 *   `ABORTED`, by hand also `KEY_NEEDED` and `KEY_WRONG`
 */
export function runDrill(options: DrillOptions, context: JobContext = systemContext): Promise<DrillOutcome> {
	const { config, deadlineAt, onUntold } = options;
	return observed('drill', { config, deadlineAt, context, onUntold }, () => drillInTime(options, context));
}

async function drillInTime(options: DrillOptions, context: JobContext): Promise<DrillOutcome> {
	const { deadlineAt, signal } = options;
	if (deadlineAt === null) return drill(options, context);
	const deadline = startDeadline(context.clock, deadlineAt, RESERVE_MS, signal);
	try {
		return await drill({ ...options, signal: deadline.signal }, context);
	} finally {
		deadline.stop();
	}
}

async function drill(options: DrillOptions, context: JobContext): Promise<DrillOutcome> {
	const { config, to, cwd, trigger } = options;
	const startedAt = context.clock.now();
	const target = to === undefined ? null : resolveTarget(config, to, cwd);
	const tried = await tryRecovery(target, options, context);
	const { backup, steps, recoveryMs, notes } = tried;
	const ageMs = backup?.createdAt ? startedAt.getTime() - Date.parse(backup.createdAt) : null;
	const recovery = { durationMs: recoveryMs, limitMs: config.rtoMinutes * MINUTE_MS };
	const point = { ageMs, limitMs: options.backup === 'latest' ? config.rpoMinutes * MINUTE_MS : null };
	const failure = tried.failure ?? missedTarget(recovery, point, backup?.isPartial ?? false);
	const report: DrillReport = {
		drill: DRILL_VERSION,
		id: newDrillId(startedAt, context.random),
		at: startedAt.toISOString(),
		trigger,
		backup,
		target: target === null ? 'scratch' : target.kind === 'file' ? 'file' : 'server',
		steps: [...steps],
		recovery,
		point,
		notes: [...notes],
		failure: failure && {
			code: failure.code,
			step: failure.data.step === undefined ? null : String(failure.data.step),
		},
	};
	const { kept, error } = await keepReport(report, config, context);
	return { report, kept, error: failure ?? error };
}

interface Tried extends Pick<DrillReport, 'backup' | 'notes'> {
	readonly steps: StepTimes<DrillStep>['steps'];
	/** Until the restored database was proven; null: it was not. */
	readonly recoveryMs: number | null;
	readonly failure: LifeboatError | null;
}

/** @param target null: a scratch database */
async function tryRecovery(target: DatabaseUrl | null, options: DrillOptions, context: JobContext): Promise<Tried> {
	const times = new StepTimes<DrillStep>(context.clock);
	const begin = (step: DrillStep, total: Progress | null = null) => {
		times.begin(step);
		options.onPart?.(step, total);
	};
	let backup: DrillReport['backup'] = null;
	let recoveryMs: number | null = null;
	let notes: string[] = [];
	let failure: LifeboatError | null = null;
	try {
		begin('find');
		const found = await inStep('finding the backup', () => findBackup(options.backup, options, context));
		try {
			const facts = factsOf(found);
			backup = facts;
			const restore = restoreOptions(options, begin);
			const use = (url: DatabaseUrl) => restoreFound(found, url, restore, context);
			const result = await (target === null ? inScratch(found, options, begin, use) : use(target));
			if (result.prepared.plan.refusal !== null) throw result.prepared.plan.refusal;
			const { verified } = result.prepared;
			const { createdAt = null } = verified.contents.header ?? {};
			backup = { ...facts, createdAt, rows: verified.trailer.rows, plainBytes: verified.counted.plainBytes };
			notes = notesOf(result);
			times.end();
			recoveryMs = times.steps.reduce((sum, { name, durationMs }) => sum + (name === 'delete' ? 0 : durationMs), 0);
		} finally {
			await found.close();
		}
	} catch (error) {
		failure = explain(toLifeboatError(error), options.trigger);
		if (!tellsOfBackup(failure, options.trigger)) throw failure;
	}
	times.end();
	return { backup, notes, steps: times.steps, recoveryMs, failure };
}

async function inScratch(
	{ manifest }: FoundBackup,
	{ config }: DrillOptions,
	begin: (step: DrillStep) => void,
	use: (url: DatabaseUrl) => Promise<RestoreJobResult>,
): Promise<RestoreJobResult> {
	begin('prepare');
	const scratch = await inStep('making the scratch database', () =>
		openScratchFolder(config.scratchDir, diskBytesOf(manifest?.plainBytes ?? 0)),
	);
	try {
		return await use({ kind: 'file', path: scratch.path });
	} catch (error) {
		throw scratch.explain(error);
	} finally {
		begin('delete');
		await scratch.close();
	}
}

function notesOf({ restored, prepared }: RestoreJobResult): string[] {
	const lacking = prepared.verified.contents.tables.reduce((sum, { omitted }) => sum + omitted, 0);
	return [
		...(restored?.refusals ?? []).map(({ object, reason }) => `${object} was not compared: ${reason}`),
		...(lacking > 0 ? [`the backup lacks ${lacking} rows, which could not be carried`] : []),
	];
}

function restoreOptions(
	options: DrillOptions,
	begin: (step: DrillStep, total: Progress | null) => void,
): RestoreFoundOptions {
	const { config, signal, onProgress, onLost } = options;
	const steps = { reading: 'read', restoring: 'restore', comparing: 'compare' } as const;
	return {
		config,
		confirm: true,
		parts: EVERYTHING,
		resume: false,
		onlyFresh: true,
		allowFunctions: options.allowFunctions ?? new Set(),
		signal,
		onPart: (part, total) => begin(steps[part], total),
		onProgress,
		onLost,
	};
}

function factsOf({ title, where, manifest }: FoundBackup): NonNullable<DrillReport['backup']> {
	return {
		id: title,
		where,
		createdAt: manifest?.createdAt ?? null,
		rows: manifest?.rows ?? null,
		plainBytes: manifest?.plainBytes ?? null,
		isSealed: manifest !== null && isSealed(manifest),
		isPartial: manifest !== null && manifest.only !== null,
	};
}
