import { formatDurationMs } from '../core/quantities';
import type { DrillOutcome } from '../jobs/drill';
import { factsOf, type Report, stepsOf } from './drill-facts';
import { formatTable } from './table';

/** A drill in a few lines, and the time that each step took. */
export function showDrill({ report, kept }: DrillOutcome): string {
	const lines = factsOf(report).map(([word, text]) => `${word.padEnd(9)}${text}`);
	const steps = formatTable([{ heading: 'step' }, { heading: 'took', align: 'right' }], stepsOf(report));
	return [...lines, `report   ${whereKept(kept)}`, '', steps].join('\n');
}

/** The same for `--json`. */
export function drillData({ report, kept }: DrillOutcome) {
	return { status: report.failure === null ? 'passed' : 'failed', drill: report, kept };
}

/** A table of drills. */
export function showDrills(drills: readonly Report[]): string {
	if (drills.length === 0) return 'no drills';
	const columns = [
		{ heading: 'drill' },
		{ heading: 'verdict' },
		{ heading: 'recovery', align: 'right' },
		{ heading: 'age', align: 'right' },
		{ heading: 'backup' },
		{ heading: 'by' },
	] as const;
	const duration = (ms: number | null) => (ms === null ? null : formatDurationMs(ms));
	return formatTable(
		columns,
		drills.map(({ id, failure, recovery, point, backup, trigger }) => [
			id,
			failure === null ? 'passed' : failure.code,
			duration(recovery.durationMs),
			duration(point.ageMs),
			backup?.id,
			trigger,
		]),
	);
}

function whereKept(kept: DrillOutcome['kept']): string {
	if (kept === null) return 'not kept: no store is configured';
	if ('keepFailed' in kept) return `NOT kept: ${kept.keepFailed}`;
	return kept.name;
}
