import type { Random } from '../core/clock';
import type { Attempt } from './sign-in-limit';

/** The attempts to sign in that one process knows of: no more than the limits count. */
export interface AttemptMemory {
	attempts: readonly Attempt[];
}

export function createAttemptMemory(): AttemptMemory {
	return { attempts: [] };
}

/** An id for an attempt: 48 bits of chance. */
export function newAttemptId(random: Random): string {
	return Math.floor(random() * 2 ** 48)
		.toString(16)
		.padStart(12, '0');
}
