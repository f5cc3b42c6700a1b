import type { Dumped } from '../backup/dump';
import type { Progress } from '../backup/encode-snapshot';
import type { Manifest } from '../backup/manifest';
import { proveByRestore } from '../backup/prove';
import { checkStored, verifyBackup } from '../backup/verify-backup';
import type { Proof } from '../config/config';
import { hasCode, LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { JobContext } from './context';
import { diskBytesOf, withScratch } from './scratch';

export interface ProofOptions {
	readonly wanted: Proof;
	readonly scratchDir: string;
	readonly context: JobContext;
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: Progress) => void;
}

/**
 * Proves a stored backup as far as is wanted and possible: restored into a scratch database and compared, or else
 * read back whole and checked.
 *
 * @param open reads the object back from the store
 * @returns the manifest's `proof`, which says why it is less than was wanted
 */
export async function proveStored(
	open: () => Promise<AsyncIterable<Uint8Array>>,
	dumped: Dumped,
	options: ProofOptions,
): Promise<Manifest['proof']> {
	const { wanted, context, signal, onProgress } = options;
	const startedMs = context.clock.elapsedMs();
	const stored = { bytes: dumped.storedBytes, sha256: dumped.storedSha256 };
	const done = (kind: Manifest['proof']['kind'], notes: string[]): Manifest['proof'] => ({
		kind,
		of: 'stored',
		at: context.clock.now().toISOString(),
		durationMs: Math.round(context.clock.elapsedMs() - startedMs),
		notes,
	});
	if (wanted === 'none') return done('none', []);
	const notes: string[] = [];
	if (wanted === 'restore') {
		try {
			const needBytes = dumped.diskBytes ?? diskBytesOf(dumped.plainBytes);
			const unequal = await inStep('proving', (note) => {
				note({ bytes: dumped.plainBytes, rows: dumped.encoded.trailer.rows });
				return withScratch(options.scratchDir, needBytes, signal, async (scratch) =>
					proveByRestore(await open(), stored, scratch, { ...context, signal, onProgress }),
				);
			});
			return done('restored', unequal);
		} catch (error) {
			if (!hasCode(error, 'SCRATCH_FULL', 'RESTORE_UNSUPPORTED', 'FUNCTIONS_REFUSED')) throw error;
			notes.push(`read back only: ${error.message}`);
		}
	}
	await inStep('reading back', async (note) => {
		const { counted, trailer } = await verifyBackup(await open(), null, onProgress);
		note({ bytes: counted.storedBytes });
		checkStored(stored, counted);
		if (trailer.sha256 !== dumped.encoded.trailer.sha256)
			throw new LifeboatError('PROOF_FAILED', 'what was read back is another backup than was written');
	});
	return done('read', notes);
}
