/** Formats a whole number with thousands separators: `1,234,567`. */
export function formatCount(count: number | bigint): string {
	return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB'];

/** Formats a number of bytes in powers of 1000: `999 B`, `1.5 kB`, `235.1 MB`. */
export function formatBytes(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	let value = bytes / 1000;
	let unit = 0;
	// Rounding to one digit must not show 1000.0 of a unit.
	while (value >= 999.95 && unit < BYTE_UNITS.length - 1) {
		value /= 1000;
		unit++;
	}
	return `${value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** Formats a duration in milliseconds: `340 ms`, `2.3 s`, `1 min 05 s`, `2 h 03 min`. */
export function formatDurationMs(durationMs: number): string {
	if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
	if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
	const seconds = Math.round(durationMs / 1000);
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
	const minutes = Math.round(seconds / 60);
	return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
