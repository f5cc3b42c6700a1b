import { createHash } from 'node:crypto';
import { type Keys, openSealed } from '../format/age';
import { type DecodedEvent, Decoder, type DecoderOptions } from '../format/decoder';
import { unseal } from '../format/seal';
import type { Manifest } from './manifest';

/** A backup that can be read as often as is needed. */
export interface BackupSource {
	/** Null for a file that has none beside it. */
	readonly manifest: Manifest | null;
	/** Open it if it is sealed. */
	readonly keys?: Keys | null;
	/** Opens the media inventory, as stored, where the manifest tells of one. */
	readonly openMedia?: () => Promise<AsyncIterable<Uint8Array>>;
	open(): Promise<AsyncIterable<Uint8Array>>;
}

/** What a pass over a stored file has counted, complete once the events have ended. */
export interface Counted {
	/** Bytes as stored, and their SHA-256 in hex. */
	storedBytes: number;
	storedSha256: string;
	/** Bytes after decompression. */
	plainBytes: number;
}

/** Passes a stream through and notes its length and SHA-256. */
export async function* counting(
	body: AsyncIterable<Uint8Array>,
	into: Pick<Counted, 'storedBytes' | 'storedSha256'>,
): AsyncGenerator<Uint8Array, void, undefined> {
	const hash = createHash('sha256');
	for await (const chunk of body) {
		hash.update(chunk);
		into.storedBytes += chunk.byteLength;
		yield chunk;
	}
	into.storedSha256 = hash.digest('hex');
}

export interface ReadOptions extends DecoderOptions {
	/** Open it if it is sealed. */
	readonly keys?: Keys | null;
}

/**
 * Reads a stored backup to its end: opened, decompressed, decoded, its digests checked as far as `options` say. The events before the end are what
 * the file says; that it is whole is known only when they have ended without an error.
 *
 * @throws LifeboatError `BACKUP_DAMAGED`, `FORMAT_UNKNOWN`, `KEY_NEEDED`, `KEY_WRONG`
 */
export async function* readBackup(
	body: AsyncIterable<Uint8Array>,
	counted: Counted,
	{ keys = null, ...options }: ReadOptions = {},
): AsyncGenerator<DecodedEvent, void, undefined> {
	const decoder = new Decoder(options);
	for await (const chunk of unseal(openSealed(counting(body, counted), keys))) {
		counted.plainBytes += chunk.length;
		yield* decoder.push(chunk);
	}
	decoder.finish();
}

/** What has been counted of a file before it is read. */
export function newCounted(): Counted {
	return { storedBytes: 0, storedSha256: '', plainBytes: 0 };
}
