import { inspect } from 'node:util';
import * as sdk from '@vercel/blob';
import { describe, expect, it } from 'vitest';
import { TimeLimitError } from '../../lib/core/time-limit';
import { BlobFailure, readBlobFailure, toStoreError } from '../../lib/store/vercel-blob-errors';

const TOKEN = 'vercel_blob_rw_abc_Secret0';
const systemError = (code: string) => Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code });

describe('errors of the Blob SDK', () => {
	it.each([
		[new sdk.BlobAccessError(), 'refused', 'STORE_REFUSED'],
		[new sdk.BlobClientTokenExpiredError(), 'refused', 'STORE_REFUSED'],
		[new sdk.BlobStoreNotFoundError(), 'refused', 'STORE_REFUSED'],
		[new sdk.BlobStoreSuspendedError(), 'refused', 'STORE_REFUSED'],
		[new sdk.BlobContentTypeNotAllowedError('x'), 'refused', 'STORE_REFUSED'],
		[new sdk.BlobPathnameMismatchError('x'), 'refused', 'STORE_REFUSED'],
		[new sdk.BlobFileTooLargeError('x'), 'refused', 'STORE_REFUSED'],
		[new sdk.BlobNotFoundError(), 'absent', 'STORE_UNREACHABLE'],
		[new sdk.BlobPreconditionFailedError(), 'changed', 'STORE_CHANGED'],
		[new sdk.BlobServiceRateLimited(3), 'limited', 'STORE_UNREACHABLE'],
		[new sdk.BlobServiceNotAvailable(), 'unclear', 'STORE_UNREACHABLE'],
		[new sdk.BlobUnknownError(), 'unclear', 'STORE_UNREACHABLE'],
		[new sdk.BlobRequestAbortedError(), 'unclear', 'STORE_UNREACHABLE'],
		[new TimeLimitError(1000), 'unclear', 'STORE_UNREACHABLE'],
		[new SyntaxError('Unexpected token < in JSON'), 'unclear', 'STORE_UNREACHABLE'],
		[new TypeError('fetch failed', { cause: systemError('ECONNREFUSED') }), 'unclear', 'STORE_UNREACHABLE'],
		[new TypeError('terminated', { cause: systemError('UND_ERR_SOCKET') }), 'unclear', 'STORE_UNREACHABLE'],
		[new DOMException('aborted', 'AbortError'), 'unclear', 'STORE_UNREACHABLE'],
		[new TypeError("Cannot read properties of undefined (reading 'map')"), 'unclear', 'STORE_UNREACHABLE'],
		[new TypeError("Cannot read properties of null (reading 'url')"), 'unclear', 'STORE_UNREACHABLE'],
		[new TypeError('x is not a function'), 'unknown', 'INTERNAL'],
		['thrown text', 'unknown', 'INTERNAL'],
	] as const)('reads %s as %s: %s', (error, kind, code) => {
		const failure = readBlobFailure(error);
		expect(failure.kind).toBe(kind);
		expect(toStoreError(failure, 'do it', 'a')).toMatchObject({ code, data: { store: 'vercel-blob', name: 'a' } });
	});

	it.each([
		['This blob already exists, use `allowOverwrite: true` if you want to overwrite it.', 'exists'],
		['Failed to fetch blob: 429 Too Many Requests', 'limited'],
		['Failed to fetch blob: 408 Request Timeout', 'unclear'],
		['Failed to fetch blob: 500 Internal Server Error', 'unclear'],
		['Failed to fetch blob: 401 Unauthorized', 'refused'],
		['Failed to fetch blob: 400 Bad Request', 'refused'],
		['OIDC is enabled for this project, but not for the "preview" environment.', 'refused'],
		['No blob credentials found. Pass a `token` option', 'refused'],
		['Cannot use public access on a private store', 'refused'],
	])('reads a bare BlobError by its message: %s', (message, kind) => {
		expect(readBlobFailure(new sdk.BlobError(message)).kind).toBe(kind);
	});

	it('tells how long a rate limit asks to wait, if it does so in seconds', () => {
		expect(readBlobFailure(new sdk.BlobServiceRateLimited(3)).options.retryAfterMs).toBe(3000);
		expect(readBlobFailure(new sdk.BlobServiceRateLimited()).options.retryAfterMs).toBe(0);
		expect(readBlobFailure(new sdk.BlobServiceRateLimited(Number.NaN)).options.retryAfterMs).toBeUndefined();
	});

	it('keeps what the system said, and no token', () => {
		const jwt = 'eyJhbGciOi.eyJzdWIi.c2ln';
		for (const error of [
			new TypeError(`Headers.append: "Bearer ${TOKEN}\n" is an invalid header value.`),
			new TypeError('fetch failed', { cause: Object.assign(new Error(`at ${TOKEN}`), { code: 'X', token: TOKEN }) }),
			new sdk.BlobError(`Invalid token ${TOKEN}, or ${jwt}`),
			Object.assign(new sdk.BlobAccessError(), { request: { authorization: `Bearer ${TOKEN}` } }),
		]) {
			const printed = inspect(toStoreError(readBlobFailure(error), 'do it'), { depth: 20, showHidden: true });
			expect(printed).not.toContain('Secret0');
			expect(printed).not.toContain('eyJ');
		}
		const refused = new TypeError('fetch failed', { cause: systemError('ECONNREFUSED') });
		expect(toStoreError(readBlobFailure(refused), 'do it').message).toBe(
			'could not do it: fetch failed (ECONNREFUSED)',
		);
	});

	it('say what to do, but for defects of our own', () => {
		for (const kind of ['exists', 'changed', 'absent', 'refused', 'limited', 'unclear'] as const)
			expect(toStoreError(new BlobFailure(kind, 'x'), 'do it').hint).toEqual(expect.any(String));
	});

	it('leaves a failure that was read already as it is', () => {
		const failure = new BlobFailure('limited', 'later');
		expect(readBlobFailure(failure)).toBe(failure);
	});
});
