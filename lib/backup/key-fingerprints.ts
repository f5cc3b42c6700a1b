import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../core/secret';
import type { Manifest } from './manifest';

/** The part of a manifest that tells one key from another. */
export type KeyFingerprints = NonNullable<Manifest['keys']>;

/** A variable whose value the data depends on; null: it is not set. */
export interface NamedKey {
	readonly name: string;
	readonly value: Secret | null;
}

/** What a key of a backup is beside the one that is set here. */
export interface KeyVerdict {
	readonly name: string;
	/** `unset-here`, `unset-then`: where nothing is set there is nothing to compare. `unknown`: kept in a way not known here. */
	readonly state: 'same' | 'another' | 'unset-here' | 'unset-then' | 'unknown';
}

/**
 * 16 MB and a fifth of a second a guess, five times over: what OWASP asks of passwords, with the least memory. A key
 * of 128 random bits needs none of it; a word would be found all the same, only later.
 */
const COST = { N: 16_384, r: 8, p: 5 } as const;
/** What a manifest of anyone's making may ask for: about 64 MB. */
const [MOST_BYTES, MOST_P] = [64 * 1024 * 1024, 16];
const FINGERPRINT_BYTES = 32;

/** The fingerprints of keys, one after another, so that they take no more memory than one. Null if there are none. */
export async function fingerprintKeys(keys: readonly NamedKey[], salt: Buffer): Promise<KeyFingerprints | null> {
	if (keys.length === 0) return null;
	const cost = { kdf: 'scrypt', ...COST, salt: salt.toString('hex') };
	const fingerprints: KeyFingerprints['fingerprints'] = [];
	for (const { name, value } of keys) {
		const fingerprint = value === null ? null : (await derive(name, value, cost)).toString('hex');
		fingerprints.push({ name, fingerprint });
	}
	return { ...cost, fingerprints };
}

/** Compares the keys that a backup was made under with those that `secretOf` finds here. */
export async function compareKeys(
	kept: KeyFingerprints | null,
	secretOf: (name: string) => Secret | null,
): Promise<KeyVerdict[]> {
	const verdicts: KeyVerdict[] = [];
	for (const { name, fingerprint } of kept?.fingerprints ?? [])
		verdicts.push({ name, state: await stateOf(name, fingerprint, kept as KeyFingerprints, secretOf(name)) });
	return verdicts;
}

async function stateOf(
	name: string,
	fingerprint: string | null,
	cost: KeyFingerprints,
	value: Secret | null,
): Promise<KeyVerdict['state']> {
	if (fingerprint === null) return 'unset-then';
	if (value === null) return 'unset-here';
	const { kdf, N, r, p } = cost;
	const isPowerOfTwo = N > 1 && Number.isInteger(Math.log2(N));
	if (kdf !== 'scrypt' || !isPowerOfTwo || 128 * N * r > MOST_BYTES || p > MOST_P) return 'unknown';
	return timingSafeEqual(await derive(name, value, cost), Buffer.from(fingerprint, 'hex')) ? 'same' : 'another';
}

/** The name is part of the salt, so that two variables of one value do not show it. */
function derive(
	name: string,
	value: Secret,
	{ salt, N, r, p }: Pick<KeyFingerprints, 'salt' | 'N' | 'r' | 'p'>,
): Promise<Buffer> {
	const salted = Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(name)]);
	return new Promise((resolve, reject) => {
		const options = { N, r, p, maxmem: 2 * MOST_BYTES };
		scrypt(value.reveal(), salted, FINGERPRINT_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
	});
}
