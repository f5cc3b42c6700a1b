import type { Database } from '../engine/engine';
import type { Keys } from '../format/age';
import { compareWithBackup, differencesError } from './compare';
import type { Progress } from './encode-snapshot';
import { fillTarget } from './fill-target';
import { newCounted, readBackup } from './read-backup';
import { EVERYTHING, selectParts } from './selection';
import { type TryOptions, withSnapshot } from './snapshot-tries';
import { checkStored } from './verify-backup';

export interface ProveOptions extends TryOptions {
	/** Open it if it is sealed. */
	readonly keys?: Keys | null;
	readonly onProgress?: (progress: Progress) => void;
}

/**
 * Restores a stored backup into an empty scratch database and compares: every table's digest, the schema, the
 * pragmas; and that what was read back is, byte for byte, what was written.
 *
 * @returns what the scratch database could not take, in words: the rest is equal
 * @throws LifeboatError `PROOF_FAILED` with the differences, `BACKUP_DAMAGED`, or `RESTORE_UNSUPPORTED`, `FUNCTIONS_REFUSED` before anything is done
 */
export async function proveByRestore(
	body: AsyncIterable<Uint8Array>,
	stored: { readonly bytes: number; readonly sha256: string },
	scratch: Database,
	options: ProveOptions,
): Promise<string[]> {
	const counted = newCounted();
	const { contents, refusals } = await fillTarget(
		readBackup(body, counted, { digestsRows: false, keys: options.keys }),
		await scratch.target(),
		{
			mode: 'create',
			mark: null,
			onProgress: options.onProgress,
		},
	);
	checkStored(stored, counted);
	const selection = selectParts(contents, EVERYTHING);
	const differences = await withSnapshot(scratch, options, (snapshot) =>
		compareWithBackup(snapshot, contents, { selection, refusals, schema: true }),
	);
	if (differences.length > 0)
		throw differencesError('what was restored is not what was dumped', differences, {
			hint: 'the backup was not kept; please report this with the schema of the tables named',
		});
	return refusals.map(({ object, reason }) => `${object} was not compared: ${reason}`);
}
