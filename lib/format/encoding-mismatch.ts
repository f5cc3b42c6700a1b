import { LifeboatError } from '../core/errors';
import type { Header } from './records';

/** Text that is not well-formed is carried as bytes, which mean something else in another encoding. */
export function encodingMismatch(is: Header['encoding'], wanted: Header['encoding']): LifeboatError | null {
	if (is === wanted) return null;
	return new LifeboatError('TARGET_MISMATCH', `the target keeps text as ${is}, the backup as ${wanted}`, {
		hint: 'nothing was written; restore into a file: database that is not there yet',
		data: { encoding: is, wanted },
	});
}
