import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../..');
/** For `node --import`, from any folder. */
export const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** The shell command that runs `scripts/NAME.ts`, up to its words. */
export function script(name: string): string {
	return `"${process.execPath}" --import "${TSX}" "${join(ROOT, 'scripts', `${name}.ts`)}"`;
}
