import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isWithin } from '../core/bounded-json';
import { LifeboatError } from '../core/errors';

/** The version of manifests that is written. */
export const MANIFEST_VERSION = 2;
/** The first version, which is read too: as this one, but without the digest at its end. */
const UNSEALED_VERSION = 1;

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();

/**
 * What is known of a backup, without any row of it. A backup exists when its manifest does. Unknown fields are kept
 * out of the way of older readers: they are ignored.
 */
export const manifestSchema = z.object({
	manifest: z.literal([UNSEALED_VERSION, MANIFEST_VERSION]),
	id: z.string(),
	/** Of the file's header: when the dump was begun. */
	createdAt: time,
	/** From the beginning to the end of the proof, in ms. */
	durationMs: count,
	trigger: z.object({
		kind: z.enum(['cron', 'http', 'cli']),
		/** The day of the schedule that it was made for, `YYYY-MM-DD` in UTC; null for one made by hand. */
		day: z.iso.date().nullable(),
	}),
	label: z.string().nullable(),
	source: z.object({ engine: z.string(), version: z.string(), location: z.string(), fingerprint: sha256 }),
	/** How the rows were read; null: the manifest was written before this was told. */
	reading: z
		.object({
			/** See `Reading` in `engine.ts`. */
			by: z.enum(['storage', 'pages', 'rows']),
			/** Rows read value by value; in pages, those near TEXT that is not valid. */
			exactRows: count,
		})
		.nullable()
		.default(null),
	object: z.object({
		/** Beside the manifest. */
		name: z.string(),
		/** As stored. */
		bytes: count,
		sha256,
		compression: z.literal('gzip'),
		/** The age recipients that it is sealed to; none: it is not encrypted. */
		recipients: z.array(z.string()),
	}),
	/** Before compression. */
	plainBytes: count,
	rows: count,
	/** SHA-256 of the file's lines that are not rows, the trailer aside: equal digests, equal contents. */
	digest: sha256,
	tables: z.array(z.object({ name: z.string(), rows: count, bytes: count, omitted: count, sha256 })),
	/** Null: every table has its rows in it. Else the tables that have. */
	only: z.array(z.string()).nullable(),
	proof: z.object({
		/** `restored`: restored into a scratch database and compared. `read`: read back whole. `none`: neither. */
		kind: z.enum(['restored', 'read', 'none']),
		/**
		 * `stored`: what lies in the store. `stream`: what it was before it was sealed, to a key that is not here; what lies
		 * in the store was read back, and is what was sealed, byte for byte.
		 */
		of: z.enum(['stored', 'stream']).default('stored'),
		at: time,
		durationMs: count,
		/** Why it is less than was asked for; what could not be compared. */
		notes: z.array(z.string()),
	}),
	/**
	 * Fingerprints of values that the data depends on: scrypt of each, with `salt` and the variable's name as its salt. Null:
	 * none were asked for; a fingerprint of null: the variable was not set.
	 */
	keys: z
		.object({
			kdf: z.string(),
			N: count.min(1),
			r: count.min(1),
			p: count.min(1),
			/** Hex. */
			salt: z.string().regex(/^([0-9a-f]{2}){16,64}$/),
			fingerprints: z.array(z.object({ name: z.string(), fingerprint: sha256.nullable() })).max(100),
		})
		.nullable()
		.default(null),
	/** The inventory of Blob objects that rows name; null: there is none. */
	mediaAssetInventory: z
		.object({
			/** Beside the manifest; sealed if the backup is. */
			name: z.string(),
			/** As stored. */
			bytes: count,
			sha256,
			tables: z.array(
				z.object({
					table: z.string(),
					url: z.string().nullable(),
					pathname: z.string().nullable(),
					rows: count,
					/** Rows too long for an inventory. */
					skipped: count,
				}),
			),
		})
		.nullable()
		.default(null),
	/** What is in the backup, and what is not and where that lives; null: the manifest was written before this was told. */
	coverage: z
		.object({
			inBackup: z.array(z.string()),
			notInBackup: z.array(z.object({ what: z.string(), where: z.string() })),
		})
		.nullable()
		.default(null),
	/** Rows that could not be carried: the first thousand. `tables[].omitted` counts them all. */
	omissions: z.array(z.object({ table: z.string(), row: z.string(), reason: z.string() })).max(1_000),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Claims that the backup is encrypted. */
export function isSealed({ object }: Manifest): boolean {
	return object.recipients.length > 0;
}

/** A longer manifest is not one of ours: 5,000 tables take about 1 MB. */
export const MAX_MANIFEST_BYTES = 32 * 1024 * 1024;

/**
 * The bytes of a manifest as they lie in a store. Its last field, `sha256`, is the digest of all bytes before the comma
 * that precedes it, so that a manifest that was changed in one bit is told from one that was written.
 */
export function encodeManifest(manifest: Manifest): Buffer {
	const text = JSON.stringify(manifest, null, '\t').slice(0, -'\n}'.length);
	return Buffer.from(text + digestField(text));
}

/** A manifest's objects and lists are four deep. The longest of its lists is that of its tables. */
const BOUNDS = { depth: 8, items: 100_000 };

/**
 * Decodes a manifest that may be of anyone's making, in bounded memory.
 *
 * @param id of the backup in whose place it lies; null if that is not known
 * @throws LifeboatError `MANIFEST_INVALID`, naming `where` it lies
 */
export function decodeManifest(bytes: Uint8Array, where: string, id: string | null = null): Manifest {
	if (!isWithin(bytes, BOUNDS)) throw manifestInvalid(where, 'it holds more than a manifest has');
	let json: unknown;
	try {
		json = JSON.parse(Buffer.from(bytes).toString('utf8'));
	} catch (error) {
		throw manifestInvalid(where, 'it is not JSON', error);
	}
	const version = (json as { manifest?: unknown } | null)?.manifest;
	if (typeof version === 'number' && version !== UNSEALED_VERSION && version !== MANIFEST_VERSION)
		throw manifestInvalid(where, `it is of version ${version}`);
	const parsed = manifestSchema.safeParse(json);
	if (!parsed.success)
		throw manifestInvalid(where, `${parsed.error.issues[0]?.path.join('.')} is not as it should be`, parsed.error);
	if (version === MANIFEST_VERSION && !hasItsDigest(bytes)) throw manifestInvalid(where, 'it is not as it was written');
	// The id names the file: that of another would be taken for this backup.
	if (id !== null && parsed.data.id !== id) throw manifestInvalid(where, 'it is that of another backup');
	return parsed.data;
}

function hasItsDigest(bytes: Uint8Array): boolean {
	const body = bytes.subarray(0, -digestField('').length);
	return Buffer.from(digestField(body)).equals(bytes.subarray(body.length));
}

/** What follows `body` in a manifest, to its end; of one length always. */
function digestField(body: string | Uint8Array): string {
	return `,\n\t"sha256": "${createHash('sha256').update(body).digest('hex')}"\n}\n`;
}

/** `MANIFEST_INVALID` for what lies `where` a manifest should. */
export function manifestInvalid(where: string, why: string, cause?: unknown): LifeboatError {
	return new LifeboatError('MANIFEST_INVALID', `the manifest ${where} cannot be read: ${why}`, {
		hint: 'use another backup, or verify its data file by itself; a newer version of Lifeboat may read it',
		data: { manifest: where },
		cause,
	});
}
