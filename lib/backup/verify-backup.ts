import { LifeboatError } from '../core/errors';
import type { RowFacts } from '../engine/engine';
import type { Keys } from '../format/age';
import type { RowsEvent } from '../format/decoder';
import type { Omission, TableOpen, Trailer } from '../format/records';
import { type Contents, gather, newContents } from './contents';
import type { Progress } from './encode-snapshot';
import { longestRowBytes } from './long-rows';
import type { Manifest } from './manifest';
import { type Counted, newCounted, readBackup } from './read-backup';

/** A backup file that has been read to its end and found whole. */
export interface Verified {
	readonly contents: Contents;
	readonly trailer: Trailer;
	readonly omissions: Omission[];
	readonly counted: Counted;
	/** Of each table that has rows. */
	readonly rows: readonly RowFacts[];
}

/** Omissions kept of a file; their number is in each table's end. */
const MOST_OMISSIONS = 1_000;

/**
 * Reads a stored backup whole and checks it: compression, grammar, counts, every digest; and, with a manifest, that
 * it is the very file that the manifest tells of.
 *
 * @param keys open it if it is sealed
 * @throws LifeboatError `BACKUP_DAMAGED`, `FORMAT_UNKNOWN`, `KEY_NEEDED`, `KEY_WRONG`
 */
export async function verifyBackup(
	body: AsyncIterable<Uint8Array>,
	manifest: Manifest | null,
	onProgress?: (progress: Progress) => void,
	keys: Keys | null = null,
): Promise<Verified> {
	const contents = newContents();
	const counted = newCounted();
	const omissions: Omission[] = [];
	const facts: RowFacts[] = [];
	let trailer: Trailer | null = null;
	let rows = 0;
	let bytes = 0;
	for await (const event of readBackup(body, counted, { keys })) {
		gather(contents, event);
		if (event.kind === 'trailer') trailer = event;
		if (event.kind === 'omitted' && omissions.length < MOST_OMISSIONS) omissions.push(event);
		if (event.kind !== 'rows') continue;
		addFacts(facts, contents, event);
		rows += event.rows;
		bytes += event.bytes.length;
		onProgress?.({ rows, bytes });
	}
	if (trailer === null) throw new TypeError('a file without a trailer was decoded');
	if (manifest !== null) checkAgainst(manifest, counted, trailer, contents);
	return { contents, trailer, omissions, counted, rows: facts };
}

function addFacts(facts: RowFacts[], { opened }: Contents, event: RowsEvent): void {
	const table = opened[opened.length - 1] as TableOpen;
	const last = facts[facts.length - 1];
	const before = last?.table === table ? facts.pop() : undefined;
	facts.push({
		table,
		longestBytes: Math.max(before?.longestBytes ?? 0, longestRowBytes(event)),
		kinds: event.traits.kinds.map((kinds, cell) => kinds | (before?.kinds[cell] ?? 0)),
	});
}

/** Throws `BACKUP_DAMAGED` unless the stored bytes are those that the manifest tells of. */
export function checkStored(
	wanted: { readonly bytes: number; readonly sha256: string },
	counted: Counted,
	what = 'the stored file is not the one that was written',
): void {
	if (counted.storedSha256 === wanted.sha256 && counted.storedBytes === wanted.bytes) return;
	throw new LifeboatError('BACKUP_DAMAGED', what, {
		hint: 'use another backup; this one cannot be trusted',
		data: {
			wantedBytes: wanted.bytes,
			bytes: counted.storedBytes,
			wantedSha256: wanted.sha256,
			sha256: counted.storedSha256,
		},
	});
}

function checkAgainst(manifest: Manifest, counted: Counted, trailer: Trailer, contents: Contents): void {
	if (contents.header?.id !== manifest.id || trailer.sha256 !== manifest.digest || trailer.rows !== manifest.rows)
		throw new LifeboatError('BACKUP_DAMAGED', 'the file is whole, but not the one that its manifest tells of', {
			hint: 'use another backup; this one cannot be trusted',
			data: { id: contents.header?.id ?? null, manifest: manifest.id },
		});
	checkStored(manifest.object, counted, 'the gzip around the lines is not as it was written, though every line is');
}
