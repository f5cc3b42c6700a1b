import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { TimeLimitError } from '../../lib/core/time-limit';
import { readS3Failure, toStoreError } from '../../lib/store/s3-errors';

/** As the SDK makes them. */
const answered = (name: string, httpStatusCode: number, message = 'UnknownError') =>
	Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

const codeOf = (error: unknown) => toStoreError(readS3Failure(error), 'write', 's3://b').code;

describe('reads what the SDK throws', () => {
	it.each([
		['PreconditionFailed', 412, 'STORE_EXISTS'],
		['AccessDenied', 403, 'STORE_REFUSED'],
		['Unknown', 403, 'STORE_REFUSED'],
		['InvalidAccessKeyId', 403, 'STORE_REFUSED'],
		['NoSuchBucket', 404, 'STORE_REFUSED'],
		['PermanentRedirect', 301, 'STORE_REFUSED'],
		['InvalidStorageClass', 400, 'STORE_REFUSED'],
		['NotImplemented', 501, 'STORE_REFUSED'],
		['QuotaExceeded', 403, 'STORE_FULL'],
		['XMinioStorageFull', 507, 'STORE_FULL'],
		['Unknown', 507, 'STORE_FULL'],
		['BadDigest', 400, 'STORE_UNREACHABLE'],
		['SlowDown', 503, 'STORE_UNREACHABLE'],
		['RequestTimeout', 400, 'STORE_UNREACHABLE'],
		['Unknown', 500, 'STORE_UNREACHABLE'],
		['constructor', 503, 'STORE_UNREACHABLE'],
	])('%s with status %i as %s', (name, status, code) => {
		expect(codeOf(answered(name, status))).toBe(code);
	});

	it('a condition by what was asked', () => {
		const failure = readS3Failure(answered('PreconditionFailed', 412));
		expect(toStoreError(failure, 'replace', 's3://b', 'lease', 'STORE_CHANGED').code).toBe('STORE_CHANGED');
	});

	it.each([
		['a lost connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
		['no answer in time', new TimeLimitError(10)],
		['an abort of its own', Object.assign(new Error('Request aborted'), { name: 'AbortError' })],
		['a success that is not S3’s', Object.assign(new Error('not XML'), { $response: { statusCode: 200 } })],
	])('%s as one to try again', (_, error) => {
		expect(readS3Failure(error)).toMatchObject({ kind: 'unclear' });
	});

	it('a defect as such', () => {
		expect(codeOf(new TypeError('x is not a function'))).toBe('INTERNAL');
	});

	it('without what hangs on it', () => {
		const error = Object.assign(answered('SignatureDoesNotMatch', 403), {
			$response: { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=AKIASECRET' } },
			StringToSign: 'a secret thing',
		});
		const shown = inspect(toStoreError(readS3Failure(error), 'write', 's3://b'), { depth: 20, showHidden: true });
		expect(shown).toContain('SignatureDoesNotMatch');
		expect(shown).not.toMatch(/AKIASECRET|a secret thing/);
	});
});
