import { formatBytes, formatCount, formatDurationMs } from '../core/quantities';
import { type Summary, shortRecipient } from '../jobs/summary';

const PROOFS: Readonly<Record<Summary['proof'], string>> = {
	restored: 'restored into a scratch database, and equal',
	read: 'read back whole, not restored',
	none: 'none',
};

/** A backup in a few lines; what is missing from it comes last, and cannot be overlooked. */
export function showSummary(summary: Summary, places: readonly string[]): string {
	const lines = [
		`backup   ${summary.id}${summary.label === null ? '' : ` (${summary.label})`}`,
		...places.map((place) => `in       ${place}`),
		`from     ${summary.source}`,
		`holds    ${formatCount(summary.tables)} tables, ${formatCount(summary.rows)} rows, ${formatBytes(summary.plainBytes)}; stored ${formatBytes(summary.bytes)}`,
		...(summary.recipients.length > 0 ? [`sealed   to ${summary.recipients.map(shortRecipient).join(', ')}`] : []),
		`proof    ${PROOFS[summary.proof]}${summary.proofOf === 'stream' ? '; before it was sealed, and what is stored is what was sealed' : ''}`,
		...summary.notes.map((note) => `         ${note}`),
		...(summary.keys.length > 0 ? [`keys     fingerprints of ${summary.keys.join(', ')}`] : []),
		...(summary.unsetKeys.length > 0 ? [`UNSET    ${summary.unsetKeys.join(', ')}: no fingerprint was kept`] : []),
		...(summary.mediaRows === null ? [] : [`media    ${formatCount(summary.mediaRows)} rows in the inventory`]),
		`took     ${formatDurationMs(summary.durationMs)}`,
		`sha256   ${summary.sha256}`,
	];
	return [...lines, ...showOmissions(summary.omittedRows, summary.omitted)].join('\n');
}

/** The rows that a backup lacks, if any. */
export function showOmissions(rows: number, shown: readonly string[]): string[] {
	if (rows === 0) return [];
	return [
		'',
		`WARNING  ${formatCount(rows)} rows could not be carried and are NOT in this backup:`,
		...shown.map((row) => `         ${row}`),
	];
}
