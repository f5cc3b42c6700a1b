import type { MisconfiguredView, StatusView, UnreachableView } from '../../lib/status/view';
import { CONFIGURATION, finding, retentionOf, runbook, storesOf, TABLES, table, tablesOf } from './fixture-parts';
import { makeDrills, makeYear, READ_AT, type Year, type YearOptions } from './fixture-year';

/** A status as it is when nothing is wrong, of a year of backups. */
function statusOf(year: Year): StatusView {
	const { calendar, backups } = year;
	return {
		kind: 'status',
		database: 'shop',
		verdict: {
			standing: 'good',
			word: 'Recoverable',
			sentence: 'Last proven backup 7 hours ago: you can recover to 02:00 UTC, in about 2 minutes.',
			since: null,
			action: null,
			runbook: null,
			also: [],
		},
		freshness: { readAt: READ_AT, summaryAt: '2026-11-20T02:04:41.000Z', summary: 'kept', unreadable: [] },
		nextRunAt: '2026-11-21T02:00:00.000Z',
		calendar,
		backups,
		tables: tablesOf(backups),
		drills: makeDrills(),
		targets: { rtoMs: 3_600_000, rpoMs: 88_200_000 },
		stores: storesOf(backups),
		retention: retentionOf(backups),
		holds: [],
		channels: [
			{ name: 'slack', at: '2026-10-03T02:03:11.000Z', error: null },
			{ name: 'webhook', at: null, error: null },
		],
		configuration: CONFIGURATION,
	};
}

const given = (options?: YearOptions) => statusOf(makeYear(options));

/** A year without a fault, but for days that every year has. */
export const healthy: StatusView = given({
	standings: { 48: 'failed', 131: 'read', 202: 'missed', 203: 'missed', 297: 'unproven', 298: 'read' },
});

/** Something is wrong that does not stand in the way of a recovery. */
export const atRisk: StatusView = {
	...given({ standings: { 0: 'read', 1: 'read', 48: 'failed' } }),
	verdict: {
		standing: 'warning',
		word: 'At risk',
		sentence:
			'The newest backups were read back, and not restored: you can recover to 18 November, 02:00 UTC, for sure.',
		since: '2026-11-19T02:00:12.000Z',
		action: 'See why the scratch database does not fit into /tmp, or drill from a machine.',
		runbook: runbook('Backups stopped', 'docs/runbook.md#backups-stopped'),
		also: [
			finding('warning', 'The copy offsite lacks 3 backups.', 'Run copy-backups.ts.'),
			finding('warning', 'The newest drill is 41 days old; 35 are allowed.', 'Run drill.ts.'),
			finding('bad', 'The last message to slack was not taken (404).'),
		],
	},
	freshness: {
		readAt: READ_AT,
		summaryAt: '2026-11-19T02:04:41.000Z',
		summary: 'mended',
		unreadable: [{ id: 'backup-20261012T020004Z-0b0b', code: 'MANIFEST_INVALID' }],
	},
	channels: [{ name: 'slack', at: '2026-11-19T02:03:11.000Z', error: 'HTTP 404' }],
};

const lost = makeYear({ standings: { 48: 'failed' }, lastDays: 4 });

/** Everything that can be wrong is. */
export const failing: StatusView = {
	...statusOf({
		...lost,
		calendar: lost.calendar.map((day, index, { length }) =>
			index < length - 4 ? day : { ...day, standing: 'failed', code: 'DATABASE_REFUSED' },
		),
	}),
	verdict: {
		standing: 'bad',
		word: 'Not recoverable',
		sentence:
			'No backup for 4 days: the database refuses the token. You can recover to 16 November, 02:00 UTC, at best.',
		since: '2026-11-17T02:00:04.000Z',
		action: 'Make a new token, set TURSO_AUTH_TOKEN, deploy, and run a backup by hand.',
		runbook: runbook('Backups stopped', 'docs/runbook.md#backups-stopped', false),
		also: [
			finding('bad', 'The last drill failed (RECOVERY_TARGET_MISSED).', 'See how long each step took, below.'),
			finding('bad', 'The copy offsite could not be asked (STORE_UNREACHABLE).'),
			finding('warning', 'No alert channel is set up: nobody was told.'),
		],
	},
	drills: makeDrills().map((drill, index) =>
		index === 0
			? { ...drill, isPassed: false, code: 'RECOVERY_TARGET_MISSED', recoveryMs: 4_922_000, pointMs: 180_000_000 }
			: index === 3
				? {
						...drill,
						isPassed: false,
						code: 'BACKUP_DAMAGED',
						recoveryMs: null,
						pointMs: null,
						backup: null,
						steps: [],
					}
				: drill,
	),
	stores: storesOf(lost.backups).map((store, index) =>
		index === 0
			? { ...store, standing: 'bad' }
			: { ...store, standing: 'bad', newestId: null, newestAt: null, missing: null, error: 'STORE_UNREACHABLE' },
	),
	retention: {
		...retentionOf(lost.backups, 0),
		refusal: {
			code: 'BACKUPS_STALE',
			sentence: 'the newest proven backup is of 2026-11-16T02:00:31.000Z, more than a day old, so none is removed',
		},
	},
	freshness: { readAt: READ_AT, summaryAt: null, summary: 'rebuilt', unreadable: [] },
	channels: [],
};

