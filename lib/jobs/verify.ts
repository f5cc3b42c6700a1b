import type { Progress } from '../backup/encode-snapshot';
import type { Manifest } from '../backup/manifest';
import { proveByRestore } from '../backup/prove';
import { type Verified, verifyBackup } from '../backup/verify-backup';
import type { Config } from '../config/config';
import { inStep } from '../core/step';
import { findBackup } from './backup-source';
import { type JobContext, systemContext } from './context';
import type { KeyOptions } from './keys';
import { diskBytesOf, withScratch } from './scratch';
import type { LookOptions } from './stores';

export interface VerifyOptions extends KeyOptions, LookOptions {
	readonly backup: string;
	readonly config: Config;
	readonly cwd: string;
	/** Restore it into a scratch database and compare, too. */
	readonly drill: boolean;
	readonly onPart?: (part: 'reading' | 'drilling', total: Progress | null) => void;
	readonly onProgress?: (progress: Progress) => void;
}

export interface VerifyResult {
	readonly backup: string;
	readonly where: string;
	/** Whether a manifest was there to hold the file against. */
	readonly hasManifest: boolean;
	/** The age recipients that it is sealed to, as the manifest tells; none without one. */
	readonly recipients: readonly string[];
	/** How its rows were read, as the manifest tells. */
	readonly reading: Manifest['reading'];
	/** What is in it and what is not, as the manifest tells; null where none does. */
	readonly coverage: Manifest['coverage'];
	readonly verified: Verified;
	/** What the scratch database could not take; null without a drill. */
	readonly drill: { readonly notes: readonly string[] } | null;
}

/**
 * Reads a backup whole and checks it; with `drill`, restores it into a scratch database and compares.
 *
 * @throws LifeboatError `BACKUP_DAMAGED`, `PROOF_FAILED`, `RESTORE_UNSUPPORTED`, `SCRATCH_FULL`
 */
export async function verify(options: VerifyOptions, context: JobContext = systemContext): Promise<VerifyResult> {
	const { config, signal } = options;
	const found = await findBackup(options.backup, options, context);
	try {
		const { manifest } = found;
		options.onPart?.('reading', manifest && { rows: manifest.rows, bytes: manifest.plainBytes });
		const verified = await inStep('reading the backup', async () =>
			verifyBackup(await found.open(), manifest, options.onProgress, found.keys),
		);
		const { counted, trailer } = verified;
		let drill: VerifyResult['drill'] = null;
		if (options.drill) {
			options.onPart?.('drilling', { rows: trailer.rows, bytes: counted.plainBytes });
			const stored = { bytes: counted.storedBytes, sha256: counted.storedSha256 };
			const notes = await inStep('drilling', () =>
				withScratch(config.scratchDir, diskBytesOf(counted.plainBytes), signal, async (scratch) =>
					proveByRestore(await found.open(), stored, scratch, {
						...context,
						signal,
						keys: found.keys,
						onProgress: options.onProgress,
					}),
				),
			);
			drill = { notes };
		}
		const reading = manifest?.reading ?? null;
		return {
			backup: found.title,
			where: found.where,
			hasManifest: manifest !== null,
			recipients: manifest?.object.recipients ?? [],
			reading,
			coverage: manifest?.coverage ?? null,
			verified,
			drill,
		};
	} finally {
		await found.close();
	}
}
