import type { Elsewhere } from './config';

/** Parses `BACKUP_ELSEWHERE`: `what: where`, separated by semicolons. Null for anything else. */
export function parseElsewhere(text: string): Elsewhere[] | null {
	const parts = text.split(';').map((part) => part.trim());
	const items = parts
		.filter((part) => part !== '')
		.map((part) => {
			const colon = part.indexOf(':');
			return { what: part.slice(0, Math.max(0, colon)).trim(), where: part.slice(colon + 1).trim() };
		});
	return items.length > 0 && items.every(({ what, where }) => what !== '' && where !== '') ? items : null;
}
