import type { Manifest } from './manifest';

/** How large a backup is, without any row of it. */
export interface Size {
	readonly id: string;
	/** Before compression. */
	readonly plainBytes: number;
	/** Rows by table. */
	readonly rows: ReadonlyMap<string, number>;
}

/** One way in which a backup is smaller than those before it. */
export type Shrink =
	| { readonly what: 'table-gone' | 'table-emptied' | 'rows'; readonly table: string; before: number; now: number }
	/** In bytes, before compression. */
	| { readonly what: 'size'; readonly table: null; before: number; now: number };

export interface ShrinkLimits {
	/** From 1 to 100. */
	readonly rowsDropPercent: number;
	/** From 1 to 100. */
	readonly sizeDropPercent: number;
	/** Tables that may lose their rows, or be gone. */
	readonly ignoredTables: readonly string[];
}

/** So many backups before it are what one is compared with. */
export const COMPARED = 7;
/** A table that loses fewer rows than this is not told of, unless it loses all. */
const FEWEST_ROWS = 20;

/** What is to be known of a manifest; null for one that has the rows of some tables only. */
export function sizeOf({ id, plainBytes, tables, only }: Manifest): Size | null {
	if (only !== null) return null;
	return { id, plainBytes, rows: new Map(tables.map(({ name, rows }) => [name, rows])) };
}

/**
 * Tells in what a backup is much smaller than those before it: by the median of up to seven, so that one odd night among
 * them neither hides a loss nor makes one. The worst first. None if there is nothing to compare with.
 *
 * @param earlier in order, the newest last
 */
export function findShrinks(now: Size, earlier: readonly Size[], limits: ShrinkLimits): Shrink[] {
	const last = earlier[earlier.length - 1];
	if (last === undefined) return [];
	const shrinks: Shrink[] = [];
	const names = new Set(earlier.flatMap(({ rows }) => [...rows.keys()]));
	for (const table of limits.ignoredTables) names.delete(table);
	for (const table of names) {
		const counts = earlier.flatMap(({ rows }) => rows.get(table) ?? []);
		const before = medianOf(earlier.map(({ rows }) => rows.get(table) ?? 0));
		const rows = now.rows.get(table);
		if (rows === undefined) {
			// One that most of them lack went long ago.
			const isNews = last.rows.has(table) || counts.length * 2 > earlier.length;
			if (isNews) shrinks.push({ what: 'table-gone', table, before: medianOf(counts), now: 0 });
		} else if (rows === 0 && before > 0) shrinks.push({ what: 'table-emptied', table, before, now: 0 });
		else if (before - rows >= FEWEST_ROWS && isDrop(before, rows, limits.rowsDropPercent))
			shrinks.push({ what: 'rows', table, before, now: rows });
	}
	shrinks.sort((a, b) => b.before - b.now - (a.before - a.now));
	const before = medianOf(earlier.map(({ plainBytes }) => plainBytes));
	if (isDrop(before, now.plainBytes, limits.sizeDropPercent))
		shrinks.unshift({ what: 'size', table: null, before, now: now.plainBytes });
	return shrinks;
}

function isDrop(before: number, now: number, percent: number): boolean {
	return now < before && (before - now) * 100 >= before * percent;
}

/** The upper one of two: rather one alert too many. */
function medianOf(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? 0;
}

/** The sizes of the newest backups, kept while all manifests of a store pass by. */
export class RecentSizes {
	readonly #sizes: Size[] = [];

	/** @param before the id of the backup that is to be compared: of it and later ones nothing is kept */
	constructor(readonly before: string) {}

	/** Takes a manifest, in any order. */
	readonly see = (manifest: Manifest): void => {
		const size = manifest.id < this.before ? sizeOf(manifest) : null;
		if (size === null) return;
		this.#sizes.push(size);
		// Ids begin with their time.
		this.#sizes.sort((a, b) => (a.id < b.id ? -1 : 1));
		if (this.#sizes.length > COMPARED) this.#sizes.shift();
	};

	/** The newest last. */
	get sizes(): readonly Size[] {
		return this.#sizes;
	}
}
