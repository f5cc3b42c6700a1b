import { dataName, drillName, manifestName, type Place } from '../../lib/backup/backup-id';
import { type DrillReport, encodeReport } from '../../lib/backup/drill-report';
import { withFailure } from '../../lib/backup/history-days';
import { readStoredHistory, writeHistory } from '../../lib/backup/history-store';
import { encodeManifest, type Manifest } from '../../lib/backup/manifest';
import { systemClock } from '../../lib/core/clock';
import type { JobContext } from '../../lib/jobs/context';
import { keepHistory, SeenManifests } from '../../lib/jobs/keep-history';
import type { Store } from '../../lib/store/store';
import { idAt } from './stored-backups';

const DAY_MS = 86_400_000;
/** Of the object that stands for a backup's data: nobody can restore it. */
const DATA = Buffer.from('abc');

export interface YearOptions {
	/** When it is looked at; the last nightly backup is of the last 02:00 UTC before that. */
	readonly now: string;
	/** Nights back from the last one, that included; 365 by default. */
	readonly nights?: number;
	/** `{ prefix: '', name: 'shop' }` by default, as in a local folder. */
	readonly place?: Place;
	/** Nights on which no backup was made, counted back from the last, which is 0. */
	readonly without?: readonly number[];
	/** Nights whose backups were only read back, or not proven. */
	readonly read?: readonly number[];
	readonly unproven?: readonly number[];
	/** In the last night the table `sessions` lost most of its rows, and `jobs` all. */
	readonly hasLoss?: boolean;
	/** The newest drill failed. */
	readonly hasFailedDrill?: boolean;
	/** Where drills say that they found the backup; `vercel-blob` by default. */
	readonly where?: string;
}

export interface Year {
	/** Oldest first. */
	readonly manifests: readonly Manifest[];
	/** Oldest first: one on the first of each month. */
	readonly drills: readonly DrillReport[];
}

/** Takes an object that is to lie in a store, as if it had been written at `at`. */
export type Put = (name: string, bytes: Buffer, at: Date) => Promise<unknown>;

/** Puts a year of nightly backups, and of monthly drills, where `put` puts things; no summary: see `sumUp`. */
export async function seedYear(put: Put, options: YearOptions): Promise<Year> {
	const { place = { prefix: '', name: 'shop' } } = options;
	const year = yearOf(options);
	for (const manifest of year.manifests) {
		const at = new Date(manifest.createdAt);
		await put(dataName(place, manifest.id, false), DATA, at);
		await put(manifestName(place, manifest.id), encodeManifest(manifest), at);
	}
	for (const report of year.drills) await put(drillName(place, report.id), encodeReport(report), new Date(report.at));
	return year;
}

/** The same, as it is. */
export function yearOf(options: YearOptions): Year {
	const { now, nights = 365, without = [], read = [], unproven = [] } = options;
	const today = Date.parse(`${now.slice(0, 10)}T02:00:00.000Z`);
	const last = today <= Date.parse(now) ? today : today - DAY_MS;
	const manifests: Manifest[] = [];
	const drills: DrillReport[] = [];
	for (let ago = nights - 1; ago >= 0; ago--) {
		const at = new Date(last - ago * DAY_MS);
		if (!without.includes(ago)) {
			const proof = read.includes(ago) ? 'read' : unproven.includes(ago) ? 'none' : 'restored';
			manifests.push(nightOf(at, nights - ago, proof, ago === 0 && options.hasLoss === true));
		}
		const newest = manifests[manifests.length - 1];
		if (at.getUTCDate() === 1 && newest) drills.push(drillOf(newest, at, options));
	}
	const failed = options.hasFailedDrill ? drills.pop() : undefined;
	if (failed)
		drills.push({
			...failed,
			recovery: { ...failed.recovery, durationMs: null },
			failure: { code: 'BACKUP_DAMAGED', step: 'reading the backup' },
		});
	return { manifests, drills };
}

