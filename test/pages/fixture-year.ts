import type { BackupPoint, CalendarDay, DayStanding, DrillPoint } from '../../lib/status/view';
import { seededRandom } from '../support/seeded-random';

/** When the pages of all fixtures are read. */
export const READ_AT = '2026-11-20T09:00:03.000Z';
const DAY_MS = 86_400_000;
const TODAY_MS = Date.parse('2026-11-20');
const DAYS = 371;

const dayAt = (index: number) => new Date(TODAY_MS - index * DAY_MS).toISOString().slice(0, 10);

/** What goes otherwise than well in a year, by how many days ago. */
export interface YearOptions {
	readonly standings?: Readonly<Record<number, DayStanding>>;
	/** The first backup was so many days ago. */
	readonly sinceDays?: number;
	/** No backup is there from so many days ago on. */
	readonly lastDays?: number;
	readonly isSealed?: boolean;
}

export interface Year {
	/** Oldest first. */
	readonly calendar: readonly CalendarDay[];
	/** Newest first. */
	readonly backups: readonly BackupPoint[];
}

/** Makes a year of backups: one a night, which grow; a few by hand; those that `7d 5w 12m` would keep are there. */
export function makeYear(options: YearOptions = {}): Year {
	const { standings = {}, sinceDays = DAYS - 1, lastDays = 0, isSealed = false } = options;
	const random = seededRandom(2026);
	const backups: BackupPoint[] = [];
	const calendar: CalendarDay[] = [];
	for (let ago = DAYS - 1; ago >= 0; ago--) {
		const day = dayAt(ago);
		const chance = random();
		const usual: DayStanding = ago > sinceDays ? 'before' : ago < lastDays ? 'missed' : 'proven';
		const standing = standings[ago] ?? usual;
		const hasBackup = standing === 'proven' || standing === 'read' || standing === 'unproven';
		const isThere = hasBackup && (ago < 7 || (ago < 35 && isSunday(day)) || day.endsWith('-01'));
		if (hasBackup) backups.unshift(backupOf(day, DAYS - ago, chance, standing, isThere, isSealed));
		calendar.push({
			day,
			standing,
			ids: isThere ? [backups[0]?.id as string] : [],
			isRemoved: hasBackup && !isThere,
			code: standing === 'failed' ? 'DATABASE_UNREACHABLE' : null,
		});
	}
	return { calendar, backups };
}

function isSunday(day: string): boolean {
	return new Date(day).getUTCDay() === 0;
}

function backupOf(
	day: string,
	age: number,
	chance: number,
	standing: DayStanding,
	isThere: boolean,
	isSealed: boolean,
): BackupPoint {
	const rows = 120_000 + age * 310 + Math.floor(chance * 240);
	const seconds = Math.floor(chance * 40);
	const suffix = Math.floor(chance * 0x10000)
		.toString(16)
		.padStart(4, '0');
	const at = `${day}T02:00:${String(seconds).padStart(2, '0')}`;
	const proofMs = standing === 'unproven' ? 0 : Math.round(6_000 + age * 21 + chance * 1_900);
	return {
		id: `backup-${at.replaceAll(/[-:]/g, '')}Z-${suffix}`,
		createdAt: `${at}.000Z`,
		durationMs: proofMs + Math.round(9_000 + age * 30 + chance * 4_000),
		proofMs,
		proof: standing === 'proven' ? 'restored' : standing === 'read' ? 'read' : 'none',
		trigger: 'cron',
		day,
		label: null,
		isPartial: false,
		isSealed,
		tables: 14,
		rows,
		bytes: Math.round(rows * 31.7),
		plainBytes: rows * 214,
		omittedRows: 0,
		isThere,
		heldFor: null,
	};
}

/** Makes the drills of a year, one a month, newest first. */
export function makeDrills(months = 12): DrillPoint[] {
	const random = seededRandom(7);
	return Array.from({ length: months }, (_, ago): DrillPoint => {
		const at = new Date(Date.UTC(2026, 10 - ago, 1, 4, 0, 2));
		const day = at.toISOString().slice(0, 10).replaceAll('-', '');
		const readMs = Math.round(31_000 + random() * 9_000 - ago * 900);
		const restoreMs = Math.round(58_000 + random() * 15_000 - ago * 1_800);
		const steps = [
			{ name: 'find', durationMs: 140 },
			{ name: 'read', durationMs: readMs },
			{ name: 'restore', durationMs: restoreMs },
			{ name: 'compare', durationMs: 9_400 },
		];
		return {
			id: `drill-${day}T040002Z-11aa`,
			at: at.toISOString(),
			trigger: 'cron',
			backup: `backup-${day}T020011Z-51c2`,
			isPassed: true,
			code: null,
			recoveryMs: steps.reduce((sum, { durationMs }) => sum + durationMs, 0),
			recoveryLimitMs: 3_600_000,
			pointMs: 7_191_000,
			pointLimitMs: 88_200_000,
			steps,
		};
	});
}
