import { createHash, scrypt } from 'node:crypto';
import type { Secret } from '../core/secret';

/** What is made of the password: it is never used itself but to be compared. */
export interface StatusKeys {
	/** Seals session cookies. */
	readonly seal: string;
	/** Hashes addresses. */
	readonly callers: Buffer;
}

/** 16 MB and a fifth of a second a guess: who has got hold of a cookie must not find a weak password by it. */
const COST = { N: 16_384, r: 8, p: 5, maxmem: 32 * 1024 * 1024 } as const;
const KEY_BYTES = 32;
/** The same on all instances. It need not be secret; a change of it ends all sessions. */
const SALT = 'lifeboat status page 1';

let last: { readonly of: string; readonly keys: Promise<StatusKeys> } | null = null;

/** The keys of a password, made once in a process. Of another password they are others. */
export function statusKeysOf(password: Secret): Promise<StatusKeys> {
	const of = createHash('sha256').update(password.reveal()).digest('hex');
	if (last?.of === of) return last.keys;
	const keys = derive(password);
	last = { of, keys };
	keys.catch(() => {
		if (last?.keys === keys) last = null;
	});
	return keys;
}

async function derive(password: Secret): Promise<StatusKeys> {
	const bytes = await new Promise<Buffer>((resolve, reject) => {
		scrypt(password.reveal(), SALT, 2 * KEY_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
	});
	return { seal: bytes.subarray(0, KEY_BYTES).toString('hex'), callers: bytes.subarray(KEY_BYTES) };
}
