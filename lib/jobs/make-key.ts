import { mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, parse } from 'node:path';
import { LifeboatError } from '../core/errors';
import { identityFile, newKeyPair, protectIdentities } from '../format/age-identity';
import { type JobContext, systemContext } from './context';

export interface MakeKeyOptions {
	/** Absolute; null: a new file in `~/.config/lifeboat`. */
	readonly out: string | null;
	/** One that quantum computers do not open either; its recipient has 2,000 characters. */
	readonly isPostQuantum: boolean;
	/** Seals the file; null: it is plain. */
	readonly passphrase: string | null;
}

export interface MadeKey {
	readonly path: string;
	readonly recipient: string;
}

/**
 * Makes a key pair, and writes the identity to a file that only its owner can read.
 *
 * @throws LifeboatError `OUTPUT_EXISTS`; `USAGE_INVALID` for a path in a Git repository, which would carry it away
 */
export async function makeKey(options: MakeKeyOptions, context: JobContext = systemContext): Promise<MadeKey> {
	const createdAt = context.clock.now();
	const time = createdAt.toISOString().replace(/[-:]|\.\d+/g, '');
	const path = options.out ?? join(homedir(), '.config', 'lifeboat', `identity-${time}.txt`);
	const repository = await repositoryOf(path);
	if (repository !== null)
		throw new LifeboatError('USAGE_INVALID', `${path} lies in the Git repository ${repository}`, {
			hint: 'say --out with a path outside of it: what is committed is known to all who ever clone it',
			data: { path, repository },
		});
	const pair = await newKeyPair(options.isPostQuantum);
	const text = identityFile(pair, createdAt);
	const content = options.passphrase === null ? text : await protectIdentities(text, options.passphrase);
	try {
		await mkdir(dirname(path), { recursive: true, mode: 0o700 });
		await writeFile(path, content, { mode: 0o600, flag: 'wx' });
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		if (code !== 'EEXIST')
			throw new LifeboatError('USAGE_INVALID', `${path} cannot be written: ${code}`, { data: { path }, cause });
		throw new LifeboatError('OUTPUT_EXISTS', `something is already at ${path}`, {
			hint: 'a key that is overwritten opens no backup any more: choose another path',
			data: { path },
		});
	}
	return { path, recipient: pair.recipient };
}

/** The folder of the Git repository that a path lies in; null if it lies in none. */
async function repositoryOf(path: string): Promise<string | null> {
	for (let folder = await realFolder(dirname(path)); ; folder = dirname(folder)) {
		if ((await stat(join(folder, '.git')).catch(() => null)) !== null) return folder;
		if (folder === parse(folder).root) return null;
	}
}

/** Where a folder is, or will be once it is made: `~/.config` may be a link into a repository of settings. */
async function realFolder(folder: string): Promise<string> {
	const found = await realpath(folder).catch(() => null);
	if (found !== null || folder === parse(folder).root) return found ?? folder;
	return join(await realFolder(dirname(folder)), basename(folder));
}
