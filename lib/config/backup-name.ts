import { basename } from 'node:path';
import type { DatabaseUrl } from '../core/database-url';

/**
 * Names the backups of a database after its host or file, as one segment of a name in a store: 1 to 100 characters of
 * `[A-Za-z0-9._-]`, not `.` or `..`. What does not fit becomes `-`; null if nothing fits.
 */
export function defaultBackupName(database: DatabaseUrl): string | null {
	const source = database.kind === 'remote' ? database.host : basename(database.path);
	const name = source
		.replace(/[^A-Za-z0-9._-]+/g, '-')
		.replace(/^-+/, '')
		.slice(0, 100)
		.replace(/-+$/, '');
	return /[A-Za-z0-9]/.test(name) ? name : null;
}
