import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { LifeboatError } from '../../core/errors';
import type { Migration } from './tool';

/** A script is one transaction, and held whole: this is its longest, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a migration's script.
 *
 * @throws LifeboatError `MIGRATIONS_INVALID` if it is not there, too long, or not UTF-8
 */
export async function readMigration(name: string, path: string, madeMs: number | null): Promise<Migration> {
	const found = await stat(path).catch(() => null);
	if (!found?.isFile()) throw migrationsInvalid(`the migration ${name} has no script: there is no file ${path}`);
	if (found.size > MAX_BYTES) throw migrationsInvalid(`the script ${path} is longer than ${MAX_BYTES} bytes`);
	const bytes = await readFile(path);
	if (!isUtf8(bytes)) throw migrationsInvalid(`the script ${path} is not UTF-8`);
	return { name, path, sql: bytes.toString('utf8'), checksum: sha256(bytes), madeMs };
}

/** SHA-256 in hex; a text is taken as UTF-8. */
export function sha256(content: Buffer | string): string {
	return createHash('sha256').update(content).digest('hex');
}

export function migrationsInvalid(message: string, cause?: unknown): LifeboatError {
	return new LifeboatError('MIGRATIONS_INVALID', message, { hint: 'mend the folder of migrations', cause });
}
