import { LifeboatError } from '../core/errors';

/** A command line whose words are right one by one, but not together. */
export class UsageError extends LifeboatError {
	constructor(message: string) {
		super('USAGE_INVALID', message, { hint: 'see --help' });
	}
}
