import { LifeboatError, toLifeboatError } from './errors';

/**
 * Runs a step of a longer job. An error that leaves it says which step failed: in its message, and in `data.step`,
 * unless an inner step has said so already.
 */
export async function inStep<T>(step: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const ours = toLifeboatError(error);
		if ('step' in ours.data) throw ours;
		throw new LifeboatError(ours.code, `${step} failed: ${ours.message}`, {
			hint: ours.hint,
			data: { ...ours.data, step },
			cause: ours.cause ?? error,
		});
	}
}
