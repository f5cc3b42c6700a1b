import type { Manifest } from '../../lib/backup/manifest';
import { keptBy, planAt } from '../support/backup-facts';
import { factsFrom } from './facts-from';
import { fillStore } from './fill-store';
import type { SceneSetup } from './open-scene';
import { daysFrom, drillOf, type Night, nightOf } from './shop-nights';

export type SceneName =
	| 'healthy'
	| 'stale'
	| 'failed'
	| 'missed'
	| 'shrunk'
	| 'sealed'
	| 'empty'
	| 'unreachable'
	| 'misconfigured';

const RECIPIENT = 'age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg';
/** Nights of the year that were not as the others. Null: no backup was made. */
const ODD: Readonly<Record<string, Night | null>> = {
	'2026-01-17': null,
	'2026-03-08': { proof: 'read', notes: ['the scratch folder had no room for a restore'] },
	'2026-03-09': { proof: 'read', notes: ['the scratch folder had no room for a restore'] },
	'2026-05-30': null,
	'2026-05-31': null,
	'2026-08-21': { proof: 'none' },
	'2026-10-12': null,
};
const BY_HAND = { byHandAt: '13:42', label: 'pre-migration' };

/** Every backup that the shop has ever made, oldest first. */
const YEAR: readonly Manifest[] = daysFrom('2025-11-18', '2026-11-20').flatMap((day) => {
	const odd = ODD[day];
	if (odd === null) return [];
	const nights = [nightOf(day, odd)];
	if (day === '2026-11-12') nights.push(nightOf(day, BY_HAND));
	return nights;
});
/** The last weeks of it, up to yesterday. */
const WEEKS = YEAR.filter(({ createdAt }) => createdAt >= '2026-10-20' && createdAt < '2026-11-20');

function newestOf(manifests: readonly Manifest[]): Manifest {
	return manifests[manifests.length - 1] as Manifest;
}

function nightBefore(day: string): Manifest {
	return newestOf(YEAR.filter(({ createdAt }) => createdAt.slice(0, 10) <= day));
}

const DRILLS = daysFrom('2025-12-01', '2026-11-01')
	.filter((day) => day.endsWith('-01'))
	.map((day, at) => drillOf(day, nightBefore(day), day === '2026-06-01' ? 3_912_000 : 92_000 + at * 4_300));

const HELD = nightBefore('2026-07-01');

/** What the rules keep of some backups this morning, and what they have removed. */
function pruned(manifests: readonly Manifest[], held: readonly string[]) {
	const facts = manifests.map((manifest) => factsFrom(manifest, held.includes(manifest.id)));
	const kept = new Set(keptBy(planAt(facts)).map(({ id }) => id));
	return {
		manifests: manifests.filter(({ id }) => kept.has(id)),
		removed: manifests.filter(({ id }) => !kept.has(id)),
	};
}

const SLACK = { BACKUP_ALERT_SLACK_URL: 'https://hooks.slack.example/services/T0/B0/x' };
const RUNBOOK = { STATUS_RUNBOOK_URL: 'https://github.com/acme/shop/blob/main/docs/runbook.md' };

/** What the alerts remember of a run that failed at `at`. */
function alertsOf(at: string, error: string | null) {
	return { alerts: 1, by: 'test', problems: {}, channels: { slack: { at, error } } };
}

function idsOf(manifests: readonly Manifest[]): string[] {
	return manifests.map(({ id }) => id);
}

/** A night like no other: rows lost, a table gone, and one whose name is not to be trusted. */
const SHRUNK = nightOf('2026-11-20', {
	rows: { orders: 3_100, customers: 0, invoices: null, '<img src=x onerror=alert(1)> & "quotes"': 7 },
});
const SEALED = daysFrom('2026-11-01', '2026-11-20').map((day) => nightOf(day, { recipients: [RECIPIENT] }));

/** What the rules have removed in `healthy`: only the summary tells of it. */
export const REMOVED: readonly Manifest[] = pruned(YEAR, [HELD.id]).removed;

/** Ids that tests go to. */
export const BACKUPS = {
	/** Of all scenes with a backup of last night, but `shrunk`'s, which has another of the same id. */
	newest: newestOf(YEAR).id,
	held: HELD.id,
};

/** The states that the site may be in, as its operator finds it. */
export const SETUPS: Readonly<Record<SceneName, SceneSetup>> = {
	/** A year of nights, pruned by the rules, with all that goes with them; the last one proven. */
	healthy: {
		env: { ...SLACK, ...RUNBOOK },
		fill(blob, offsite) {
			const { manifests, removed } = pruned(YEAR, [HELD.id]);
			return fillStore(blob, offsite, {
				manifests,
				removed,
				drills: DRILLS,
				holds: { [HELD.id]: 'audit of the second quarter' },
				failures: [
					{ day: '2026-01-17', at: '2026-01-17T02:00:09.000Z', code: 'DATABASE_UNREACHABLE' },
					{ day: '2026-05-30', at: '2026-05-30T02:00:04.000Z', code: 'STORE_REFUSED' },
				],
				beside: { 'alerts.json': alertsOf('2026-05-30T02:00:11.000Z', null) },
				copied: idsOf(manifests),
				summedUpAt: '2026-11-20T02:00:51.000Z',
			});
		},
	},
	/** Nothing has called since Monday, and the copy lags. */
	stale: {
		env: RUNBOOK,
		fill(blob, offsite) {
			const manifests = WEEKS.filter(({ createdAt }) => createdAt < '2026-11-17');
			const copied = idsOf(manifests).slice(0, -6);
			return fillStore(blob, offsite, { manifests, copied, summedUpAt: '2026-11-16T02:00:40.000Z' });
		},
	},
	/** Last night's run failed. */
	failed: {
		env: SLACK,
		fill: (blob, offsite) =>
			fillStore(blob, offsite, {
				manifests: WEEKS,
				copied: idsOf(WEEKS),
				failures: [{ day: '2026-11-20', at: '2026-11-20T02:00:07.000Z', code: 'DATABASE_UNREACHABLE' }],
				beside: { 'alerts.json': alertsOf('2026-11-20T02:00:31.000Z', 'ALERT_FAILED') },
				summedUpAt: '2026-11-19T02:00:40.000Z',
			}),
	},
	/** Last night nobody called. */
	missed: {
		fill: (blob, offsite) =>
			fillStore(blob, offsite, {
				manifests: WEEKS,
				copied: idsOf(WEEKS),
				summedUpAt: '2026-11-19T02:00:40.000Z',
			}),
	},
	/** Last night's backup is proven, and has lost rows. */
	shrunk: {
		env: RUNBOOK,
		fill(blob, offsite) {
			const manifests = [...WEEKS, SHRUNK];
			return fillStore(blob, offsite, {
				manifests,
				copied: idsOf(manifests),
				summedUpAt: '2026-11-20T02:00:51.000Z',
			});
		},
	},
	sealed: {
		env: { BACKUP_AGE_RECIPIENTS: RECIPIENT },
		fill: (blob, offsite) =>
			fillStore(blob, offsite, {
				manifests: SEALED,
				copied: idsOf(SEALED),
				summedUpAt: '2026-11-20T02:00:51.000Z',
			}),
	},
	/** Nothing was ever backed up. */
	empty: { fill: (blob, offsite) => fillStore(blob, offsite, { manifests: [], summedUpAt: null }) },
	unreachable: { isStoreDown: true, env: RUNBOOK },
	misconfigured: { env: { BACKUP_RETENTION: 'a week', TURSO_DATABASE_URL: 'shop-acme.turso.io' } },
};
