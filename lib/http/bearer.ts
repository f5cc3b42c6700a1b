import type { Secret } from '../core/secret';
import { isSecret } from './is-secret';

/** No honest header is longer; hashing a longer one would be work for whoever asks for it. */
const LONGEST_HEADER = 1024;

/**
 * Claims that an `authorization` header carries `secret` as its bearer token, in constant time. Of headers that came more
 * than once Node keeps the first; joined by a comma, as elsewhere, they are never right.
 */
export function isBearerOf(header: string | null, secret: Secret): boolean {
	if (header === null || header.length > LONGEST_HEADER) return false;
	const token = /^Bearer ([\x21-\x7e]+)$/i.exec(header)?.[1];
	return token !== undefined && isSecret(token, secret);
}
