import type { DrillReport } from '../backup/drill-report';
import type { DrillPoint } from './view';

/** A drill as the page shows it. */
export function drillPointOf(report: DrillReport): DrillPoint {
	const { id, at, trigger, backup, failure, recovery, point, steps } = report;
	return {
		id,
		at,
		trigger,
		backup: backup?.id ?? null,
		isPassed: failure === null,
		code: failure?.code ?? null,
		recoveryMs: recovery.durationMs,
		recoveryLimitMs: recovery.limitMs,
		pointMs: point.ageMs,
		pointLimitMs: point.limitMs,
		steps: steps.map(({ name, durationMs }) => ({ name, durationMs })),
	};
}
