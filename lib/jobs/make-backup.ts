import { type BackupNames, newBackupId } from '../backup/backup-id';
import { type Dumped, dump } from '../backup/dump';
import type { Progress } from '../backup/encode-snapshot';
import type { Lease } from '../backup/lease';
import { MANIFEST_VERSION, type Manifest } from '../backup/manifest';
import type { Proof } from '../config/config';
import { LifeboatError } from '../core/errors';
import { inStep, streamInStep } from '../core/step';
import type { Database } from '../engine/engine';
import { openSealer } from '../format/age';
import type { Store } from '../store/store';
import { type Beside, type BesideRun, startBeside } from './beside';
import { commitBackup } from './commit';
import type { JobContext } from './context';
import { proveStored } from './proof';
import { openSpool, proveSealed } from './proof-of-sealed';

export interface MakeBackupOptions {
	readonly database: Database;
	readonly store: Store;
	/** What the backup of a new id is to be called. */
	readonly namesOf: (id: string) => BackupNames;
	readonly trigger: Manifest['trigger'];
	readonly label: string | null;
	readonly only: ReadonlySet<string> | null;
	/** The age recipients that it is sealed to; none: it is not encrypted. */
	readonly recipients: readonly string[];
	readonly proof: Proof;
	/** What it tells of beside the database. */
	readonly beside: Beside;
	readonly scratchDir: string;
	readonly context: JobContext;
	/** Renewed before the manifest is written, so that a run that was overtaken commits nothing. */
	readonly lease: Lease | null;
	readonly signal?: AbortSignal;
	readonly onPart?: (part: 'dumping' | 'proving', total: Progress | null) => void;
	readonly onProgress?: (progress: Progress) => void;
	/** Told of a try that was lost and is begun anew. */
	readonly onLost?: (error: unknown) => void;
}

/**
 * Makes one backup: dumps into the store, proves what lies there, and writes the manifest, by which alone the backup
 * exists. When anything before the manifest fails, the data is deleted again.
 */
export async function makeBackup(options: MakeBackupOptions): Promise<Manifest> {
	const { database, store, context, signal } = options;
	const startedMs = context.clock.elapsedMs();
	const createdAt = context.clock.now();
	const id = newBackupId(createdAt, context.random);
	const names = options.namesOf(id);
	const { recipients } = options;
	const seal = recipients.length > 0 ? await openSealer(recipients) : null;
	const put = { contentType: dataTypeOf(seal !== null), signal };
	options.onPart?.('dumping', null);
	const beside = await startBeside(options.beside, options.scratchDir);
	const spool = seal !== null && options.proof !== 'none' ? await openSpool(options.scratchDir) : null;
	const make = async (): Promise<Manifest> => {
		const sink = (body: AsyncIterable<Uint8Array>) =>
			inStep('storing', async (note) => {
				const { bytes } = await store.put(names.data, streamInStep('dumping', body), put);
				note({ bytes });
			});
		const dumped = await inStep('dumping', async (note) => {
			const done = await dump(database, sink, {
				...context,
				id,
				createdAt,
				signal,
				only: options.only ?? undefined,
				tap: beside.tap,
				through: seal === null ? undefined : (compressed) => seal(spool?.keep(compressed) ?? compressed),
				onProgress: options.onProgress,
				onLost: options.onLost,
			});
			note({ bytes: done.plainBytes, rows: done.encoded.trailer.rows });
			return done;
		});
		options.onPart?.('proving', { rows: dumped.encoded.trailer.rows, bytes: dumped.plainBytes });
		const open = () => openData(store, names.data, dumped.storedBytes, signal);
		const wanted = { ...options, wanted: options.proof };
		const proof = await (seal === null ? proveStored(open, dumped, wanted) : proveSealed(spool, open, dumped, wanted));
		const durationMs = Math.round(context.clock.elapsedMs() - startedMs);
		const manifest = manifestOf(dumped, names.data, { id, createdAt, durationMs, proof }, options);
		const openMedia = (bytes: number) => openData(store, names.media, bytes, signal);
		return beside.finish(manifest, { store, name: names.media, open: openMedia, signal });
	};
	try {
		return await commitBackup({ store, names, lease: options.lease, signal }, make);
	} finally {
		await beside.close();
		await spool?.close();
	}
}

/** The media type of a backup's data. */
export function dataTypeOf(isSealed: boolean): string {
	return isSealed ? 'application/octet-stream' : 'application/gzip';
}

/**
 * Opens a backup's data, of which so many bytes were written.
 *
 * @throws LifeboatError `BACKUP_DAMAGED` if it is not there; `STORE_UNREACHABLE` if the store has all of it, and gives less
 */
export async function openData(
	store: Store,
	name: string,
	bytes: number,
	signal?: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
	const object = await store.get(name, { signal });
	if (object?.bytes === bytes) return object.body;
	const there = await store.head(name, { signal });
	if (there?.bytes === bytes) {
		await object?.body[Symbol.asyncIterator]().return?.();
		throw new LifeboatError('STORE_UNREACHABLE', `the store has ${name}, and does not give all of it`, {
			hint: 'try again: it is the reading that failed, not the backup',
			data: { name, receivedBytes: object?.bytes ?? 0, expectedBytes: bytes },
		});
	}
	// Where the damage begins is told by reading it.
	if (object !== null) return object.body;
	throw dataGone(store, name);
}

/** `BACKUP_DAMAGED` for data that a store does not have, though it has the manifest. */
export function dataGone(store: Store, name: string): LifeboatError {
	return new LifeboatError('BACKUP_DAMAGED', `${name} is not in ${store.label}`, {
		hint: 'see whether that is the store that is meant; else use another backup',
	});
}

function manifestOf(
	dumped: Dumped,
	name: string,
	run: Pick<Manifest, 'id' | 'durationMs' | 'proof'> & { createdAt: Date },
	{ trigger, label, only, recipients }: MakeBackupOptions,
): Parameters<BesideRun['finish']>[0] {
	const { encoded, header } = dumped;
	return {
		manifest: MANIFEST_VERSION,
		id: run.id,
		createdAt: run.createdAt.toISOString(),
		durationMs: run.durationMs,
		trigger,
		label,
		source: header.source,
		reading: dumped.reading,
		object: {
			name: name.slice(name.lastIndexOf('/') + 1),
			bytes: dumped.storedBytes,
			sha256: dumped.storedSha256,
			compression: 'gzip',
			recipients: [...recipients],
		},
		plainBytes: dumped.plainBytes,
		rows: encoded.trailer.rows,
		digest: encoded.trailer.sha256,
		tables: encoded.tables.map(({ name, rows, bytes, omitted, sha256 }) => ({ name, rows, bytes, omitted, sha256 })),
		only: only === null ? null : [...only],
		proof: run.proof,
		omissions: encoded.omissions.map(({ table, row, reason }) => ({ table, row, reason })),
	};
}
