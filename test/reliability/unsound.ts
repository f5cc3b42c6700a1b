import { LifeboatError } from '../../lib/core/errors';
import type { Outcome } from '../support/tally';

/** Why a case is not as it must be. */
export class Unsound extends Error {
	constructor(
		readonly outcome: Outcome,
		message: string,
	) {
		super(message);
	}
}

/** Throws {@link Unsound} unless a failure says what, in which step of a run, and what to do. */
export function expectNamed(error: unknown, { step = true } = {}): asserts error is LifeboatError {
	if (!(error instanceof LifeboatError)) throw new Unsound('wrong', `not an error of ours: ${error}`);
	const { code, hint, data, message } = error;
	if (code === 'INTERNAL') throw new Unsound('wrong', `${message} (${error.cause})`);
	if (hint === undefined) throw new Unsound('wrong', `no hint: ${code}, ${message}`);
	if (step && data.step === undefined) throw new Unsound('wrong', `no step: ${code}, ${message}`);
}
