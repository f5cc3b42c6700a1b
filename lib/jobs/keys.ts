import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../config/config';
import { LifeboatError } from '../core/errors';
import type { Keys } from '../format/age';
import { identitiesOf, isProtected, MAX_IDENTITY_FILE_BYTES, openIdentities } from '../format/age-identity';

/** How a person says with which key a sealed backup is opened. */
export interface KeyOptions {
	/** The path of a file of identities; undefined: those of the configuration. */
	readonly identity?: string;
	/** Asks for a passphrase on the terminal; null where there is none. */
	readonly ask?: (question: string) => Promise<string | null>;
}

/** The keys that a person has: read, and a passphrase asked for, once, and only when a backup is sealed. */
export function keysOf({ identity, ask }: KeyOptions, { ageIdentity }: Config, cwd: string): Keys {
	let found: Promise<readonly string[]> | null = null;
	return () => {
		if (identity !== undefined) found ??= readIdentities(resolve(cwd, identity), ask);
		else found ??= Promise.resolve(ageIdentity === null ? [] : identitiesOf(ageIdentity.reveal()));
		return found;
	};
}

/**
 * Reads a file of identities, as `keys.ts` and `age-keygen` write it.
 *
 * @throws LifeboatError `KEY_NEEDED` if it cannot be read or wants a passphrase that nobody can be asked for; `KEY_WRONG`
 */
export async function readIdentities(path: string, ask: KeyOptions['ask']): Promise<readonly string[]> {
	const bytes = await readSmallFile(path);
	let text = bytes.toString('utf8');
	if (isProtected(bytes)) {
		const passphrase = (await ask?.(`passphrase of ${path}: `)) ?? null;
		if (passphrase === null)
			throw new LifeboatError(
				'KEY_NEEDED',
				'the identity file is sealed by a passphrase, and there is no terminal to ask for it',
				{
					hint: 'run the command on a terminal, or open the file by the age tool first',
					data: { path },
				},
			);
		text = await openIdentities(bytes, passphrase);
	}
	const identities = identitiesOf(text);
	if (identities.length > 0) return identities;
	throw new LifeboatError('KEY_WRONG', 'the identity file holds no identity', {
		hint: 'it must be one that keys.ts or age-keygen has made',
		data: { path },
	});
}

async function readSmallFile(path: string): Promise<Buffer> {
	try {
		const file = await open(path);
		try {
			const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_IDENTITY_FILE_BYTES + 1));
			if (bytesRead <= MAX_IDENTITY_FILE_BYTES) return buffer.subarray(0, bytesRead);
		} finally {
			await file.close();
		}
	} catch (cause) {
		throw new LifeboatError(
			'KEY_NEEDED',
			`the identity file cannot be read: ${(cause as NodeJS.ErrnoException).code}`,
			{
				hint: 'say --identity FILE with the file that keys.ts has made',
				data: { path },
				cause,
			},
		);
	}
	throw new LifeboatError('KEY_WRONG', 'the identity file is too large to be one', { data: { path } });
}
