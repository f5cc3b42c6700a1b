import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asStore, isMissing } from './local-errors';
import { isObjectName } from './names';

/**
 * Names of all files below `folder` that start with `prefix`, in lexicographic order. Reads a folder at a time. Files
 * whose names no store can hold are left out, our temporary ones among them, and so are symbolic links.
 */
export function listNames(folder: string, prefix: string): AsyncGenerator<string, void> {
	// Nothing outside the last whole folder of the prefix can match.
	return walk(folder, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix);
}

/** `within` is empty or ends with a slash. */
async function* walk(folder: string, within: string, prefix: string): AsyncGenerator<string, void> {
	// A folder counts with its slash: `a-b` comes before `a/b`, and that before `a0`.
	const names = (await entriesOf(join(folder, within)))
		.filter((entry) => entry.isFile() || entry.isDirectory())
		.map((entry) => (entry.isDirectory() ? `${within}${entry.name}/` : `${within}${entry.name}`))
		.sort((a, b) => (a < b ? -1 : 1));
	for (const name of names) {
		const isFolder = name.endsWith('/');
		if (!isObjectName(isFolder ? name.slice(0, -1) : name)) continue;
		if (!isFolder && name.startsWith(prefix)) yield name;
		if (isFolder && (name.startsWith(prefix) || prefix.startsWith(name))) yield* walk(folder, name, prefix);
	}
}

async function entriesOf(path: string): Promise<Dirent[]> {
	return asStore('list objects', path, async () => {
		try {
			return await readdir(path, { withFileTypes: true });
		} catch (error) {
			if (isMissing(error)) return [];
			throw error;
		}
	});
}
