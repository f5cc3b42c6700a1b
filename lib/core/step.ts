import { LifeboatError, toLifeboatError } from './errors';
import { type NoteStep, observer } from './observer';

/**
 * Runs a step of a longer job. An error that leaves it says which step failed: in its message, and in `data.step`,
 * unless an inner step has said so already.
 *
 * @param work tells `note` what it has moved, for whoever watches
 */
export function inStep<T>(step: string, work: (note: NoteStep) => Promise<T>): Promise<T> {
	return observer().step(step, async (note) => {
		try {
			return await work(note);
		} catch (error) {
			throw withStep(step, error);
		}
	});
}

/** Passes a stream through; an error of its source is of `step`, as with {@link inStep}. */
export async function* streamInStep<T>(step: string, source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
	try {
		yield* source;
	} catch (error) {
		throw withStep(step, error);
	}
}

function withStep(step: string, error: unknown): LifeboatError {
	const ours = toLifeboatError(error);
	if ('step' in ours.data) return ours;
	return new LifeboatError(ours.code, `${step} failed: ${ours.message}`, {
		hint: ours.hint,
		data: { ...ours.data, step },
		cause: ours.cause ?? error,
	});
}
