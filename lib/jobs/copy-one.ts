import { dataName, manifestName, mediaName, type Place } from '../backup/backup-id';
import { readManifest } from '../backup/catalog';
import { isSealed, MAX_MANIFEST_BYTES, type Manifest } from '../backup/manifest';
import { counting, newCounted } from '../backup/read-backup';
import { bodyOf, readSmall } from '../backup/small-object';
import { checkStored } from '../backup/verify-backup';
import { hasCode, LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Store } from '../store/store';
import { dataTypeOf, openData } from './make-backup';

/** A store, and where in it the database's backups lie. */
export interface At {
	readonly store: Store;
	readonly place: Place;
}

/** The store that a backup is copied to, and the same as it is read, perhaps with other keys. */
export interface CopyTarget extends At {
	readonly reader: Store;
	/** The reader has keys of its own: that it may not read is a failure. */
	readonly mustRead: boolean;
}

/** What a manifest tells of an object. */
type StoredFacts = Pick<Manifest['object'], 'bytes' | 'sha256'>;

/** How a copy was checked: read back and compared, or by the checksums that the server was given, where it gives nothing. */
export type CopyCheck = 'read-back' | 'server';

/**
 * Copies a backup: its data, then, once that has been read back, its manifest, both bit by bit. What the copy has
 * already, of the same content, is left as it is: so a copy that was stopped is finished by the next try.
 *
 * @throws LifeboatError `STORE_EXISTS` if another content has the name; `BACKUP_DAMAGED` if the data is not what the
 *   manifest tells of, in the first store or in the copy
 */
export async function copyBackup(from: At, to: CopyTarget, id: string, signal: AbortSignal): Promise<CopyCheck> {
	const { manifest, bytes } = await inStep('reading the manifest', () => readBoth(from, id, signal));
	const { object, mediaAssetInventory: media } = manifest;
	const sealed = isSealed(manifest);
	const copyData = async (nameAt: typeof dataName, wanted: StoredFacts): Promise<CopyCheck> => {
		const there = nameAt(to.place, id, sealed);
		const isNew = await inStep('copying the data', async (note) => {
			const open = () => openData(from.store, nameAt(from.place, id, sealed), wanted.bytes, signal);
			const isWritten = await putUnlessThere(to.store, there, checked(open, wanted), dataTypeOf(sealed), signal);
			if (isWritten) note({ bytes: wanted.bytes });
			return isWritten;
		});
		const check = await inStep('reading the copy back', async (note) => {
			const checked = await compareData(to, there, wanted, signal);
			if (checked === 'read-back') note({ bytes: wanted.bytes });
			return checked;
		});
		// The run that wrote it may have been stopped, or refused, before it could.
		if (!isNew) await inStep('locking the copy', async () => to.store.lock?.(there, { signal }));
		return check;
	};
	const dataCheck = await copyData(dataName, object);
	if (media !== null) await copyData(mediaName, media);
	const name = manifestName(to.place, id);
	await inStep('copying the manifest', () => putUnlessThere(to.store, name, bodyOf(bytes), 'application/json', signal));
	await inStep('reading the copy back', () => compareManifest(to, name, bytes, signal));
	return dataCheck;
}

async function readBoth({ store, place }: At, id: string, signal: AbortSignal) {
	const manifest = await readManifest(store, place, id, signal);
	const raw = await readSmall(store, manifestName(place, id), MAX_MANIFEST_BYTES, signal);
	if (manifest === null || raw === null)
		throw new LifeboatError('STORE_CHANGED', `the manifest of ${id} is gone`, {
			hint: 'it has just been deleted, or the store is in disorder',
			data: { id },
		});
	return { manifest, bytes: raw.content };
}

/**
 * The data as it is read, which fails at its end, so that no object comes of it, unless it is what the manifest tells
 * of. Opened when it is first asked for: a generator that never starts closes nothing.
 */
async function* checked(
	open: () => Promise<AsyncIterable<Uint8Array>>,
	object: StoredFacts,
): AsyncGenerator<Uint8Array> {
	const counted = newCounted();
	yield* counting(await open(), counted);
	checkStored(object, counted, 'the backup in the first store is not the one that its manifest tells of');
}

/** Claims that it has written the object; else one of that name was there. */
async function putUnlessThere(
	store: Store,
	name: string,
	body: AsyncIterable<Uint8Array>,
	contentType: string,
	signal: AbortSignal,
): Promise<boolean> {
	try {
		await store.put(name, body, { contentType, signal });
		return true;
	} catch (error) {
		// What it is that lies there is seen by reading it.
		if (!hasCode(error, 'STORE_EXISTS')) throw error;
		return false;
	}
}

async function compareData(
	{ store, reader, mustRead }: CopyTarget,
	name: string,
	object: StoredFacts,
	signal: AbortSignal,
): Promise<CopyCheck> {
	const opened = await readable(() => reader.get(name, { signal }), mustRead);
	if (opened === 'refused') return 'server';
	if (opened === null) throw notThere(name);
	const counted = newCounted();
	for await (const _ of counting(opened.body, counted));
	if (counted.storedSha256 === object.sha256 && counted.storedBytes === object.bytes) return 'read-back';
	throw another(name, store.label);
}

async function compareManifest(
	{ reader, mustRead }: CopyTarget,
	name: string,
	bytes: Buffer,
	signal: AbortSignal,
): Promise<void> {
	const found = await readable(() => readSmall(reader, name, MAX_MANIFEST_BYTES, signal), mustRead);
	if (found === 'refused') return;
	if (found === null) throw notThere(name);
	if (!found.content.equals(bytes)) throw another(name, reader.label);
}

/** Keys that may only write are refused here, and nowhere else. */
async function readable<T>(read: () => Promise<T>, mustRead: boolean): Promise<T | 'refused'> {
	try {
		return await read();
	} catch (error) {
		if (!mustRead && hasCode(error, 'STORE_REFUSED')) return 'refused';
		throw error;
	}
}

function another(name: string, store: string): LifeboatError {
	return new LifeboatError('STORE_EXISTS', `another content has the name ${name} in ${store}`, {
		hint: 'it is left as it is: find out who wrote it; once it is gone, the next run copies the backup',
		data: { name, store },
	});
}

function notThere(name: string): LifeboatError {
	return new LifeboatError('STORE_CHANGED', `${name} was copied, and is not there`, {
		hint: 'see what else writes to the store, and try again',
		data: { name },
	});
}
