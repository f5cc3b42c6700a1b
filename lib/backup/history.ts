import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isWithin } from '../core/bounded-json';
import type { StoredObject } from '../store/store';
import { isBackupId } from './backup-id';
import { isSealed, type Manifest } from './manifest';

/** A longer summary is not one of ours: an object that is replaced may have 1 MB. */
export const MAX_HISTORY_BYTES = 900_000;
/** Backups that a summary tells of; where there are more, the newest. */
export const MOST_ENTRIES = 2_500;
/** Failed days that it remembers. */
const MOST_FAILURES = 400;
const LONGEST_LABEL = 100;
const BOUNDS = { depth: 4, items: 10_000 };

const count = z.int().nonnegative();
const time = z.iso.datetime();

const factsShape = {
	id: z.string().refine(isBackupId),
	createdAt: time,
	/** Of the whole, its proof included. */
	durationMs: count,
	proofMs: count,
	proof: z.enum(['restored', 'read', 'none']),
	trigger: z.enum(['cron', 'http', 'cli']),
	day: z.iso.date().nullable(),
	/** Its first 100 characters. */
	label: z.string().max(LONGEST_LABEL).nullable(),
	isPartial: z.boolean(),
	isSealed: z.boolean(),
	tables: count,
	rows: count,
	/** As stored. */
	bytes: count,
	/** Before compression. */
	plainBytes: count,
	omittedRows: count,
};

const entrySchema = z.object({
	...factsShape,
	/** Tells which manifest it was made from: see {@link checkOf}. */
	check: z.string().regex(/^[0-9a-f]{16}$/),
});

const failureSchema = z.object({ day: z.iso.date(), at: time, code: z.string().regex(/^[A-Z_]{1,40}$/) });

const historySchema = z.object({
	history: z.literal(1),
	/** When the entries were last held against what there is; null: never. */
	at: time.nullable(),
	/** Of each day from this one to `at`, the backups are known, those that were removed since included; null: of none. */
	since: z.iso.date().nullable(),
	/** Oldest first. */
	entries: z.array(entrySchema).max(MOST_ENTRIES),
	/** Days on which a run failed, each with the last of them, oldest first. */
	failures: z.array(failureSchema).max(MOST_FAILURES),
});

/** What the summary tells of one backup: what its manifest says, without tables, and which manifest that was. */
export type HistoryEntry = z.infer<typeof entrySchema>;
/** The same, of a manifest that is in hand. */
export type ManifestFacts = Omit<HistoryEntry, 'check'>;
export type FailedRun = z.infer<typeof failureSchema>;
/** The summary of what was made, that the nightly job keeps. No row data, no table's name, nothing secret. */
export type History = Omit<z.infer<typeof historySchema>, 'history'>;

export const NO_HISTORY: History = { at: null, since: null, entries: [], failures: [] };

/** What a summary tells of a backup by its manifest. */
export function factsOfManifest(manifest: Manifest): ManifestFacts {
	return {
		id: manifest.id,
		createdAt: manifest.createdAt,
		durationMs: manifest.durationMs,
		proofMs: manifest.proof.durationMs,
		proof: manifest.proof.kind,
		trigger: manifest.trigger.kind,
		day: manifest.trigger.day,
		label: manifest.label?.slice(0, LONGEST_LABEL) ?? null,
		isPartial: manifest.only !== null,
		isSealed: isSealed(manifest),
		tables: manifest.tables.length,
		rows: manifest.rows,
		bytes: manifest.object.bytes,
		plainBytes: manifest.plainBytes,
		omittedRows: manifest.tables.reduce((sum, { omitted }) => sum + omitted, 0),
	};
}

/** Tells a manifest from any other in its place, by what the store's list says of it: 16 hex digits. */
export function checkOf({ bytes, etag, modifiedAt }: Pick<StoredObject, 'bytes' | 'etag' | 'modifiedAt'>): string {
	return createHash('sha256').update(`${bytes} ${modifiedAt.toISOString()} ${etag}`).digest('hex').slice(0, 16);
}

/** The check of a backup that is not there any more: no manifest has it. */
export const NO_CHECK = '0'.repeat(16);

/** The bytes of a summary as they lie in a store. The oldest entries are left out of one that would be too long. */
export function encodeHistory({ at, since, entries, failures }: History): Buffer {
	for (let kept = entries.slice(-MOST_ENTRIES); ; kept = kept.slice(Math.ceil(kept.length / 10))) {
		const whole = { history: 1, at, since, entries: kept, failures: failures.slice(-MOST_FAILURES) };
		const text = JSON.stringify(whole).slice(0, -'}'.length);
		const bytes = Buffer.from(text + digestField(text));
		if (bytes.byteLength <= MAX_HISTORY_BYTES || kept.length === 0) return bytes;
	}
}

/** A summary from its bytes; null if they are none, or not as they were written. */
export function decodeHistory(bytes: Uint8Array): History | null {
	const body = bytes.subarray(0, -digestField('').length);
	if (!Buffer.from(digestField(body)).equals(bytes.subarray(body.length)) || !isWithin(bytes, BOUNDS)) return null;
	try {
		const { history: _, ...known } = historySchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
		return known;
	} catch {
		return null;
	}
}

/** What follows `body` in a summary, to its end; of one length always. */
function digestField(body: string | Uint8Array): string {
	return `,"sha256":"${createHash('sha256').update(body).digest('hex')}"}`;
}
