import type { BackupFacts } from '../../lib/backup/facts';
import { factsOfManifest } from '../../lib/backup/history';
import type { Manifest } from '../../lib/backup/manifest';
import type { StatusFacts } from '../../lib/status/facts';
import type { BackupPoint } from '../../lib/status/view';
import { backupOf } from './backup-facts';
import { yearOf } from './year-of-backups';

/** The point of a backup that is there. */
export function pointOf(manifest: Manifest, more: Partial<BackupPoint> = {}): BackupPoint {
	return { ...factsOfManifest(manifest), isThere: true, heldFor: null, ...more };
}

/** Facts of a shop whose backups have been made each night for `nights` nights, seen at `now`: all is well. */
export function factsAt(now: string, nights = 10, more: Partial<StatusFacts> = {}): StatusFacts {
	const { manifests } = yearOf({ now, nights });
	const newestFirst = [...manifests].reverse();
	const [good = null] = newestFirst;
	const kept: BackupFacts[] = newestFirst.map(({ id, createdAt }) => backupOf(createdAt, { id }));
	return {
		now: new Date(now),
		database: 'shop',
		freshness: { readAt: now, summaryAt: now, summary: 'kept' },
		points: newestFirst.map((manifest) => pointOf(manifest)),
		unreadable: [],
		kept,
		failures: [],
		isKnownDay: () => true,
		good,
		whole: newestFirst.slice(0, 2),
		lostRun: null,
		drills: yearOf({ now, nights: 40 }).drills.slice(-1),
		recoveryMs: 110_000,
		copies: [],
		store: { name: 'primary', where: 'Vercel Blob' },
		unread: [],
		holds: [],
		channels: [{ name: 'slack', at: null, error: null }],
		isTold: true,
		unset: [],
		retention: { daily: 7, weekly: 5, monthly: 12, yearly: 7 },
		targets: { rtoMs: 3_600_000, rpoMs: 88_200_000 },
		limits: {
			maxAgeHours: 26,
			drillMaxAgeDays: 35,
			copyMaxAgeHours: 26,
			rowsDropPercent: 50,
			sizeDropPercent: 50,
			ignoredTables: [],
		},
		configuration: [],
		runbookUrl: null,
		...more,
	};
}
