import { createHash } from 'node:crypto';

/** Characters of an encoded name that are kept; every file system takes 255. */
const MOST_CHARS = 180;
/** Names that Windows keeps for devices, whatever comes after the dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
const KEPT = /[A-Za-z0-9_-]/;

/**
 * The file name for a table: letters, digits, `_` and `-` of ASCII stand for themselves, any other byte of its UTF-8 is
 * `%XX`, as in a URL; so no table's name is a path, and no two tables have one file, on any file system. A name past
 * 180 characters is cut, and ends in `~` and 16 digits of its SHA-256.
 */
export function csvFileName(table: string): string {
	let name = [...Buffer.from(table)].map((byte) => encodeByte(byte)).join('');
	if (DEVICE.test(name)) name = percent(name.charCodeAt(0)) + name.slice(1);
	if (name === '') name = '%';
	if (name.length > MOST_CHARS)
		name = `${name.slice(0, MOST_CHARS)}~${createHash('sha256').update(table).digest('hex').slice(0, 16)}`;
	return `${name}.csv`;
}

function encodeByte(byte: number): string {
	const character = String.fromCharCode(byte);
	return KEPT.test(character) ? character : percent(byte);
}

function percent(byte: number): string {
	return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
