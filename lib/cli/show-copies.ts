import { type ErrorCode, LifeboatError } from '../core/errors';
import type { CopyVerdict } from '../jobs/copy';
import { formatTable } from './table';

/** A table of what came of each copy. */
export function showCopies(verdicts: readonly CopyVerdict[]): string {
	const columns = [
		{ heading: 'copy' },
		{ heading: 'copied', align: 'right' },
		{ heading: 'missing', align: 'right' },
		{ heading: 'checked' },
		{ heading: 'remarks' },
	] as const;
	return formatTable(
		columns,
		verdicts.map(({ name, copied, missing, checked, error }) => [
			name,
			copied.length,
			missing,
			checked,
			error && `${error.code}: ${error.message}`,
		]),
	);
}

/** What ends the command: the failure of the first copy that has one. */
export function failureOf(verdicts: readonly CopyVerdict[]): LifeboatError | undefined {
	const failed = verdicts.find(({ error }) => error !== null);
	if (!failed?.error) return undefined;
	return new LifeboatError(failed.error.code as ErrorCode, `the copy ${failed.name}: ${failed.error.message}`, {
		hint: 'the other copies are made; run this again for what is missing',
	});
}
