import type { DrillReport } from './drill-report';

/** What a drill has in common with a restore, or has not. */
export type Unlike = 'store' | 'target' | 'machine' | 'size';

/** How long a restore will take, told by drills. */
export interface RecoveryEstimate {
	readonly durationMs: number;
	/** How many drills it is made of. */
	readonly drills: number;
	/** When the newest of them was. */
	readonly newestAt: string;
	/** In what these drills were not like the restore, which makes it a rough guess. */
	readonly unlike: readonly Unlike[];
}

export interface RestoreFacts {
	/** As in a report's `backup`. */
	readonly where: string;
	/** Before compression. */
	readonly plainBytes: number;
	readonly target: 'file' | 'server';
	/** Whether it is run by hand. */
	readonly isByHand: boolean;
}

/** Drills that are heeded: what was long ago was another machine and network. */
const MOST_DRILLS = 5;
/** A backup so many times as large, or as small, tells little. */
const FAR_IN_SIZE = 4;
/** Files of these sizes are made alike. */
const SMALLEST_BYTES = 100_000;

/** By how much each difference makes a drill less fit. */
const WEIGHTS: Readonly<Record<Unlike, number>> = { target: 4, store: 2, machine: 2, size: 1 };

interface Candidate {
	readonly at: string;
	readonly durationMs: number;
	readonly unlike: readonly Unlike[];
}

/**
 * Estimates how long a restore will take from drills that were proven: from those most like it, newest first. What took
 * time by the size of the backup is scaled by it.
 *
 * @param reports newest first
 * @returns null if no drill tells
 */
export function estimateRecovery(reports: readonly DrillReport[], restore: RestoreFacts): RecoveryEstimate | null {
	const candidates = reports.flatMap((report) => candidateOf(report, restore) ?? []);
	const weightOf = ({ unlike }: Candidate) => unlike.reduce((sum, what) => sum + WEIGHTS[what], 0);
	const least = Math.min(...candidates.map(weightOf));
	const best = candidates.filter((one) => weightOf(one) === least).slice(0, MOST_DRILLS);
	const [newest] = best;
	if (newest === undefined) return null;
	const durations = best.map(({ durationMs }) => durationMs).sort((one, other) => one - other);
	return {
		// Of an even number the longer: nobody is glad of too short a promise.
		durationMs: Math.round(durations[durations.length >> 1] as number),
		drills: best.length,
		newestAt: newest.at,
		unlike: newest.unlike,
	};
}

function candidateOf(report: DrillReport, restore: RestoreFacts): Candidate | null {
	const { recovery, backup, steps } = report;
	if (recovery.durationMs === null || backup === null || backup.plainBytes === null) return null;
	const ratio = Math.max(restore.plainBytes, SMALLEST_BYTES) / Math.max(backup.plainBytes, SMALLEST_BYTES);
	const bySize = steps.filter(({ name }) => name === 'read' || name === 'restore' || name === 'compare');
	const scaledMs = bySize.reduce((sum, { durationMs }) => sum + durationMs, 0);
	const unlike: Unlike[] = [];
	if ((report.target === 'server') !== (restore.target === 'server')) unlike.push('target');
	if (backup.where !== restore.where) unlike.push('store');
	if ((report.trigger === 'cli') !== restore.isByHand) unlike.push('machine');
	if (ratio > FAR_IN_SIZE || ratio < 1 / FAR_IN_SIZE) unlike.push('size');
	return { at: report.at, durationMs: recovery.durationMs - scaledMs + scaledMs * ratio, unlike };
}
