import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../core/secret';

/** Claims that `given` is the secret. Takes the same time wherever they differ: what is compared are digests, of one length. */
export function isSecret(given: string, secret: Secret): boolean {
	return timingSafeEqual(sha256(given), sha256(secret.reveal()));
}

function sha256(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}
