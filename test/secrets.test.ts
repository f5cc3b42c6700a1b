import { describe, expect, it } from 'vitest';
import { recordOutput, SECRETS, secretsIn } from './support/secrets';

describe('the search for secrets', () => {
	it.each(Object.entries(SECRETS))('finds %s, whole, in part, and encoded', (variable, secret) => {
		expect(secretsIn(`a ${secret} b`)).toEqual([variable]);
		expect(secretsIn(`error: ${secret.slice(0, -6)}...`)).toEqual([variable]);
		expect(secretsIn(encodeURIComponent(`Bearer ${secret}`))).toEqual([variable]);
		expect(secretsIn(Buffer.from(secret).toString('base64url'))).toEqual([variable]);
		expect(secretsIn(Buffer.from(`x${secret}`).toString('hex'))).toEqual([variable]);
		recordOutput('the names alone', variable);
	});

	it('finds none where there is none', () => {
		expect(secretsIn('Authorization: Bearer [redacted]; vercel_blob_rw_teststore0000000_')).toEqual([]);
	});
});
