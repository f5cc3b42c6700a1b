import type { StoredObject } from './store';
import { BlobFailure } from './vercel-blob-errors';

/** What the SDK says of an object, if the store's answer had it. */
interface Described {
	readonly size: unknown;
	readonly uploadedAt: unknown;
	readonly etag: unknown;
}

/**
 * Returns `answer` if all of `names` are texts in it. The SDK hands on whatever came, and a success that is not Vercel
 * Blob's own, of a proxy in between, is known only by what it lacks. Throws `BlobFailure`.
 */
export function withTexts<T extends object>(answer: T, ...names: (keyof T)[]): T {
	if (names.every((name) => typeof answer[name] === 'string' && answer[name] !== '')) return answer;
	throw notUnderstood();
}

/** Reads the description of an object. Throws `BlobFailure` when it is none. */
export function toStoredObject(name: string, { size, uploadedAt, etag }: Described): StoredObject {
	const isDate = uploadedAt instanceof Date && !Number.isNaN(uploadedAt.getTime());
	if (!Number.isSafeInteger(size) || !isDate || typeof etag !== 'string' || etag === '') throw notUnderstood();
	return { name, bytes: size as number, modifiedAt: uploadedAt, etag: strongEtag(etag) };
}

/** A weak etag marks the same content; conditional writes compare only strong ones. */
function strongEtag(etag: string): string {
	return etag.replace(/^W\//, '');
}

function notUnderstood(): BlobFailure {
	return new BlobFailure('unclear', "the answer is not one of Vercel Blob's");
}
