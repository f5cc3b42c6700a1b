import { LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Database, Refusal } from '../engine/engine';
import { compareWithBackup } from './compare';
import type { Progress } from './encode-snapshot';
import { fillTarget } from './fill-target';
import type { Manifest } from './manifest';
import { newCounted, readBackup } from './read-backup';
import { planRestore, type RestorePlan } from './restore-plan';
import { type TryOptions, withSnapshot } from './snapshot-tries';
import { checkStored, type Verified, verifyBackup } from './verify-backup';

/** A backup that can be read as often as is needed. */
export interface BackupSource {
	/** Null for a file that has none beside it. */
	readonly manifest: Manifest | null;
	open(): Promise<AsyncIterable<Uint8Array>>;
}

export interface RestoreOptions extends TryOptions {
	/** Told at the beginning of each part of the work, with its size where it is known. */
	readonly onPart?: (part: 'reading' | 'restoring' | 'comparing', total: Progress | null) => void;
	readonly onProgress?: (progress: Progress) => void;
}

/** The plan of a restore and what it was made from; nothing has been written. */
export interface PreparedRestore {
	readonly verified: Verified;
	readonly plan: RestorePlan;
}

/** A restore that was done and found equal. */
export interface Restored {
	/** What the target's database does not take: everything else is equal to the backup, bit for bit. */
	readonly refusals: readonly Refusal[];
	/** Rows that refer to no row: the same as in the source, as the rows are equal. */
	readonly foreignKeyViolations: readonly { readonly table: string; readonly rows: number }[];
	readonly tables: number;
	readonly rows: number;
}

/** Reads the whole backup, looks at the target, and says what a restore would do and whether it may. */
export async function prepareRestore(
	source: BackupSource,
	target: Database,
	options: RestoreOptions,
): Promise<PreparedRestore> {
	const { manifest } = source;
	options.onPart?.('reading', manifest && { rows: manifest.rows, bytes: manifest.plainBytes });
	const verified = await inStep('reading the backup', async () =>
		verifyBackup(await source.open(), manifest, options.onProgress),
	);
	const side = target.target();
	const state = await inStep('looking at the target', () => side.inspect());
	const plan = planRestore({
		contents: verified.contents,
		target: state,
		targetFingerprint: target.info.fingerprint,
		unsupported: side.unsupported(verified.contents.schema),
	});
	return { verified, plan };
}

/**
 * Does what was prepared: writes, then compares the target's tables with the backup's digests.
 *
 * @throws LifeboatError of the plan's refusal, before anything is written; `PROOF_FAILED` when the target is not equal
 */
export async function runRestore(
	source: BackupSource,
	target: Database,
	{ verified, plan }: PreparedRestore,
	options: RestoreOptions,
): Promise<Restored> {
	if (plan.refusal) throw plan.refusal;
	const total = { rows: verified.trailer.rows, bytes: verified.counted.plainBytes };
	const counted = newCounted();
	options.onPart?.('restoring', total);
	const side = target.target();
	const { refusals, contents } = await inStep('restoring', async () =>
		fillTarget(readBackup(await source.open(), counted), side, {
			mode: plan.mode,
			skip: plan.skip,
			onProgress: options.onProgress,
		}),
	);
	return inStep('comparing', async () => {
		checkStored({ bytes: verified.counted.storedBytes, sha256: verified.counted.storedSha256 }, counted);
		options.onPart?.('comparing', total);
		// The sequences of an adopted database hold those of its other tables too.
		const skip = plan.mode === 'adopt' ? new Set([...plan.skip, 'sqlite_sequence']) : plan.skip;
		const differences = await withSnapshot(target, options, (snapshot) =>
			compareWithBackup(snapshot, contents, {
				skip,
				refusals,
				schema: plan.mode === 'create',
				onProgress: options.onProgress,
			}),
		);
		if (differences.length > 0) {
			const shown = differences.slice(0, 5).map(({ object, what }) => `${JSON.stringify(object)}: ${what}`);
			throw new LifeboatError('PROOF_FAILED', `the target is not equal to the backup: ${shown.join('; ')}`, {
				hint: 'do not use the target; restore again into a fresh database, into which nothing else writes',
				data: { differences: differences.length },
			});
		}
		const restored = contents.tables.filter(({ name }) => !plan.skip.has(name));
		return {
			refusals,
			foreignKeyViolations: await side.foreignKeyViolations(),
			tables: restored.length,
			rows: restored.reduce((sum, { rows }) => sum + rows, 0),
		};
	});
}
