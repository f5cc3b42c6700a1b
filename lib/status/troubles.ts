import { findShrinks, type Shrink, sizeOf } from '../backup/shrink';
import { causeOf } from './causes';
import type { StatusFacts } from './facts';
import type { Section } from './runbook';
import type { CalendarDay, RetentionView, Standing, StoreStanding } from './view';
import { ageWords, counted, momentWords } from './words';

/** Something that is wrong, or worth doing. */
export interface Trouble {
	readonly standing: Exclude<Standing, 'good'>;
	/** Reads as the first half of a sentence. */
	readonly clause: string;
	/** ISO 8601; null: nobody knows. */
	readonly since: string | null;
	readonly action: string | null;
	readonly section: Section | null;
	/** It makes nothing less recoverable now. */
	readonly isAdvice?: true;
}

const HOUR_MS = 3_600_000;
/** Of manifests for which there was no time. */
const NOT_READ = 'DEADLINE_NEAR';
const BY_HAND = 'npx tsx scripts/backup-turso.ts --write --upload';

/** What else a view has found that troubles are seen by. */
export interface Seen {
	readonly calendar: readonly CalendarDay[];
	readonly copies: readonly StoreStanding[];
	readonly retention: RetentionView;
}

/** All that is wrong, the worst first; then what is worth doing. */
export function troublesOf(facts: StatusFacts, seen: Seen): Trouble[] {
	return [
		...ofBackups(facts),
		...ofRuns(facts, seen),
		...seen.copies.flatMap((copy) => ofCopy(copy, facts)),
		...ofDrills(facts),
		...ofTables(facts),
		...ofStore(facts, seen),
		...ofTelling(facts),
	];
}

function ofBackups({ good, points, now, limits, failures, lostRun }: StatusFacts): Trouble[] {
	const action = `see why, then call the cron route, or make a backup by hand: ${BY_HAND}`;
	const section = 'backups-stopped';
	if (good === null) {
		const isFirstRun = points.length === 0 && failures.length === 0 && lostRun === null;
		return isFirstRun ? [] : [{ standing: 'bad', clause: 'there is no proven backup', since: null, action, section }];
	}
	const madeAt = Date.parse(good.createdAt);
	const limitMs = limits.maxAgeHours * HOUR_MS;
	if (now.getTime() - madeAt <= limitMs) return [];
	const clause = `the newest proven backup is ${ageWords(now.getTime() - madeAt)} old`;
	return [{ standing: 'bad', clause, since: new Date(madeAt + limitMs).toISOString(), action, section }];
}

/** A run that was killed, failed or did not come since the newest proven backup. */
function ofRuns({ lostRun, failures, good, now, unset }: StatusFacts, { calendar }: Seen): Trouble[] {
	const troubles: Trouble[] = [];
	if (lostRun !== null) {
		const clause = `the run of ${momentWords(lostRun.since, now)} was killed`;
		const action = 'give it more time (maxDuration), or set BACKUP_PROOF=read';
		troubles.push({
			standing: 'warning',
			clause,
			since: lostRun.since.toISOString(),
			action,
			section: 'backups-stopped',
		});
	}
	const failed = failures.filter(({ at }) => good === null || at > good.createdAt);
	const last = failed[failed.length - 1];
	if (last !== undefined) {
		const { meaning, action, section } = causeOf(last.code);
		const times = failed.length === 1 ? '' : `, as on ${counted(failed.length - 1, 'day')} before it`;
		const clause = `the run of ${momentWords(new Date(last.at), now)} failed (${last.code}: ${meaning})${times}`;
		troubles.push({ standing: 'warning', clause, since: failed[0]?.at ?? null, action, section });
	}
	const today = calendar[calendar.length - 1];
	if (today?.standing === 'missed' && unset.length === 0) {
		const clause = 'the run of today did not come';
		const action = 'is the cron job on, and the route behind no login, no redirect and no other secret?';
		troubles.push({ standing: 'warning', clause, since: null, action, section: 'backups-stopped' });
	}
	return troubles;
}

function ofCopy({ name, error, newestAt, standing }: StoreStanding, { now, good }: StatusFacts): Trouble[] {
	// What nothing can be copied of is no fault of the copy.
	if (standing !== 'bad' || (error === null && good === null)) return [];
	const clause =
		error !== null
			? `the copy ${name} cannot be asked (${error}: ${causeOf(error).meaning})`
			: newestAt === null
				? `the copy ${name} has no backup`
				: `the newest backup in the copy ${name} is ${ageWords(now.getTime() - Date.parse(newestAt))} old`;
	const action = 'see its keys and its bucket, then: npx tsx scripts/copy-backups.ts --confirm';
	return [{ standing: 'warning', clause, since: null, action, section: 'backups-stopped' }];
}

