import type { Retention } from './config';

/** What is kept when `BACKUP_RETENTION` is unset: `7d 5w 12m 7y`. */
export const DEFAULT_RETENTION: Retention = { daily: 7, weekly: 5, monthly: 12, yearly: 7 };

const SPANS = { d: 'daily', w: 'weekly', m: 'monthly', y: 'yearly' } as const;

/**
 * Parses `BACKUP_RETENTION`: each of `d`, `w`, `m` and `y` at most once, in any order, with a number of up to four
 * digits before it; one that is left out is zero, and all may not be. Null for `all`; undefined for anything else.
 */
export function parseRetention(text: string): Retention | null | undefined {
	if (text === 'all') return null;
	const counts = { daily: 0, weekly: 0, monthly: 0, yearly: 0 };
	const seen = new Set<string>();
	for (const word of text.split(/\s+/)) {
		const [, count, letter] = /^(\d{1,4})([dwmy])$/.exec(word) ?? [];
		if (letter === undefined || seen.has(letter)) return undefined;
		seen.add(letter);
		counts[SPANS[letter as keyof typeof SPANS]] = Number(count);
	}
	return Object.values(counts).some((count) => count > 0) ? counts : undefined;
}
