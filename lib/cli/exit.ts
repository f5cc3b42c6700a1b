import type { ErrorClass, LifeboatError } from '../core/errors';

/** The exit code of a run that ended with an error of each class; 0 is the code of one that did not. */
export const EXIT_CODES: Readonly<Record<ErrorClass, number>> = {
	unexpected: 1,
	usage: 2,
	guard: 3,
	damaged: 4,
	'not-found': 5,
	unreachable: 6,
};

/** The one place where an error becomes an exit code. */
export function exitCodeOf(error: LifeboatError): number {
	return EXIT_CODES[error.class];
}
