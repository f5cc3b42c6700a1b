import { dataName } from '../backup/backup-id';
import type { BackupFacts } from '../backup/facts';
import type { HistoryEntry } from '../backup/history';
import { type Hold, readHold } from '../backup/hold';
import type { BackupEntry } from '../backup/inventory';
import type { Manifest } from '../backup/manifest';
import type { HistoryRead, ReadHistoryOptions } from '../backup/read-history';
import { CLOCKS_MS } from '../backup/retention-rules';
import { eachAtOnce } from '../core/at-once';
import type { BackupPoint, StatusView } from '../status/view';
import type { At } from './copy-one';

/** Requests for one object each, at once. */
const AT_ONCE = { items: 8, weight: Number.POSITIVE_INFINITY };
/** Holds that are shown, the newest. */
const MOST_HOLDS = 100;
/** Of backups whose data the list leaves out, so many are looked up: a list is not believed. */
const MOST_LOOKUPS = 50;
/** Manifests that are read whole, at the most. */
const MOST_WHOLE = 6;

/** What there is, in the forms that a view wants it. */
export interface Inventory {
	/** Newest first; also what was removed since. */
	readonly points: readonly BackupPoint[];
	readonly kept: readonly BackupFacts[];
	readonly holds: StatusView['holds'];
	/** Of the newest proven backup that is whole and there. */
	readonly good: Manifest | null;
	/** Of the two newest whole ones that are there, the newest first. */
	readonly whole: readonly Manifest[];
}

/** Which manifests are to be read whole: of the two newest backups with all tables, and of the newest proven one. */
export function newestWhole(now: Date): NonNullable<ReadHistoryOptions['wanted']> {
	return (there, listed) => {
		const ids: string[] = [];
		let whole = 0;
		let hasGood = false;
		for (const entry of [...there].reverse()) {
			if (ids.length === MOST_WHOLE || (whole >= 2 && hasGood)) break;
			if (entry.isPartial) continue;
			const hasData = listed.get(entry.id)?.data.length !== 0;
			const isGoodOne = isGood(entry, now);
			if (whole < 2 || isGoodOne) ids.push(entry.id);
			if (!hasData) continue;
			whole += 1;
			hasGood ||= isGoodOne;
		}
		return ids;
	};
}

/** Proven, with all tables, and not of a time to come. */
function isGood({ proof, isPartial, createdAt }: HistoryEntry, now: Date): boolean {
	return proof !== 'none' && !isPartial && Date.parse(createdAt) <= now.getTime() + CLOCKS_MS;
}

/** Puts together what a list, the manifests and the summary tell; reads holds, and looks up data that the list leaves out. */
export async function takeInventory(at: At, read: HistoryRead, now: Date, signal: AbortSignal): Promise<Inventory> {
	const [holds, found] = await Promise.all([readHolds(at, read, signal), lookUpData(at, read, signal)]);
	const { store, place } = at;
	const dataOf = ({ id, isSealed }: HistoryEntry): string[] => {
		if (found.has(id)) return [dataName(place, id, isSealed)];
		return read.listed.get(id)?.data.map(({ name }) => name) ?? [];
	};
	const there = [...read.there].reverse();
	const whole = there.filter((entry) => !entry.isPartial && dataOf(entry).length > 0);
	const manifests = (entries: readonly HistoryEntry[]) => entries.flatMap(({ id }) => read.manifests.get(id) ?? []);
	const listed = new Set(read.listed.keys());
	const gone = read.history.entries.filter(({ id }) => !listed.has(id));
	const points = [
		...there.map((entry) => pointOf(entry, dataOf(entry).length > 0, holds)),
		...gone.map((entry) => pointOf(entry, false, holds)),
	];
	return {
		points: points.sort((a, b) => (a.id < b.id ? 1 : -1)),
		kept: there.map((entry) => ({
			...factsOf(entry, holds),
			data: dataOf(entry),
			storedAt: store.hasClock ? (read.listed.get(entry.id)?.manifest.modifiedAt ?? null) : null,
		})),
		holds: [...holds].map(([id, { reason, at }]) => ({ id, reason, at })),
		good: manifests(whole.filter((entry) => isGood(entry, now)))[0] ?? null,
		whole: manifests(whole).slice(0, 2),
	};
}

function pointOf(
	{ check: _, ...facts }: HistoryEntry,
	isThere: boolean,
	holds: ReadonlyMap<string, Hold>,
): BackupPoint {
	return { ...facts, isThere, heldFor: holds.get(facts.id)?.reason ?? null };
}

function factsOf(
	{ id, createdAt, proof, day, label, isPartial }: HistoryEntry,
	holds: ReadonlyMap<string, Hold>,
): Omit<BackupFacts, 'data' | 'storedAt'> {
	return {
		id,
		createdAt: new Date(createdAt),
		proof,
		isScheduled: day !== null,
		label,
		isPartial,
		beside: [],
		heldFor: holds.get(id)?.reason ?? null,
		// The first store locks nothing.
		lockedUntil: null,
	};
}

/** By id, newest first. */
async function readHolds(
	{ store, place }: At,
	{ listed }: HistoryRead,
	signal: AbortSignal,
): Promise<Map<string, Hold>> {
	const held = [...listed.values()].filter(({ hold }) => hold !== null).slice(0, MOST_HOLDS);
	const found = new Map<string, Hold>();
	await eachAtOnce(held, AT_ONCE, weightless, async ({ id }) => {
		const hold = await readHold(store, place, id, signal);
		if (hold !== null) found.set(id, hold);
	});
	return new Map([...found].sort(([a], [b]) => (a < b ? 1 : -1)));
}

/** Ids of backups whose data is there, though the list leaves it out. */
async function lookUpData(
	{ store, place }: At,
	{ listed, there }: HistoryRead,
	signal: AbortSignal,
): Promise<Set<string>> {
	const lacks = ({ id }: HistoryEntry) => (listed.get(id) as BackupEntry).data.length === 0;
	const found = new Set<string>();
	await eachAtOnce(there.filter(lacks).slice(-MOST_LOOKUPS), AT_ONCE, weightless, async ({ id, isSealed }) => {
		if ((await store.head(dataName(place, id, isSealed), { signal })) !== null) found.add(id);
	});
	return found;
}

function weightless(): number {
	return 0;
}
