import type { BackupView, NoBackupView } from '../../lib/status/view';
import { TABLES } from './fixture-parts';
import { READ_AT } from './fixture-year';
import { healthy, longNames, sealed } from './fixtures';

const digestOf = (index: number) => (index * 7919 + 1).toString(16).padStart(8, '0').repeat(8);

/** A backup that was restored, compared and copied. */
export const proven: BackupView = (() => {
	const point = healthy.backups[0];
	if (point === undefined) throw new Error('there is no backup');
	return {
		kind: 'backup',
		point,
		readAt: READ_AT,
		source: { engine: 'sqld', version: '0.24.33', location: 'libsql://shop-acme.turso.io' },
		reading: 'pages',
		object: {
			name: `backups/shop/${point.id}.ndjson.gz`,
			bytes: point.bytes,
			sha256: digestOf(99),
			compression: 'gzip',
			recipients: [],
		},
		digest: digestOf(98),
		tables: TABLES.map(({ name, rows, bytes }, index) => ({
			name,
			rows: rows ?? 0,
			bytes: bytes ?? 0,
			omitted: 0,
			sha256: digestOf(index),
		})),
		only: null,
		proof: { kind: 'restored', of: 'stored', at: '2026-11-20T02:01:02.000Z', durationMs: point.proofMs, notes: [] },
		omissions: [],
		keys: [
			{ name: 'PROVARA_MASTER_KEY', isSet: true },
			{ name: 'LEGACY_KEY', isSet: false },
		],
		media: { name: `${point.id}.media.ndjson.gz`, rows: 3_204 },
		coverage: {
			inBackup: ['the rows of 14 tables (208,849), bit for bit', 'the schema: tables, indexes, views, triggers'],
			notInBackup: [
				{ what: 'the media files', where: 'in the Blob store; mirror-media.ts keeps a copy' },
				{ what: 'environment variables, keys and tokens', where: 'in the settings of the Vercel project' },
			],
		},
		copies: [
			{ name: 'vercel-blob', where: 'Vercel Blob', isThere: true },
			{ name: 'offsite', where: 'bucket lifeboat-copies', isThere: true },
		],
		hold: null,
		commands: [
			{
				says: 'look: the plan and what every guard says; writes nothing',
				command: `npx tsx scripts/restore-turso.ts ${point.id} --to libsql://FRESH-DATABASE.turso.io`,
			},
			{
				says: 'restore',
				command: `npx tsx scripts/restore-turso.ts ${point.id} --to libsql://FRESH-DATABASE.turso.io --confirm`,
			},
		],
	};
})();

/** Sealed, held, of some tables only, read and not restored, and without rows that could not be carried. */
export const lacking: BackupView = {
	...proven,
	point: { ...proven.point, ...sealed.backups[3], isPartial: true, proof: 'read', label: 'pre-rotation' },
	object: {
		...proven.object,
		recipients: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'],
		name: `${proven.object.name}.age`,
	},
	only: ['orders'],
	proof: {
		...proven.proof,
		kind: 'read',
		of: 'stream',
		notes: ['the database is larger than the room for a scratch database (500 MB)'],
	},
	omissions: [{ table: 'orders', rows: 12, reason: 'a value is larger than the server gives out' }],
	tables: proven.tables.map((one) => (one.name === 'orders' ? { ...one, omitted: 12 } : one)),
	copies: [
		{ name: 'vercel-blob', where: 'Vercel Blob', isThere: true },
		{ name: 'offsite', where: 'bucket lifeboat-copies', isThere: false },
		{ name: 'nas', where: '/mnt/nas', isThere: null },
	],
	hold: { reason: 'audit of 2026', at: '2026-11-18T10:12:00.000Z' },
	keys: [],
	media: null,
	coverage: null,
	reading: null,
};

/** What others choose is as bad as can be. */
export const longNamed: BackupView = {
	...proven,
	tables: (longNames.tables?.rows ?? []).map(({ name, rows, bytes }, index) => ({
		name,
		rows: rows ?? 0,
		bytes: bytes ?? 0,
		omitted: 0,
		sha256: digestOf(index),
	})),
	point: { ...proven.point, label: longNames.database },
	source: { ...proven.source, location: `libsql://${longNames.database}` },
	commands: [
		{
			says: 'restore',
			command: `npx tsx scripts/restore-turso.ts ${proven.point.id} --to file:${longNames.database}.db`,
		},
	],
};

/** There is no such backup. */
export const noBackup: NoBackupView = {
	kind: 'no-backup',
	id: 'backup-20260101T020000Z-dead',
	error: {
		code: 'BACKUP_NOT_FOUND',
		message: 'there is no backup backup-20260101T020000Z-dead',
		hint: 'list-backups.ts shows those that there are',
	},
};

/** All of a backup's page's states of its own, by name. */
export const BACKUP_PAGES = { proven, lacking, longNamed, noBackup } as const;
