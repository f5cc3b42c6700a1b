import { dirname } from 'node:path';
import { leadsTo } from '../../backup/media/media-key';
import type { FoundTable } from '../../backup/media/media-rows';
import { withSnapshot } from '../../backup/snapshot-tries';
import type { Config } from '../../config/config';
import { resolveTarget } from '../../config/restore-target';
import type { DatabaseUrl } from '../../core/database-url';
import { LifeboatError } from '../../core/errors';
import { joinSorted } from '../../core/join-sorted';
import { inStep } from '../../core/step';
import type { MediaStore } from '../../store/media-store';
import { findBackup } from '../backup-source';
import { type JobContext, systemContext, withDatabase } from '../context';
import type { KeyOptions } from '../keys';
import { openScratchFolder } from '../scratch';
import type { LookOptions } from '../stores';
import { openMedia } from './open';
import { rowsOfBackup, rowsOfDatabase } from './rows';
import { byPathname, keyOf, type ListedBlob, listBlobs, type NamedBlob, type RowCounts, sortKeyed } from './sorted';

export interface CheckMediaOptions extends KeyOptions, LookOptions {
	readonly config: Config;
	readonly cwd: string;
	/** A backup whose inventory is held against the store; null: the database. */
	readonly backup: string | null;
	/** The database's URL, where that is asked; undefined: the one of the configuration. */
	readonly to: string | undefined;
	/** Told of each finding, in order of pathnames. */
	readonly onFinding: (finding: MediaFinding) => void | Promise<void>;
}

/** A blob that is not where it should be, or that nobody names. */
export type MediaFinding =
	/** Rows name it, and the store does not have it. */
	| { readonly kind: 'missing'; readonly pathname: string; readonly rows: readonly NamedBlob[] }
	/** The store has it, and rows name it by the URL of another store. */
	| { readonly kind: 'elsewhere'; readonly pathname: string; readonly url: string; readonly rows: readonly NamedBlob[] }
	/** The store has it, and no row names it. */
	| { readonly kind: 'unknown'; readonly pathname: string; readonly bytes: number };

export interface MediaChecked extends RowCounts {
	/** Which rows were asked, for people. */
	readonly what: string;
	/** The media store, for people. */
	readonly where: string;
	/** Blobs that rows name and that are there. */
	readonly present: number;
	readonly missing: number;
	readonly elsewhere: number;
	readonly unknown: number;
}

/**
 * Holds the rows that name Blob objects against what the Blob store lists. Both are sorted through files: memory is bounded,
 * however many there are. Writes nothing.
 */
export async function checkMedia(
	options: CheckMediaOptions,
	context: JobContext = systemContext,
): Promise<MediaChecked> {
	const { config, backup, signal } = options;
	const media = await openMedia(config, context);
	const scratch = await openScratchFolder(config.scratchDir, 0);
	const folder = dirname(scratch.path);
	const counts: RowCounts = { rows: 0, others: 0 };
	const totals = { present: 0, missing: 0, elsewhere: 0, unknown: 0 };
	try {
		await inStep('asking the media store', () => askFirst(media.store, signal));
		const { what, rows } =
			backup === null
				? await sortDatabase(databaseOf(config, options.to, options.cwd), folder, counts, options, context)
				: await sortBackup(backup, folder, counts, options, context);
		const blobs = await inStep('listing the media store', () =>
			sortKeyed(
				folder,
				'blobs',
				listBlobs(media, (pathname) => pathname, signal),
			),
		);
		for await (const { key, left, right } of joinSorted<NamedBlob, ListedBlob>(rows(), blobs())) {
			signal?.throwIfAborted();
			const finding = findingOf(keyOf(key), left, right[0]);
			totals[finding?.kind ?? 'present'] += 1;
			if (finding !== null) await options.onFinding(finding);
		}
		return { what, where: media.store.label, ...counts, ...totals };
	} finally {
		await scratch.close();
	}
}

/**
 * A store that refuses us is to say so before a million rows are sorted. And what loading Node's HTTP client takes of memory
 * is given back by then, and does not come on top of them.
 */
async function askFirst(store: MediaStore, signal: AbortSignal | undefined): Promise<void> {
	for await (const _ of store.list({ signal })) return;
}

function findingOf(pathname: string, rows: readonly NamedBlob[], blob: ListedBlob | undefined): MediaFinding | null {
	if (blob === undefined) return { kind: 'missing', pathname, rows };
	if (rows.length === 0) return { kind: 'unknown', pathname, bytes: blob.bytes };
	const stale = rows.filter(({ url }) => !leadsTo(url, blob.url));
	return stale.length === 0 ? null : { kind: 'elsewhere', pathname, url: blob.url, rows: stale };
}

async function sortBackup(
	wanted: string,
	folder: string,
	counts: RowCounts,
	options: CheckMediaOptions,
	context: JobContext,
) {
	const found = await findBackup(wanted, options, context);
	try {
		const rows = await inStep('reading the backup', () =>
			sortKeyed(folder, 'rows', byPathname(rowsOfBackup(found, options.config.media, options.signal), counts)),
		);
		return { what: found.title, rows };
	} finally {
		await found.close();
	}
}

/** The database whose media is meant: `to`, else as a restore chooses. */
export function databaseOf(config: Config, to: string | undefined, cwd: string): DatabaseUrl {
	const url = resolveTarget(config, to, cwd);
	if (url !== null) return url;
	throw new LifeboatError('CONFIG_INVALID', 'there is no database to ask', {
		hint: 'say --to URL, or set TURSO_DATABASE_URL',
	});
}

/** Sorts the rows of a database, from one snapshot, that name Blob objects; `found` gets their tables. */
export async function sortDatabase(
	url: DatabaseUrl,
	folder: string,
	counts: RowCounts,
	{ config, signal }: Pick<CheckMediaOptions, 'config' | 'signal'>,
	context: JobContext,
	found: FoundTable[] = [],
) {
	const rows = await withDatabase(
		url,
		{ signal },
		(database) =>
			inStep('reading the rows', () =>
				withSnapshot(database, { ...context, signal }, (snapshot) => {
					Object.assign(counts, { rows: 0, others: 0 });
					found.length = 0;
					return sortKeyed(folder, 'rows', byPathname(rowsOfDatabase(snapshot, config.media, found), counts));
				}),
			),
		context,
	);
	return { what: url.kind === 'file' ? `file:${url.path}` : url.url, rows };
}
