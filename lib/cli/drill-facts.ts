import { formatBytes, formatCount, formatDurationMs } from '../core/quantities';
import type { DrillOutcome } from '../jobs/drill';

export type Report = DrillOutcome['report'];

const TARGETS: Readonly<Record<Report['target'], string>> = {
	scratch: 'a scratch database, deleted again',
	file: 'a file that was named; it is left there',
	server: 'a database that was named; what was restored is left in it',
};

const STEPS: Readonly<Record<Report['steps'][number]['name'], string>> = {
	find: 'find the backup',
	prepare: 'make the scratch database',
	read: 'read it whole, and check it',
	restore: 'read it again, and restore',
	compare: 'compare every digest',
	delete: 'delete the scratch database',
};

/** What a drill has found, as words and what there is to say of them, in order. */
export function factsOf(report: Report): [word: string, text: string][] {
	const { backup, recovery, point, failure } = report;
	const holds =
		backup?.rows == null || backup.plainBytes === null
			? []
			: [
					`${formatCount(backup.rows)} rows, ${formatBytes(backup.plainBytes)}${backup.isSealed ? ', sealed' : ''}${backup.isPartial ? ', of SOME TABLES ONLY' : ''}`,
				];
	const verdict =
		failure === null ? 'passed' : `FAILED: ${failure.code}${failure.step === null ? '' : `, ${failure.step}`}`;
	return [
		['drill', `${report.id}, ${verdict}`],
		['backup', backup === null ? 'none was found' : `${backup.id} (${backup.where})`],
		...holds.map((text): [string, string] => ['holds', text]),
		['into', TARGETS[report.target]],
		[
			'recovery',
			recovery.durationMs === null
				? 'none was proven'
				: `${formatDurationMs(recovery.durationMs)}; ${formatDurationMs(recovery.limitMs)} allowed`,
		],
		[
			'age',
			point.ageMs === null
				? 'unknown'
				: `${formatDurationMs(point.ageMs)}; ${point.limitMs === null ? 'not judged, as the backup was named' : `${formatDurationMs(point.limitMs)} allowed`}`,
		],
		...report.notes.map((text): [string, string] => ['note', text]),
	];
}

/** The steps of a drill, and how long each took. */
export function stepsOf({ steps }: Report): [step: string, took: string][] {
	return steps.map(({ name, durationMs }) => [STEPS[name], formatDurationMs(durationMs)]);
}
