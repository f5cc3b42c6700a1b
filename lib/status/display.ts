/** How the pages say quantities and moments: all times in UTC. What the command line says the same way is in `lib/core`. */
export { printable } from '../core/printable';
export { formatBytes, formatCount, formatDurationMs } from '../core/quantities';

/** Formats a moment to the second: `2026-11-20 02:00:03 UTC`. `at` is ISO 8601 in UTC. */
export function formatMoment(at: string): string {
	return `${dayOf(at)} ${formatTime(at)}`;
}

/** Formats the time of a moment: `02:00:03 UTC`. */
export function formatTime(at: string): string {
	return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** The day of a moment, `YYYY-MM-DD` in UTC. */
export function dayOf(at: string): string {
	return new Date(at).toISOString().slice(0, 10);
}

const UNITS = [
	['day', 86_400_000],
	['hour', 3_600_000],
	['minute', 60_000],
] as const;

/**
 * Formats how long something is ago, or away, in words and rounded down to one unit: `3 days`, `1 hour`, `12 minutes`.
 * Under a minute, and below zero, it is `less than a minute`; days begin at the second.
 */
export function formatSpan(spanMs: number): string {
	for (const [unit, unitMs] of UNITS) {
		const count = Math.floor(spanMs / unitMs);
		if (count >= (unit === 'day' ? 2 : 1)) return `${count} ${unit}${count === 1 ? '' : 's'}`;
	}
	return 'less than a minute';
}
