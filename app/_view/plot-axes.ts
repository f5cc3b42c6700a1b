import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale';

/** What a plot's numbers are: bytes, or ms. */
export type Quantity = 'bytes' | 'duration';

/** Heights in px, from the top of the picture. */
export const PLOT = { height: 196, top: 14, bottom: 168 } as const;

export interface Tick {
	/** Px for a value; for a moment percent of the width. */
	readonly at: number;
	readonly label: string;
}

export interface ValueAxis {
	readonly ticks: readonly Tick[];
	/** Where a value is, in px. What is above the axis is at its top. */
	readonly place: (value: number) => number;
	/** What is more than this is off the axis; null: nothing is. */
	readonly cap: number | null;
}

export interface TimeAxis {
	readonly ticks: readonly (Tick & { readonly anchor: 'start' | 'middle' | 'end' })[];
	/** Where a moment is, in percent of the width. */
	readonly place: (atMs: number) => number;
}

type Unit = readonly [name: string, size: number];
const UNITS: Readonly<Record<Quantity, readonly Unit[]>> = {
	bytes: [
		['B', 1],
		['kB', 1e3],
		['MB', 1e6],
		['GB', 1e9],
		['TB', 1e12],
	],
	duration: [
		['ms', 1],
		['s', 1e3],
		['min', 6e4],
		['h', 3.6e6],
	],
};

/** An axis from zero up to what the values need, in the unit that suits them. A few values far above the rest are left out. */
export function linearAxis(values: readonly number[], quantity: Quantity): ValueAxis {
	const usual = capOf(values);
	const most = Math.max(0, ...values.filter((value) => usual === null || value <= usual));
	// Two minutes read better as 120 s, two thousand bytes as 2 kB.
	const least = quantity === 'duration' ? 3 : 1;
	const units = UNITS[quantity];
	const [name, size] = units.findLast(([, unit]) => most >= unit * least) ?? (units[0] as Unit);
	const scale = scaleLinear()
		.domain([0, most === 0 ? 1 : most / size])
		.nice(4)
		.range([PLOT.bottom, PLOT.top])
		.clamp(true);
	const format = scale.tickFormat(4);
	const ticks = scale.ticks(4).map((tick) => ({ at: px(scale(tick)), label: `${format(tick)} ${name}` }));
	const cap = usual === null ? null : (scale.domain()[1] ?? 0) * size;
	return { ticks, place: (value) => px(scale(value / size)), cap };
}

const LADDER: readonly Unit[] = [
	['1 ms', 1],
	['10 ms', 10],
	['100 ms', 100],
	['1 s', 1e3],
	['10 s', 1e4],
	['1 min', 6e4],
	['10 min', 6e5],
	['1 h', 3.6e6],
	['10 h', 3.6e7],
	['4 days', 3.456e8],
	['40 days', 3.456e9],
	['1 year', 3.154e10],
];

/** An axis of durations, in ms, on which each step up is ten times as long or so: seconds and hours can both be told. */
export function ladderAxis(valuesMs: readonly number[]): ValueAxis {
	const positive = valuesMs.map((value) => Math.max(1, value));
	const least = Math.min(...positive);
	const most = Math.max(...positive);
	const from = Math.max(
		0,
		LADDER.findLastIndex(([, ms]) => ms <= least),
	);
	const above = LADDER.findIndex(([, ms], index) => ms > most && index > from);
	const steps = LADDER.slice(from, above === -1 ? LADDER.length : above + 1);
	const scale = scaleLog()
		.domain([steps[0]?.[1] ?? 1, steps.at(-1)?.[1] ?? 10])
		.range([PLOT.bottom, PLOT.top])
		.clamp(true);
	const ticks = steps.map(([label, ms]) => ({ at: px(scale(ms)), label }));
	return { ticks, place: (value) => px(scale(Math.max(1, value))), cap: null };
}

/** So many values at the least, before some of them can be called exceptions. */
const LEAST_FOR_CAP = 8;

/** What the axis must have room for, if a few values are several times all others; else null. */
function capOf(values: readonly number[]): number | null {
	if (values.length < LEAST_FOR_CAP) return null;
	const sorted = [...values].sort((one, other) => one - other);
	const high = sorted[Math.floor((sorted.length - 1) * 0.94)] ?? 0;
	return high > 0 && (sorted.at(-1) ?? 0) > 3 * high ? high * 1.25 : null;
}

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Labels that are nearer to each other, in percent, would touch on a phone. */
const LEAST_APART = 19;

/** An axis of moments, in UTC, with room for one alone. At least one is given. */
export function timeAxis(timesMs: readonly number[]): TimeAxis {
	const first = Math.min(...timesMs);
	const last = Math.max(...timesMs);
	const room = first === last ? DAY_MS / 2 : 0;
	const scale = scaleUtc()
		.domain([first - room, last + room])
		.range([2, 98]);
	const place = (atMs: number) => Math.round(scale(atMs) * 100) / 100;
	const days = (last - first) / DAY_MS;
	const moments = days < 3 ? [...new Set([first, last])] : scale.ticks(5).map((tick) => tick.getTime());
	const ticks: (TimeAxis['ticks'][number] & { readonly right: number })[] = [];
	for (const atMs of moments) {
		const at = place(atMs);
		const anchor = at < 8 ? 'start' : at > 92 ? 'end' : 'middle';
		const left = anchor === 'start' ? at : anchor === 'end' ? at - LEAST_APART : at - LEAST_APART / 2;
		const before = ticks.at(-1);
		const label = momentLabel(atMs, days);
		if (before !== undefined && (left < before.right || label === before.label)) continue;
		ticks.push({ at, label, anchor, right: left + LEAST_APART });
	}
	return { ticks, place };
}

/** `02:00`, `20 Nov`, `Nov`, and of January the year, as suits a span of so many days. */
function momentLabel(atMs: number, days: number): string {
	const at = new Date(atMs);
	const month = MONTHS[at.getUTCMonth()] as string;
	if (days > 900) return String(at.getUTCFullYear());
	if (days > 120) return at.getUTCMonth() === 0 ? String(at.getUTCFullYear()) : month;
	return `${at.getUTCDate()} ${month}`;
}

function px(value: number): number {
	return Math.round(value * 10) / 10;
}
