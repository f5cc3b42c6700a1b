import type { DrillReport } from '../backup/drill-report';
import { hasCode, LifeboatError } from '../core/errors';

const MINUTE_MS = 60_000;

/** `RECOVERY_TARGET_MISSED` for a drill that was proven, but too slow, or whose newest backup is too old or not whole. */
export function missedTarget(
	{ durationMs, limitMs: rtoMs }: DrillReport['recovery'],
	{ ageMs, limitMs: rpoMs }: DrillReport['point'],
	isPartial: boolean,
): LifeboatError | null {
	const minutes = (ms: number) => `${(ms / MINUTE_MS).toFixed(1)} minutes`;
	const missed: string[] = [];
	if (durationMs !== null && durationMs > rtoMs)
		missed.push(`the recovery took ${minutes(durationMs)}, and ${minutes(rtoMs)} are allowed`);
	if (ageMs !== null && rpoMs !== null && ageMs > rpoMs)
		missed.push(`the newest backup was ${minutes(ageMs)} old, and ${minutes(rpoMs)} are allowed`);
	if (isPartial && rpoMs !== null)
		missed.push(
			'the newest backup has the rows of some tables only, and the age of the others is unknown: name a whole one',
		);
	if (missed.length === 0) return null;
	return new LifeboatError('RECOVERY_TARGET_MISSED', missed.join('; '), {
		hint: 'the backup itself was restored and is good; see why backups stopped or restores are slow, or change BACKUP_RTO_MINUTES or BACKUP_RPO_MINUTES',
		data: { recoveryMs: durationMs, rtoMs, ageMs, rpoMs },
	});
}

/** Claims that a failure says something of the recovery, and not only of how the drill was called. */
export function tellsOfBackup(error: LifeboatError, trigger: DrillReport['trigger']): boolean {
	if (error.class === 'usage') return trigger !== 'cli' && hasCode(error, 'KEY_NEEDED', 'KEY_WRONG');
	return !hasCode(error, 'ABORTED', 'TARGET_NOT_EMPTY', 'TARGET_IS_SOURCE', 'TARGET_MISMATCH', 'RESTORE_UNFINISHED');
}

/** A drill is not gone on with; and where the function cannot do one, a person's machine can. */
export function explain(error: LifeboatError, trigger: DrillReport['trigger']): LifeboatError {
	const { code, message, data } = error;
	const original = data.canResume === true && error.cause instanceof LifeboatError ? error.cause : error;
	const needsMachine = hasCode(error, 'KEY_NEEDED', 'KEY_WRONG', 'SCRATCH_FULL', 'DEADLINE_NEAR');
	const hint =
		trigger !== 'cli' && needsMachine
			? 'drill from a machine that has the identity, the room and the time: npx tsx scripts/drill.ts'
			: original.hint;
	return new LifeboatError(code, message, { hint, data, cause: original.cause ?? original });
}
