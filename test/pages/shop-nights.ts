import { createHash } from 'node:crypto';
import { newBackupId } from '../../lib/backup/backup-id';
import type { DrillReport } from '../../lib/backup/drill-report';
import type { Manifest } from '../../lib/backup/manifest';

const DAY_MS = 86_400_000;
/** The night of the shop's first backup. */
const OPENED_MS = Date.parse('2025-11-18T02:00:00Z');

/** Each table: its rows on the first day, how many come a day, and the bytes of one as they are encoded. */
const TABLES: readonly (readonly [name: string, rows: number, perDay: number, rowBytes: number])[] = [
	['_prisma_migrations', 14, 0.08, 310],
	['audit_log', 48_210, 612, 188],
	['customers', 1_204, 9.1, 143],
	['invoices', 2_950, 22.4, 205],
	['MediaAsset', 811, 3.2, 240],
	['notification_delivery_attempts_by_channel_and_template', 12_400, 87, 96],
	['order_items', 14_630, 110.7, 71],
	['orders', 5_418, 41, 118],
	['products', 312, 0.42, 590],
];

/** What may be otherwise in one night. */
export interface Night {
	readonly proof?: Manifest['proof']['kind'];
	readonly notes?: readonly string[];
	readonly label?: string;
	/** Made by hand at this time, `HH:MM`. */
	readonly byHandAt?: string;
	readonly recipients?: readonly string[];
	/** Rows by table, in place of what grew. Null: the table is not there. */
	readonly rows?: Readonly<Record<string, number | null>>;
}

function sha256(...words: readonly (string | number)[]): string {
	return createHash('sha256').update(words.join('\n')).digest('hex');
}

/** A number from 0 to 1 that depends on the words alone. */
function share(...words: readonly (string | number)[]): number {
	return Number.parseInt(sha256(...words).slice(0, 8), 16) / 0xffff_ffff;
}

/** The manifest of the backup of a day (`YYYY-MM-DD`), the same each time. */
export function nightOf(day: string, night: Night = {}): Manifest {
	const { byHandAt, label = null, recipients = [], proof = 'restored', notes = [] } = night;
	const at = new Date(`${day}T${byHandAt ?? '02:00'}:00Z`);
	at.setUTCSeconds(1 + Math.floor(share('second', day) * 20));
	const grown = (at.getTime() - OPENED_MS) / DAY_MS;
	const own = Object.entries(night.rows ?? {}).filter(([name]) => !TABLES.some(([known]) => known === name));
	const names = [...TABLES.map(([name]) => name), ...own.map(([name]) => name)];
	const tables = names.flatMap((name) => {
		const [, first = 0, perDay = 0, rowBytes = 80] = TABLES.find(([known]) => known === name) ?? [];
		const told = night.rows?.[name];
		if (told === null) return [];
		const rows = told ?? Math.floor(first + perDay * (grown + share(name, day) * 0.9));
		return [{ name, rows, bytes: rows * rowBytes, omitted: 0, sha256: sha256(name, rows) }];
	});
	const plainBytes = 4_812 + tables.reduce((sum, { bytes }) => sum + bytes, 0);
	const rows = tables.reduce((sum, one) => sum + one.rows, 0);
	const proofMs = proof === 'none' ? 0 : Math.round(plainBytes / 9_000 + 900 + share('proof', day) * 700);
	const durationMs = Math.round(plainBytes / 14_000 + 1_800 + share('way', day) * 2_400) + proofMs;
	const id = newBackupId(at, () => share('id', day, byHandAt ?? ''));
	return {
		manifest: 2,
		id,
		createdAt: at.toISOString(),
		durationMs,
		trigger: byHandAt === undefined ? { kind: 'cron', day } : { kind: 'cli', day: null },
		label,
		source: { engine: 'libsql', version: '3.45.1', location: 'shop-acme.turso.io', fingerprint: sha256('shop') },
		reading: { by: 'pages', exactRows: 0 },
		object: {
			name: `${id}.ndjson.gz${recipients.length > 0 ? '.age' : ''}`,
			bytes: Math.round(plainBytes * (0.231 + share('gzip', day) * 0.004)) + recipients.length * 220,
			sha256: sha256('object', id),
			compression: 'gzip',
			recipients: [...recipients],
		},
		plainBytes,
		rows,
		digest: sha256('digest', id),
		tables,
		only: null,
		proof: {
			kind: proof,
			of: recipients.length > 0 ? 'stream' : 'stored',
			at: new Date(at.getTime() + durationMs).toISOString(),
			durationMs: proofMs,
			notes: [...notes],
		},
		keys: {
			kdf: 'scrypt',
			N: 16384,
			r: 8,
			p: 1,
			salt: sha256('salt', id).slice(0, 32),
			fingerprints: [{ name: 'PROVARA_MASTER_KEY', fingerprint: sha256('key') }],
		},
		mediaAssetInventory: null,
		coverage: {
			inBackup: ['the schema: tables, indexes, views, triggers, virtual tables, and the sequences'],
			notInBackup: [{ what: 'Blob objects and other files', where: 'in their own store' }],
		},
		omissions: [],
	};
}

/** The days from the first to the last, both included, as `YYYY-MM-DD`. */
export function daysFrom(first: string, last: string): string[] {
	const count = (Date.parse(last) - Date.parse(first)) / DAY_MS + 1;
	return Array.from({ length: count }, (_, at) => new Date(Date.parse(first) + at * DAY_MS).toISOString().slice(0, 10));
}

/** The report of the drill of a day, of that night's backup; over the limit of an hour where `recoveryMs` is. */
export function drillOf(day: string, backup: Manifest, recoveryMs: number): DrillReport {
	const parts = [0.02, 0.03, 0.2, 0.55, 0.2].map((part) => Math.round(recoveryMs * part));
	const steps = (['find', 'prepare', 'read', 'restore', 'compare'] as const).map((name, at) => ({
		name,
		durationMs: parts[at] ?? 0,
	}));
	const limitMs = 3_600_000;
	const at = new Date(`${day}T04:00:02Z`);
	return {
		drill: 1,
		id: `drill-${at.toISOString().replace(/[-:]|\.\d+/g, '')}-${sha256('drill', day).slice(0, 4)}`,
		at: at.toISOString(),
		trigger: 'cron',
		backup: {
			id: backup.id,
			where: 'vercel-blob',
			createdAt: backup.createdAt,
			rows: backup.rows,
			plainBytes: backup.plainBytes,
			isSealed: backup.object.recipients.length > 0,
			isPartial: false,
		},
		target: 'scratch',
		steps: [...steps, { name: 'delete', durationMs: 40 }],
		recovery: { durationMs: recoveryMs, limitMs },
		point: { ageMs: at.getTime() - Date.parse(backup.createdAt), limitMs: (24 * 60 + 30) * 60_000 },
		notes: [],
		failure: recoveryMs > limitMs ? { code: 'RECOVERY_TARGET_MISSED', step: null } : null,
	};
}
