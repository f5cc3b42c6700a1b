import { describe, expect, it } from 'vitest';
import { compareKeys, fingerprintKeys, type KeyFingerprints } from '../../lib/backup/key-fingerprints';
import { Secret } from '../../lib/core/secret';

const SALT = Buffer.alloc(16, 7);
const key = (name: string, value: string | null) => ({ name, value: value === null ? null : new Secret(value) });
const statesUnder = async (kept: KeyFingerprints | null, values: Record<string, string>) =>
	(await compareKeys(kept, (name) => key(name, values[name] ?? null).value)).map(({ state }) => state);

describe('fingerprints of keys', () => {
	it('tell the same value from another, and show neither', async () => {
		const kept = await fingerprintKeys([key('A', 'one value'), key('B', 'one value'), key('C', null)], SALT);
		expect(JSON.stringify(kept)).not.toContain('one value');
		const [a, b] = kept?.fingerprints ?? [];
		expect(a?.fingerprint).not.toBe(b?.fingerprint);
		expect(await statesUnder(kept, { A: 'one value', B: 'one value ', C: 'x' })).toEqual([
			'same',
			'another',
			'unset-then',
		]);
		expect(await statesUnder(kept, {})).toEqual(['unset-here', 'unset-here', 'unset-then']);
		const other = await fingerprintKeys([key('A', 'one value')], Buffer.alloc(16, 8));
		expect(other?.fingerprints[0]?.fingerprint).not.toBe(a?.fingerprint);
	});

	it('are what the manifest says that they are, for any other tool', async () => {
		const kept = await fingerprintKeys([key('A', 'pässword')], SALT);
		expect(kept).toMatchObject({ kdf: 'scrypt', N: 16_384, r: 8, p: 5, salt: '07'.repeat(16) });
		// By Python: hashlib.scrypt('pässword'.encode(), salt=bytes([7] * 16) + b'A', n=16384, r=8, p=5, dklen=32).hex()
		expect(kept?.fingerprints[0]?.fingerprint).toBe('5cb2f4887d4efb869325da0ddf986ac818e95b11e82055a18f3350b4030795cc');
	});

	it('are none where none are asked for', async () => {
		expect(await fingerprintKeys([], SALT)).toBeNull();
		expect(await compareKeys(null, () => new Secret('x'))).toEqual([]);
	});

	it.each([{ N: 2 ** 30 }, { N: 3 }, { N: 1 }, { r: 2 ** 20 }, { p: 1_000_000 }, { kdf: 'argon2id' }])(
		'of %o, in a manifest of anyone’s making, are not computed',
		async (more) => {
			const kept = await fingerprintKeys([key('A', 'x')], SALT);
			expect(await statesUnder({ ...(kept as KeyFingerprints), ...more }, { A: 'x' })).toEqual(['unknown']);
		},
	);
});
