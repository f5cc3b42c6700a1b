import { isWithin } from '../core/bounded-json';
import { LifeboatError } from '../core/errors';
import { decodeManifest, type Manifest } from './manifest';

/** A manifest's objects and lists are four deep. The longest of its lists is that of its tables. */
const BOUNDS = { depth: 8, items: 100_000 };

/**
 * Decodes a manifest that may be of anyone's making, in bounded memory.
 *
 * @param id of the backup in whose place it lies; null if that is not known
 * @throws LifeboatError `MANIFEST_INVALID`, naming `where` it lies
 */
export function readManifestBytes(bytes: Uint8Array, where: string, id: string | null): Manifest {
	if (!isWithin(bytes, BOUNDS)) throw notAManifest(where, 'it holds more than a manifest has');
	const manifest = decodeManifest(bytes, where);
	// The id names the file: that of another would be taken for this backup.
	if (id !== null && manifest.id !== id) throw notAManifest(where, 'it is that of another backup');
	return manifest;
}

/** `MANIFEST_INVALID` for what lies `where` a manifest should. */
export function notAManifest(where: string, why: string): LifeboatError {
	return new LifeboatError('MANIFEST_INVALID', `the manifest ${where} cannot be read: ${why}`, {
		hint: 'use another backup',
		data: { manifest: where },
	});
}
