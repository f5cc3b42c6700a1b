import type {
	BackupPoint,
	Finding,
	RetentionView,
	RunbookLink,
	Setting,
	StatusView,
	StoreStanding,
	TableChange,
} from '../../lib/status/view';

const HOST = 'shop-acme.turso.io';

export function runbook(title: string, path: string, isLinked = true): RunbookLink {
	const url = isLinked ? `https://github.com/acme/shop/blob/main/${path}` : null;
	return { title, url, path };
}

export function finding(standing: Finding['standing'], sentence: string, action: string | null = null): Finding {
	return { standing, sentence, action, runbook: null };
}

export function table(name: string, rows: number | null, before: number | null): TableChange {
	const change = rows === null || before === null ? null : rows - before;
	const bytes = rows === null ? null : rows * 183;
	const mark =
		rows === null
			? 'gone'
			: change === null
				? 'new'
				: change === 0
					? 'same'
					: change > 0
						? 'grew'
						: rows === 0
							? 'emptied'
							: 'shrank';
	return { name, rows, rowsBefore: before, change, bytes, mark };
}

export const TABLES: readonly TableChange[] = [
	table('order_lines', 118_402, 118_007),
	table('orders', 40_211, 40_090),
	table('sessions', 9_001, 8_944),
	table('users', 12_480, 12_471),
	table('MediaAsset', 3_204, 3_203),
	table('_prisma_migrations', 31, 31),
	table('addresses', 11_902, 11_902),
	table('carts', 4_120, 4_120),
	table('categories', 64, 64),
	table('coupons', 212, 212),
	table('products', 1_880, 1_880),
	table('refunds', 904, 904),
	table('reviews', 6_611, 6_611),
	table('taxes', 27, 27),
];

export function tablesOf(backups: readonly BackupPoint[], rows = TABLES): StatusView['tables'] {
	const [newest, before] = backups;
	return newest === undefined ? null : { id: newest.id, beforeId: before?.id ?? null, rows };
}

export function storesOf(backups: readonly BackupPoint[]): StoreStanding[] {
	const newest = backups.find(({ isThere }) => isThere);
	const base = { newestId: newest?.id ?? null, newestAt: newest?.createdAt ?? null, error: null };
	return [
		{ name: 'vercel-blob', where: 'Vercel Blob', standing: newest ? 'good' : 'unknown', missing: 0, ...base },
		{
			name: 'offsite',
			where: 'bucket lifeboat-copies at s3.eu-central-1.amazonaws.com',
			standing: newest ? 'good' : 'unknown',
			missing: 0,
			...base,
		},
	];
}

export function retentionOf(backups: readonly BackupPoint[], removed = 1): RetentionView {
	const there = backups.filter(({ isThere }) => isThere);
	return {
		rule: '7d 5w 12m 7y',
		verdicts: there.map(({ id, createdAt }, index) => {
			const keep = index !== 7 || removed === 0;
			const day = createdAt.slice(0, 10);
			const reasons = keep
				? index === 0
					? [`newest of ${day}`, 'the newest', 'newest of 2026-W47']
					: [`newest of ${day}`]
				: ['a later one stands for its day, week, month and year'];
			return { id, createdAt, keep, reasons };
		}),
		refusal: null,
	};
}

function setting(variable: string, value: string | null, fallback: string | null = null, isSecret = false): Setting {
	return { variable, value, fallback, isSecret };
}

export const CONFIGURATION: readonly Setting[] = [
	setting('TURSO_DATABASE_URL', `libsql://${HOST}`),
	setting('TURSO_AUTH_TOKEN', 'set', null, true),
	setting('CRON_SECRET', 'set', null, true),
	setting('BLOB_READ_WRITE_TOKEN', 'set', null, true),
	setting('BACKUP_NAME', 'shop'),
	setting('BACKUP_COPIES', 'offsite'),
	setting('BACKUP_PROOF', null, 'restore'),
	setting('BACKUP_RETENTION', null, '7d 5w 12m 7y'),
	setting('BACKUP_RTO_MINUTES', null, '60'),
	setting('BACKUP_RPO_MINUTES', null, '1470'),
	setting('BACKUP_AGE_RECIPIENTS', null, 'none: backups are not encrypted by Lifeboat'),
	setting('BACKUP_ALERT_SLACK_URL', 'set', null, true),
	setting('BACKUP_HEARTBEAT_URL', null, null, true),
	setting('STATUS_PASSWORD', 'set', null, true),
];
