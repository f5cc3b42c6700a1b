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
