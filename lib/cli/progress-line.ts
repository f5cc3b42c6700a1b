import { printable } from '../core/printable';
import { formatBytes, formatCount, formatDurationMs } from '../core/quantities';

export interface ProgressState {
	readonly label: string;
	readonly totalBytes?: number;
	readonly totalRows?: number;
	readonly rows: number;
	readonly bytes: number;
	/** On the clock of `performance.now()`. */
	readonly startedAtMs: number;
}

const BAR_CELLS = 20;

/**
 * Formats the state as one line of less than `columns` characters: a bar and the time left where a total is known,
 * rows and bytes in any case.
 */
export function formatProgressLine(state: ProgressState, nowMs: number, columns: number): string {
	const share = shareDone(state);
	const elapsedMs = Math.max(0, nowMs - state.startedAtMs);
	const parts = [printable(state.label, 'line')];
	if (share !== null) {
		const filled = Math.floor(share * BAR_CELLS);
		parts.push(`[${'='.repeat(filled)}${' '.repeat(BAR_CELLS - filled)}] ${Math.floor(share * 100)}%`);
	}
	if (state.rows > 0 || state.totalRows !== undefined)
		parts.push(`${ofTotal(state.rows, state.totalRows, formatCount)} rows`);
	if (state.bytes > 0 || state.totalBytes !== undefined)
		parts.push(ofTotal(state.bytes, state.totalBytes, formatBytes));
	// The first moments tell nothing of the rest.
	if (share !== null && share > 0 && elapsedMs > 500) {
		parts.push(`${formatDurationMs(secondsUp((elapsedMs * (1 - share)) / share))} left`);
	} else {
		parts.push(formatDurationMs(elapsedMs));
	}
	return parts.join('  ').slice(0, Math.max(1, columns - 1));
}

function shareDone({ rows, bytes, totalRows, totalBytes }: ProgressState): number | null {
	if (totalBytes !== undefined && totalBytes > 0) return Math.min(1, bytes / totalBytes);
	if (totalRows !== undefined && totalRows > 0) return Math.min(1, rows / totalRows);
	return null;
}

function ofTotal(value: number, total: number | undefined, format: (value: number) => string): string {
	return total === undefined ? format(value) : `${format(value)} of ${format(total)}`;
}

function secondsUp(ms: number): number {
	return Math.ceil(ms / 1000) * 1000;
}