/** A shop that grows from night to night. */
function nightOf(at: Date, nth: number, kind: Manifest['proof']['kind'], hasLoss: boolean): Manifest {
	const rows = {
		users: 1_000 + nth * 3,
		orders: 20_000 + nth * 41,
		items: 61_000 + nth * 127,
		sessions: hasLoss ? 12 : 900 + (nth % 7) * 20,
		jobs: hasLoss ? 0 : 40 + (nth % 3),
		_prisma_migrations: 12,
	};
	const tables = Object.entries(rows).map(([name, count]) => ({
		name,
		rows: count,
		bytes: count * 83,
		omitted: 0,
		sha256: 'd'.repeat(64),
	}));
	const plainBytes = tables.reduce((sum, { bytes }) => sum + bytes, 4_000);
	const id = idAt(at.toISOString(), (nth * 7919).toString(16).slice(-4).padStart(4, '0'));
	const durationMs = 9_000 + nth * 11 + (nth % 5) * 400;
	return {
		manifest: 2,
		id,
		createdAt: at.toISOString(),
		durationMs,
		trigger: { kind: 'cron', day: at.toISOString().slice(0, 10) },
		label: null,
		source: { engine: 'libsql', version: '3.45.1', location: 'shop-acme.turso.io', fingerprint: 'a'.repeat(64) },
		reading: { by: 'storage', exactRows: 0 },
		object: {
			name: `${id}.ndjson.gz`,
			bytes: Math.round(plainBytes / 4.1),
			sha256: 'b'.repeat(64),
			compression: 'gzip',
			recipients: [],
		},
		plainBytes,
		rows: tables.reduce((sum, { rows: count }) => sum + count, 0),
		digest: 'c'.repeat(64),
		tables,
		only: null,
		proof: {
			kind,
			of: 'stored',
			at: new Date(at.getTime() + durationMs).toISOString(),
			durationMs: kind === 'none' ? 0 : Math.round(durationMs / 3),
			notes: kind === 'read' ? ['the scratch folder has too little room'] : [],
		},
		keys: null,
		mediaAssetInventory: null,
		coverage: null,
		omissions: [],
	};
}

function drillOf(
	{ id, createdAt, rows, plainBytes }: Manifest,
	night: Date,
	{ where = 'vercel-blob' }: YearOptions,
): DrillReport {
	const at = new Date(night.getTime() + 2 * 3_600_000);
	// As much time as a larger backup takes, so that an estimate is the same by each of them.
	const ofSize = (msPerMB: number) => Math.round((plainBytes / 1_000_000) * msPerMB);
	const steps = {
		find: 400,
		prepare: 100,
		read: ofSize(2_600),
		restore: ofSize(5_100),
		compare: ofSize(1_500),
		delete: 50,
	};
	const recoveryMs = Object.values(steps).reduce((sum, ms) => sum + ms, -steps.delete);
	return {
		drill: 1,
		id: idAt(at.toISOString(), '00d1').replace('backup-', 'drill-'),
		at: at.toISOString(),
		trigger: 'cron',
		backup: { id, where, createdAt, rows, plainBytes, isSealed: false, isPartial: false },
		target: 'scratch',
		steps: (Object.keys(steps) as (keyof typeof steps)[]).map((name) => ({ name, durationMs: steps[name] })),
		recovery: { durationMs: recoveryMs, limitMs: 3_600_000 },
		point: { ageMs: at.getTime() - Date.parse(createdAt), limitMs: 88_200_000 },
		notes: [],
		failure: null,
	};
}

export interface SumUpOptions {
	/** The place of `seedYear` by default. */
	readonly place?: Place;
	/** As if it were then. */
	readonly now: string;
	/** Runs that failed, by the moment and the code. */
	readonly failed?: readonly { readonly at: string; readonly code: string }[];
}

/** Has the summary of what lies in a store made, as the nightly job does where nothing is pruned. */
export async function sumUp(store: Store, options: SumUpOptions): Promise<void> {
	const { place = { prefix: '', name: 'shop' }, now, failed = [] } = options;
	const context: JobContext = { clock: { ...systemClock, now: () => new Date(now) }, random: Math.random };
	const log = (event: object) => {
		throw new Error(JSON.stringify(event));
	};
	const config = { retention: null };
	const { signal } = new AbortController();
	await keepHistory({ store, place, context, log, config, seen: new SeenManifests(), signal });
	const stored = await readStoredHistory(store, place);
	let { history } = stored;
	for (const { at, code } of failed) history = withFailure(history, { day: at.slice(0, 10), at, code });
	if (failed.length > 0) await writeHistory(store, place, history, stored.etag);
}
