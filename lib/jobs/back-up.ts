import { basename, dirname } from 'node:path';
import { dataName, namesAt, type Place } from '../backup/backup-id';
import type { Progress } from '../backup/encode-snapshot';
import type { Lease } from '../backup/lease';
import { isSealed, type Manifest } from '../backup/manifest';
import { counting, newCounted } from '../backup/read-backup';
import { checkStored } from '../backup/verify-backup';
import type { Config, ConfigWith, Proof } from '../config/config';
import { LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Store } from '../store/store';
import { manifestBeside, mediaBeside } from './backup-source';
import { besideOf } from './beside';
import { commitBackup } from './commit';
import { type JobContext, openBlobStore, openFolder, placeOf, systemContext } from './context';
import { dataTypeOf, type MakeBackupOptions, makeBackup, openData } from './make-backup';
import { type ObservedOptions, observed } from './observed';
import { withSource } from './source';
import type { BranchFate } from './source-types';
import { type Swept, sweepAfter } from './sweep-after';
import { withLease } from './with-lease';

export interface BackUpOptions {
	readonly config: ConfigWith<'database' | 'name'>;
	/** Copy the backup to the Blob store too, once it is made. */
	readonly upload: boolean;
	/** Absolute path: put the backup there, and its manifest beside it, instead of into the local folder. */
	readonly out: string | null;
	readonly proof: Proof | null;
	readonly only: readonly string[];
	readonly label: string | null;
	readonly signal?: AbortSignal;
	readonly onPart?: (part: 'dumping' | 'proving' | 'uploading', total: Progress | null) => void;
	readonly onProgress?: (progress: Progress) => void;
	readonly onLost?: (error: unknown) => void;
	readonly onBranch?: (fate: BranchFate) => void;
	readonly onUntold?: ObservedOptions['onUntold'];
}

/** A backup made by hand. */
export interface BackedUp {
	readonly manifest: Manifest;
	/** Where its data lies, for people: a path, and the Blob store's name for it. */
	readonly places: readonly string[];
	/** What came of sweeping each store that it lies in. */
	readonly swept: readonly Swept[];
}

/** Makes a backup into the local folder, or a file, and copies it to the Blob store if asked to. */
export function backUp(options: BackUpOptions, context: JobContext = systemContext): Promise<BackedUp> {
	const { config, onUntold } = options;
	return observed('backup', { config, deadlineAt: null, context, onUntold }, async (sawNewest) => {
		const backedUp = await backUpTo(options, context);
		sawNewest(backedUp.manifest);
		return backedUp;
	});
}

async function backUpTo(options: BackUpOptions, context: JobContext): Promise<BackedUp> {
	const { config, out } = options;
	const local = await openFolder(out === null ? config.localDir : dirname(out), context);
	const blob = options.upload ? await openBlobStore(blobOf(config), config, context) : null;
	try {
		if (out !== null) {
			const media = mediaBeside(out, config.recipients.length > 0);
			const names = { data: basename(out), manifest: basename(manifestBeside(out)), media: basename(media) };
			const manifest = await make(local.store, () => names, null, options, context);
			return { manifest, places: [out], swept: [] };
		}
		const place = placeOf(local, config.name);
		return await withLease(blob ?? local, config.name, context, options.signal, async (lease) => {
			const manifest = await make(local.store, namesAt(place, config.recipients.length > 0), lease, options, context);
			const places = [`${local.store.label}/${dataName(place, manifest.id, isSealed(manifest))}`];
			const swept = [await sweepAfter(local.store, place, context, options.signal)];
			if (blob) {
				const target = placeOf(blob, config.name);
				places.push(await upload(local.store, place, blob.store, target, manifest, lease, options));
				swept.push(await sweepAfter(blob.store, target, context, options.signal));
			}
			return { manifest, places, swept };
		});
	} finally {
		await local.store.close();
		await blob?.store.close();
	}
}

function make(
	store: Store,
	namesOf: MakeBackupOptions['namesOf'],
	lease: Lease | null,
	options: BackUpOptions,
	context: JobContext,
): Promise<Manifest> {
	const { config, signal, only } = options;
	return withSource({ config, context, signal, onBranch: options.onBranch }, (database) =>
		makeBackup({
			...options,
			database,
			store,
			namesOf,
			lease,
			context,
			trigger: { kind: 'cli', day: null },
			recipients: config.recipients,
			beside: besideOf(config),
			proof: options.proof ?? config.proof,
			scratchDir: config.scratchDir,
			only: only.length > 0 ? new Set(only) : null,
		}),
	);
}

/** Copies a proven backup to another store, reads it back, and writes its manifest there last. */
async function upload(
	from: Store,
	place: Place,
	to: Store,
	target: Place,
	manifest: Manifest,
	lease: Lease,
	options: BackUpOptions,
): Promise<string> {
	const { signal } = options;
	const names = namesAt(target, isSealed(manifest))(manifest.id);
	options.onPart?.('uploading', { rows: manifest.rows, bytes: manifest.plainBytes });
	await inStep('uploading', (note) =>
		commitBackup({ store: to, names, lease, signal }, async () => {
			const send = async (source: string, name: string, object: Pick<Manifest['object'], 'bytes' | 'sha256'>) => {
				const body = await openData(from, source, object.bytes, signal);
				note({ bytes: object.bytes });
				await to.put(name, body, { contentType: dataTypeOf(isSealed(manifest)), signal });
				const counted = newCounted();
				for await (const _ of counting(await openData(to, name, object.bytes, signal), counted));
				checkStored(object, counted);
			};
			const here = namesAt(place, isSealed(manifest))(manifest.id);
			await send(here.data, names.data, manifest.object);
			const { mediaAssetInventory } = manifest;
			if (mediaAssetInventory !== null) await send(here.media, names.media, mediaAssetInventory);
			return manifest;
		}),
	);
	return `${to.label}: ${names.data}`;
}

function blobOf(config: Config): NonNullable<Config['blob']> {
	if (config.blob) return config.blob;
	throw new LifeboatError('CONFIG_INVALID', 'there is no Blob store to upload to', {
		hint: 'set BLOB_READ_WRITE_TOKEN or BLOB_STORE_ID',
	});
}
