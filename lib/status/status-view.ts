import { calendarOf } from './calendar';
import { drillPointOf } from './drills';
import type { StatusFacts } from './facts';
import { retentionOf } from './retention';
import { linksTo } from './runbook';
import { nextRunAfter } from './schedule';
import { standingOfCopy } from './stores';
import { tablesOf } from './tables';
import { troublesOf } from './troubles';
import { verdictOf } from './verdict';
import type { StatusView, StoreStanding } from './view';

const DAY_MS = 86_400_000;
/** The list and the plots go back so far, in ms. */
const YEAR_MS = 371 * DAY_MS;
/** Of manifests that cannot be read, so many are named. */
const MOST_UNREADABLE = 100;

/** Makes the status view of what was read. Pure: the same facts, the same view. */
export function statusViewOf(facts: StatusFacts): StatusView {
	const { now, good, points, limits, freshness, unreadable } = facts;
	const nextRunAt = nextRunAfter(now);
	const linkTo = linksTo(facts.runbookUrl);
	const killedOn = facts.lostRun?.since.toISOString().slice(0, 10) ?? null;
	const ids = unreadable.map(({ id }) => id);
	const calendar = calendarOf({ ...facts, unreadable: ids, killedOn });
	const copies = facts.copies.map((copy) => standingOfCopy(copy, limits.copyMaxAgeHours, now));
	const retention = retentionOf({ ...facts, nextRunAt, unreadable: ids });
	const troubles = troublesOf(facts, { calendar, copies, retention });
	const recovery = good && { to: new Date(good.createdAt), durationMs: facts.recoveryMs };
	return {
		kind: 'status',
		database: facts.database,
		verdict: verdictOf({ now, recovery, troubles, nextRunAt, linkTo }),
		freshness: { ...freshness, unreadable: unreadable.slice(0, MOST_UNREADABLE) },
		nextRunAt: nextRunAt.toISOString(),
		calendar,
		backups: points.filter(({ createdAt }) => now.getTime() - Date.parse(createdAt) <= YEAR_MS),
		tables: tablesOf(facts.whole),
		drills: facts.drills.map(drillPointOf),
		targets: facts.targets,
		stores: [firstStore(facts), ...copies],
		retention,
		holds: facts.holds,
		channels: facts.channels,
		configuration: facts.configuration,
	};
}

/** By its newest proven backup. */
function firstStore({ store, points, good, now, limits }: StatusFacts): StoreStanding {
	const newest = points.find(({ isThere }) => isThere);
	const isBehind = good === null || now.getTime() - Date.parse(good.createdAt) > limits.maxAgeHours * 3_600_000;
	return {
		name: store.name,
		where: store.where,
		standing: newest === undefined ? 'unknown' : isBehind ? 'bad' : 'good',
		newestId: newest?.id ?? null,
		newestAt: newest?.createdAt ?? null,
		missing: 0,
		error: null,
	};
}
