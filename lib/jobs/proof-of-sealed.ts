import type { Dumped } from '../backup/dump';
import type { Manifest } from '../backup/manifest';
import { counting, newCounted } from '../backup/read-backup';
import { checkStored } from '../backup/verify-backup';
import { hasCode } from '../core/errors';
import { inStep } from '../core/step';
import { type ProofOptions, proveStored } from './proof';
import { Spool } from './spool';

/** Makes a spool for the proof of a sealed backup; null where the scratch folder has no room for any. */
export async function openSpool(scratchDir: string): Promise<Spool | null> {
	try {
		return await Spool.open(scratchDir);
	} catch (error) {
		if (hasCode(error, 'SCRATCH_FULL')) return null;
		throw error;
	}
}

/**
 * Proves a backup that was sealed to a key that is not here: what it was before is proven as any backup is, from where it
 * was kept; and what lies in the store is read back, and must be what was sealed.
 *
 * @param spool null, or failed: what lies in the store is read back only
 * @param open reads the object back from the store
 */
export async function proveSealed(
	spool: Spool | null,
	open: () => Promise<AsyncIterable<Uint8Array>>,
	dumped: Dumped,
	options: ProofOptions,
): Promise<Manifest['proof']> {
	const { wanted, context, signal } = options;
	if (wanted === 'none') return proveStored(open, dumped, options);
	const startedMs = context.clock.elapsedMs();
	const before = await proveSpooled(spool, dumped, options);
	await inStep('reading back', async (note) => {
		const counted = newCounted();
		for await (const _ of counting(await open(), counted)) signal?.throwIfAborted();
		note({ bytes: counted.storedBytes });
		checkStored({ bytes: dumped.storedBytes, sha256: dumped.storedSha256 }, counted);
	});
	return {
		...before,
		at: context.clock.now().toISOString(),
		durationMs: Math.round(context.clock.elapsedMs() - startedMs),
	};
}

async function proveSpooled(
	spool: Spool | null,
	dumped: Dumped,
	options: ProofOptions,
): Promise<Pick<Manifest['proof'], 'kind' | 'of' | 'notes'>> {
	if (spool === null || spool.failure !== null)
		return {
			kind: 'read',
			of: 'stored',
			notes: [
				'what lies in the store is what was sealed, and was not opened before: the scratch folder did not take it',
			],
		};
	const before: Dumped = { ...dumped, storedBytes: spool.bytes, storedSha256: spool.sha256 };
	return { ...(await proveStored(async () => spool.read(options.signal), before, options)), of: 'stream' };
}
