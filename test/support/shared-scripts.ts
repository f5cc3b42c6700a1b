import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
/** The folder of the measured hazards, beside the checkout; it may be missing. */
export const SHARED = resolve(ROOT, '../shared');
/** Beneath `node_modules`, so that the scripts find `@libsql/client`. */
const CACHE = join(ROOT, 'node_modules/.cache/lifeboat/fidelity');

/** Claims that the independent scripts are there. */
export function hasSharedScripts(): boolean {
	return existsSync(join(SHARED, 'fidelity/compare.mjs'));
}

/** Copies one of them to where it runs; returns its path. */
export async function copySharedScript(name: 'compare.mjs' | 'torture.mjs'): Promise<string> {
	await mkdir(CACHE, { recursive: true });
	const path = join(CACHE, name);
	// Under a name of its own first: other processes do the same at the same time.
	const partial = `${path}.${randomBytes(4).toString('hex')}`;
	await copyFile(join(SHARED, 'fidelity', name), partial);
	await rename(partial, path);
	return path;
}