/** Nothing has run yet. */
export const firstRun: StatusView = {
	...given({ sinceDays: -1 }),
	verdict: {
		standing: 'unknown',
		word: 'No backup yet',
		sentence: 'Nothing can be recovered until the first backup is made.',
		since: null,
		action: 'Try a dry run now; the schedule makes the first backup tonight.',
		runbook: null,
		also: [],
	},
	freshness: { readAt: READ_AT, summaryAt: null, summary: 'rebuilt', unreadable: [] },
	calendar: [],
	drills: [],
	channels: [],
};

/** One backup only: everything has one point. */
export const oneBackup: StatusView = {
	...given({ sinceDays: 0 }),
	drills: makeDrills(1),
	stores: storesOf([]).slice(0, 1),
};

/** Two backups, of one drill none. */
export const twoBackups: StatusView = { ...given({ sinceDays: 1 }), drills: makeDrills(2) };

/** Tables lost rows, and a table is gone. */
export const shrunk: StatusView = {
	...healthy,
	tables: tablesOf(healthy.backups, [
		table('order_lines', 61_007, 118_402),
		table('sessions', 0, 9_001),
		table('coupons_2025', null, 212),
		table('invoices', 77, null),
		...TABLES.slice(1, 2),
		...TABLES.slice(3),
	]),
	verdict: {
		...healthy.verdict,
		also: [finding('warning', 'A table shrank by 48 %, one was emptied and one is gone since the backup before.')],
	},
};

/** Every backup is sealed, one is held, one is partial and lacks rows, one took very long. */
export const sealed: StatusView = (() => {
	const year = makeYear({ isSealed: true });
	const backups = year.backups.map((backup, index) => {
		if (index === 2)
			return {
				...backup,
				isPartial: true,
				trigger: 'cli',
				day: null,
				label: 'pre-migration',
				rows: 412,
				bytes: 9_001,
			} as const;
		if (index === 3) return { ...backup, heldFor: 'audit of 2026', omittedRows: 12, durationMs: 1_840_000 };
		return backup;
	});
	const held = backups[3];
	return {
		...statusOf({ ...year, backups }),
		holds: held ? [{ id: held.id, reason: 'audit of 2026', at: '2026-11-18T10:12:00.000Z' }] : [],
	};
})();

const LONG = 'a_name_that_nobody_would_give_a_table_but_somebody_has_'.repeat(4).slice(0, 200);

/** What others choose is as bad as can be. */
export const longNames: StatusView = {
	...healthy,
	database: LONG,
	tables: tablesOf(healthy.backups, [
		table(LONG, 1_000_000_000_000, 999_999_999_999),
		table('שולחן_עם_שם_ארוך', 12, 12),
		table('evil\u202eelbat\u0000\u0007', 12, 40),
		table('<script>alert(1)</script>&"\'', 3, 3),
		table('日本語の表'.repeat(20), 9_007_199_254_740_991, null),
		...Array.from({ length: 40 }, (_, index) => table(`t${index}`, index, index)),
	]),
	stores: healthy.stores.map((store) => ({ ...store, where: `bucket ${LONG} at ${LONG}` })),
	holds: [{ id: healthy.backups[0]?.id ?? '', reason: `${LONG} <b>held</b>`, at: null }],
	configuration: [
		...CONFIGURATION,
		{ variable: 'BACKUP_ELSEWHERE', value: LONG.repeat(3), fallback: null, isSecret: false },
	],
};

/** Variables are wrong. */
export const misconfigured: MisconfiguredView = {
	kind: 'misconfigured',
	verdict: {
		standing: 'bad',
		word: 'Not set up',
		sentence: 'Two variables are wrong: no backup can be made, and none be asked for.',
		since: null,
		action: 'Set them, and deploy again.',
		runbook: null,
		also: [],
	},
	problems: [
		{ variable: 'TURSO_DATABASE_URL', message: 'is missing' },
		{ variable: 'BACKUP_RETENTION', message: 'is no retention: write it as 7d 5w 12m 7y, or all' },
	],
	configuration: CONFIGURATION.slice(2),
};

/** The store does not answer. */
export const unreachable: UnreachableView = {
	kind: 'unreachable',
	database: 'shop',
	verdict: {
		standing: 'bad',
		word: 'Unknown',
		sentence: 'The store could not be asked: nobody knows how the backups are.',
		since: null,
		action: 'Load this page again in a minute; then look at the copies.',
		runbook: runbook("Provider's region down", 'docs/runbook.md#providers-region-down'),
		also: [],
	},
	error: {
		code: 'STORE_UNREACHABLE',
		message: 'the store did not answer within 10 s',
		hint: 'see whether https://www.vercel-status.com tells of an incident',
	},
	readAt: READ_AT,
	configuration: CONFIGURATION,
};

/** All of the status page's states, by name. */
export const PAGES = {
	healthy,
	atRisk,
	failing,
	firstRun,
	oneBackup,
	twoBackups,
	shrunk,
	sealed,
	longNames,
	misconfigured,
	unreachable,
} as const;
