import { folderOf } from '../backup/backup-id';
import { readCopiedList } from '../backup/copied-list';
import type { CopyConfig } from '../config/config';
import { toLifeboatError } from '../core/errors';
import { type JobContext, placeOf } from './context';
import { findMissing } from './copy-missing';
import { type At, type CopyCheck, type CopyTarget, copyBackup } from './copy-one';
import { openCopy } from './open-copy';

/** Backups that a nightly run looks at: a copy that was out of reach for a month is made good. */
const LOOK_BACK = 30;

/** What came of copying to one store. All plain JSON. */
export interface CopyVerdict {
	readonly name: string;
	/** `done`: it has all that was looked at. */
	readonly status: 'done' | 'failed';
	/** Ids of the backups that this run has copied, newest first. */
	readonly copied: readonly string[];
	/** How they were checked; null: none was copied. */
	readonly checked: CopyCheck | null;
	/** Backups that it lacks still, of those looked at; null if it could not be found out. */
	readonly missing: number | null;
	/** The first failure. */
	readonly error: { readonly code: string; readonly message: string } | null;
}

export interface CopyOptions {
	readonly copies: readonly CopyConfig[];
	readonly context: JobContext;
	readonly signal: AbortSignal;
	/** How many of the newest backups are looked at; 30 by default. */
	readonly limit?: number;
	/** Ids of the backups that are worth copying; undefined: all. What a prune is about to remove is not. */
	readonly worth?: ReadonlySet<string>;
	/** Holds the lease, before each backup. */
	readonly renew?: () => Promise<void>;
	/** Only finds out what is missing. */
	readonly dryRun?: boolean;
	/** Told of each backup before it is copied. */
	readonly onCopy?: (copy: string, id: string) => void;
}

/**
 * Copies to every further store what it lacks of the newest backups, newest first. Each has its own verdict: what one
 * fails at hinders no other, and is never thrown. To be called under the lease.
 */
export function copyToAll(from: At, name: string, options: CopyOptions): Promise<CopyVerdict[]> {
	return Promise.all(options.copies.map((copy) => copyTo(from, name, copy, options)));
}

/** The verdicts on copies that are set up wrongly, which can be told without a look at any store. */
export function invalidCopies(copies: readonly CopyConfig[]): CopyVerdict[] {
	return copies.flatMap(({ name, store }) => {
		if (store.kind !== 'invalid') return [];
		const { code, message } = store.error;
		return [{ name, status: 'failed', copied: [], checked: null, missing: null, error: { code, message } }];
	});
}

async function copyTo(from: At, name: string, copy: CopyConfig, options: CopyOptions): Promise<CopyVerdict> {
	const { context, signal, worth, limit = LOOK_BACK } = options;
	const copied: string[] = [];
	let checked: CopyCheck | null = null;
	let missing: number | null = null;
	let failure: unknown = null;
	try {
		await withTarget(copy, name, context, async (target) => {
			const lacking = await findMissing(from, target, limit, signal);
			// The list of what was copied is asked only where the copy itself does not tell.
			const list = lacking.unknown.length > 0 ? await readCopiedList(from, copy.name, labelOf(target), signal) : null;
			const unknown = lacking.unknown.filter((id) => list?.has(id) === false);
			const ids = [...lacking.ids, ...unknown].filter((id) => worth?.has(id) ?? true);
			ids.sort().reverse();
			missing = ids.length;
			if (options.dryRun) return;
			for (const id of ids) {
				try {
					await options.renew?.();
					options.onCopy?.(copy.name, id);
					const check = await copyBackup(from, target, id, signal);
					await list?.add(id);
					checked = check === 'server' || checked === 'server' ? 'server' : check;
					copied.push(id);
					missing -= 1;
				} catch (error) {
					failure ??= error;
					// What is wrong with one backup is not wrong with the next, unlike a store that does not answer.
					if (!isOfOneBackup(error)) throw error;
				}
			}
		});
	} catch (error) {
		failure ??= error;
	}
	const error = failure === null ? null : toLifeboatError(failure);
	return {
		name: copy.name,
		status: error === null ? 'done' : 'failed',
		copied,
		checked,
		missing,
		error: error && { code: error.code, message: error.message },
	};
}

function isOfOneBackup(error: unknown): boolean {
	const { code } = toLifeboatError(error);
	return (
		code === 'STORE_EXISTS' || code === 'STORE_CHANGED' || code === 'BACKUP_DAMAGED' || code === 'MANIFEST_INVALID'
	);
}

async function withTarget(
	copy: CopyConfig,
	name: string,
	context: JobContext,
	use: (target: CopyTarget) => Promise<void>,
): Promise<void> {
	const writer = await openCopy(copy, 'write', context);
	const reader = hasReader(copy) ? await openCopy(copy, 'read', context) : writer;
	try {
		await use({ store: writer.store, reader: reader.store, mustRead: reader !== writer, place: placeOf(writer, name) });
	} finally {
		await writer.store.close();
		if (reader !== writer) await reader.store.close();
	}
}

function hasReader({ store }: CopyConfig): boolean {
	return store.kind === 's3' && store.readCredentials !== null;
}

/** Which place a copy is: another bucket by the same name lacks everything. */
export function labelOf({ store, place }: At): string {
	return `${store.label} ${folderOf(place)}`;
}
