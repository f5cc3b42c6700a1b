/** The spans of time that a backup can stand for. */
export const SPANS = ['daily', 'weekly', 'monthly', 'yearly'] as const;
export type Span = (typeof SPANS)[number];

const DAY_MS = 86_400_000;

/**
 * Names the span of time that a moment is in, by UTC: `2026-11-20`, `2026-W47` (ISO 8601: weeks begin on Monday, and are
 * of the year that their Thursday is in), `2026-11`, `2026`. Of two names of a kind, the later sorts after the earlier.
 */
export function spanOf(span: Span, at: Date): string {
	const day = at.toISOString().slice(0, 10);
	if (span === 'daily') return day;
	if (span === 'monthly') return day.slice(0, 7);
	if (span === 'yearly') return day.slice(0, 4);
	const daysSinceMonday = (at.getUTCDay() + 6) % 7;
	const thursday = new Date(Date.parse(day) + (3 - daysSinceMonday) * DAY_MS);
	const daysOfYear = (thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / DAY_MS;
	const week = String(Math.floor(daysOfYear / 7) + 1).padStart(2, '0');
	return `${thursday.toISOString().slice(0, 4)}-W${week}`;
}