function ofDrills({ drills: [drill], now, limits, good }: StatusFacts): Trouble[] {
	const action = 'npx tsx scripts/drill.ts';
	const section = 'backup-found-damaged';
	if (drill === undefined) {
		const clause = 'no drill has been made, so nobody knows how long a recovery takes';
		return good === null ? [] : [{ standing: 'unknown', clause, since: null, action, section: null, isAdvice: true }];
	}
	const when = momentWords(new Date(drill.at), now);
	if (drill.failure !== null) {
		const { code } = drill.failure;
		const clause = `the drill of ${when} failed (${code}: ${causeOf(code).meaning})`;
		return [{ standing: 'warning', clause, since: drill.at, action: `see the code, then: ${action}`, section }];
	}
	const ageMs = now.getTime() - Date.parse(drill.at);
	if (ageMs <= limits.drillMaxAgeDays * 24 * HOUR_MS) return [];
	return [
		{ standing: 'warning', clause: `the newest drill is ${ageWords(ageMs)} old`, since: null, action, section: null },
	];
}

/** Of the newest whole backup, by the one before it. */
function ofTables({ whole: [newest, before], limits }: StatusFacts): Trouble[] {
	const [now, then] = [newest && sizeOf(newest), before && sizeOf(before)];
	if (!newest || !before || !now || !then) return [];
	const shrinks = findShrinks(now, [then], limits).filter(({ table }) => table !== null);
	const [worst] = shrinks;
	if (worst === undefined) return [];
	const more = shrinks.length > 1 ? `, and ${counted(shrinks.length - 1, 'more table')} lost rows` : '';
	const action = `if that was not meant, keep the backup before it: npx tsx scripts/hold.ts ${before.id} --reason 'rows lost'`;
	const clause = `${shrinkWords(worst)}${more}`;
	return [{ standing: 'warning', clause, since: newest.createdAt, action, section: 'rows-deleted' }];
}

function shrinkWords({ what, table, before, now }: Shrink): string {
	const name = `the table ${JSON.stringify(table)}`;
	if (what === 'table-gone') return `${name} is gone, of ${counted(before, 'row')}`;
	if (what === 'table-emptied') return `${name} is empty, of ${counted(before, 'row')} before`;
	return `${name} has ${counted(now, 'row')}, of ${before} before`;
}

function ofStore({ unreadable, unread }: StatusFacts, { retention: { refusal } }: Seen): Trouble[] {
	const troubles: Trouble[] = [];
	const damaged = unreadable.filter(({ code }) => code !== NOT_READ);
	if (damaged.length > 0) {
		const codes = [...new Set(damaged.map(({ code }) => code))].join(', ');
		const clause = `${counted(damaged.length, 'manifest')} could not be read (${codes})`;
		const action = `npx tsx scripts/verify-backup.ts ${damaged[0]?.id}`;
		troubles.push({ standing: 'warning', clause, since: null, action, section: 'backup-found-damaged' });
	}
	if (damaged.length < unreadable.length) {
		const clause = `there was no time to read ${counted(unreadable.length - damaged.length, 'manifest')}`;
		const action = 'look again after the next nightly run, which sums them up';
		troubles.push({ standing: 'unknown', clause, since: null, action, section: null, isAdvice: true });
	}
	for (const { what, code } of unread) {
		const clause = `${what} could not be read (${code}: ${causeOf(code).meaning})`;
		troubles.push({ standing: 'warning', clause, since: null, action: causeOf(code).action, section: null });
	}
	// That proven backups have stopped is told already.
	if (refusal !== null && refusal.code !== 'BACKUPS_STALE') {
		const clause = `old backups are not removed (${refusal.code}: ${refusal.sentence})`;
		troubles.push({
			standing: 'warning',
			clause,
			since: null,
			action: 'npx tsx scripts/prune-backups.ts',
			section: null,
		});
	}
	return troubles;
}

function ofTelling({ channels, isTold, unset }: StatusFacts): Trouble[] {
	const troubles: Trouble[] = [];
	for (const { name, at, error } of channels) {
		if (error === null) continue;
		const clause = `the last alert to ${name} was not taken (${error})`;
		const action = 'see its address and its key: docs/alerts.md';
		troubles.push({ standing: 'warning', clause, since: at, action, section: null });
	}
	for (const variable of unset) {
		const clause = `${variable} is not set, so the schedule makes no backup`;
		const action = 'set it, and deploy: docs/configuration.md';
		troubles.push({ standing: 'unknown', clause, since: null, action, section: null, isAdvice: true });
	}
	if (!isTold) {
		const clause = 'nobody is told when a backup fails';
		const action = 'set up an alert and a heartbeat: docs/alerts.md';
		troubles.push({ standing: 'unknown', clause, since: null, action, section: null, isAdvice: true });
	}
	return troubles;
}
