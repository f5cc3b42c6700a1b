import { inStep } from '../core/step';
import type { Database, Refusal } from '../engine/engine';
import { compareWithBackup, differencesError } from './compare';
import type { Progress } from './encode-snapshot';
import { fillTarget } from './fill-target';
import { type BackupSource, newCounted, readBackup } from './read-backup';
import { type RehearseOptions, rehearse } from './rehearse';
import { modeOf, planRestore, type RestorePlan } from './restore-plan';
import { type RestoreParts, type Selection, selectParts } from './selection';
import { retryDatabase, type TryOptions, withSnapshot } from './snapshot-tries';
import { checkStored, type Verified, verifyBackup } from './verify-backup';

export interface RestoreOptions extends TryOptions, RehearseOptions {
	readonly parts: RestoreParts;
	/** Go on with a restore that stopped. */
	readonly resume: boolean;
	/** Only into an empty database: not into tables that are there, either. */
	readonly onlyFresh?: boolean;
	/** Told at the beginning of each part of the work, with its size where it is known. */
	readonly onPart?: (part: 'reading' | 'restoring' | 'comparing', total: Progress | null) => void;
	readonly onProgress?: (progress: Progress) => void;
}

/** The plan of a restore and what it was made from; nothing has been written. */
export interface PreparedRestore {
	readonly verified: Verified;
	readonly plan: RestorePlan;
	readonly selection: Selection;
}

/** A restore that was done and found equal. */
export interface Restored {
	/** What the target's database does not take: everything else is equal to the backup, bit for bit. */
	readonly refusals: readonly Refusal[];
	/** Rows that refer to no row: as in the source. Null where a foreign key refers to what is no key, which cannot be checked. */
	readonly foreignKeyViolations: readonly { readonly table: string; readonly rows: number }[] | null;
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
	const verified = await inStep('reading the backup', async (note) => {
		const whole = await verifyBackup(await source.open(), manifest, options.onProgress, source.keys);
		note({ bytes: whole.counted.plainBytes, rows: whole.trailer.rows });
		return whole;
	});
	const side = await target.target();
	const state = await inStep('looking at the target', () => retryDatabase(options, () => side.inspect()));
	const selection = selectParts(verified.contents, options.parts);
	const input = {
		...options,
		contents: verified.contents,
		digest: verified.trailer.sha256,
		selection,
		target: state,
		targetFingerprint: target.info.fingerprint,
	};
	const rows = verified.rows.filter(({ table }) => !selection.skip.has(table.name));
	const review = side.review(modeOf(input), verified.contents.schema, rows);
	let plan = planRestore({ ...input, review });
	const leftAlone = new Set(plan.leftAlone);
	const firm = review.firm.filter(({ name }) => !leftAlone.has(name));
	if (plan.refusal === null && !plan.resumes && firm.length > 0) {
		const unsupported = await inStep('trying the constraints', () => rehearse(source, verified, firm, options));
		plan = planRestore({ ...input, review: { ...review, unsupported } });
	}
	return { verified, plan, selection: { ...selection, skip: new Set([...selection.skip, ...plan.leftAlone]) } };
}

/**
 * Does what was prepared: writes, then compares the target's tables with the backup's digests.
 *
 * @throws LifeboatError of the plan's refusal, before anything is written; `PROOF_FAILED` when the target is not equal
 */
export async function runRestore(
	source: BackupSource,
	target: Database,
	{ verified, plan, selection }: PreparedRestore,
	options: RestoreOptions,
): Promise<Restored> {
	if (plan.refusal) throw plan.refusal;
	const total = { rows: verified.trailer.rows, bytes: verified.counted.plainBytes };
	const counted = newCounted();
	options.onPart?.('restoring', total);
	const side = await target.target();
	const { refusals, contents } = await inStep('restoring', async (note) => {
		note(total);
		return fillTarget(readBackup(await source.open(), counted, { digestsRows: false, keys: source.keys }), side, {
			mode: plan.mode,
			selection,
			mark: plan.mark,
			allowFunctions: options.allowFunctions,
			onProgress: options.onProgress,
		});
	});
	return inStep('comparing', async (note) => {
		note(total);
		checkStored({ bytes: verified.counted.storedBytes, sha256: verified.counted.storedSha256 }, counted);
		options.onPart?.('comparing', total);
		// The sequences hold those of other tables too, but in a database that is made from the whole backup.
		const isWhole = plan.mode === 'create' && selection.isWhole;
		const skip = new Set(isWhole ? [] : ['sqlite_sequence']);
		const differences = await withSnapshot(target, options, (snapshot) =>
			compareWithBackup(snapshot, contents, {
				selection,
				skip,
				refusals,
				schema: plan.mode === 'create',
				onProgress: options.onProgress,
			}),
		);
		if (differences.length > 0)
			throw differencesError('the target is not equal to the backup', differences, {
				hint: 'do not use the target; restore again into a fresh database, into which nothing else writes',
			});
		const foreignKeyViolations = await retryDatabase(options, () => side.foreignKeyViolations());
		// Last, as there is no going on after it.
		await retryDatabase(options, () => side.seal());
		const restored = contents.tables.filter(({ name }) => !selection.skip.has(name));
		return {
			refusals,
			foreignKeyViolations,
			tables: restored.length,
			rows: restored.reduce((sum, { rows }) => sum + rows, 0),
		};
	});
}
