import type { MediaTable } from '../core/media-table';

/** What is looked for when `BACKUP_MEDIA` is unset. */
export const DEFAULT_MEDIA: readonly MediaTable[] = [
	{ table: 'MediaAsset', url: 'url', pathname: 'blobPathname', more: 'all', byDefault: true },
];

const TABLE = /^([^(),;"*]+)\(([^();"]*)\)$/;

/**
 * Parses `BACKUP_MEDIA`: `Table(urlColumn,pathnameColumn,further,columns)`, separated by semicolons. Either of the first
 * two columns may be left empty, and a last `*` means all others. `none` is no table. Null for anything else.
 */
export function parseMedia(text: string): MediaTable[] | null {
	if (text === 'none') return [];
	const tables: MediaTable[] = [];
	for (const part of text.split(';').map((part) => part.trim())) {
		if (part === '') continue;
		const [, table, list] = TABLE.exec(part) ?? [];
		if (table === undefined || list === undefined) return null;
		const [url = '', pathname = '', ...further] = list.split(',').map((column) => column.trim());
		const all = further[further.length - 1] === '*';
		const more = all ? further.slice(0, -1) : further;
		if ((url === '' && pathname === '') || [url, pathname, ...more].includes('*') || more.includes('')) return null;
		tables.push({ table: table.trim(), url: url || null, pathname: pathname || null, more: all ? 'all' : more });
	}
	return tables.length > 0 ? tables : null;
}
