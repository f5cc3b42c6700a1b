import { type BackupNames, newBackupId } from '../backup/backup-id';
import { type Dumped, dump } from '../backup/dump';
import type { Progress } from '../backup/encode-snapshot';
import type { Lease } from '../backup/lease';
import { encodeManifest, MANIFEST_VERSION, MAX_MANIFEST_BYTES, type Manifest } from '../backup/manifest';
import { bodyOf, readSmall } from '../backup/small-object';
import type { Proof } from '../config/config';
import { hasCode, LifeboatError } from '../core/errors';
import { inStep, streamInStep } from '../core/step';
import type { Database } from '../engine/engine';
import type { Store } from '../store/store';
import type { JobContext } from './context';
import { proveStored } from './proof';

/** Time that cleaning up after a failure may take, in ms. */
const CLEAN_UP_MS = 8_000;
/** Time to look whether the manifest is there after all, in ms, before that. */
const LOOK_MS = 2_000;

export interface MakeBackupOptions {
	readonly database: Database;
	readonly store: Store;
	/** What the backup of a new id is to be called. */
	readonly namesOf: (id: string) => BackupNames;
	readonly trigger: Manifest['trigger'];
	readonly label: string | null;
	readonly only: ReadonlySet<string> | null;
	readonly proof: Proof;
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
	const { data: name, manifest: nameOfManifest } = options.namesOf(id);
	const put = { contentType: 'application/gzip', signal };
	options.onPart?.('dumping', null);
	try {
		const sink = (body: AsyncIterable<Uint8Array>) =>
			inStep('storing', () => store.put(name, streamInStep('dumping', body), put));
		const dumped = await inStep('dumping', () =>
			dump(database, sink, {
				...context,
				id,
				createdAt,
				signal,
				only: options.only ?? undefined,
				onProgress: options.onProgress,
				onLost: options.onLost,
			}),
		);
		options.onPart?.('proving', { rows: dumped.encoded.trailer.rows, bytes: dumped.plainBytes });
		const proof = await proveStored(() => openData(store, name, dumped.storedBytes, signal), dumped, {
			...options,
			wanted: options.proof,
		});
		await inStep('holding the lease', async () => options.lease?.renew());
		const durationMs = Math.round(context.clock.elapsedMs() - startedMs);
		const manifest = manifestOf(dumped, name, { id, createdAt, durationMs, proof }, options);
		await inStep('looking at the data again', () => expectData(store, name, dumped.storedBytes, signal));
		await commit(store, nameOfManifest, manifest, signal);
		return manifest;
	} catch (error) {
		const failure = error instanceof CommitFailed ? error.cause : error;
		// Of the data's name: what is there is not ours.
		const isOurs = error instanceof CommitFailed ? !error.mayCome : !hasCode(failure, 'STORE_EXISTS');
		if (isOurs) {
			await store.delete([name], { signal: AbortSignal.timeout(CLEAN_UP_MS) }).catch(() => {
				// The failure that led here is the one to tell; what is left is swept after a day.
			});
		}
		throw failure;
	}
}

/** A manifest is not to be written for what is gone: a folder, say, that was moved away and would be made anew. */
async function expectData(store: Store, name: string, bytes: number, signal?: AbortSignal): Promise<void> {
	const found = await store.head(name, { signal });
	if (found?.bytes === bytes) return;
	throw new LifeboatError('STORE_CHANGED', `${name} is no longer in ${store.label} as it was written`, {
		hint: 'see what else writes to the store or moves its folder, and try again',
		data: { name, store: store.label },
	});
}

class CommitFailed extends Error {
	/** The manifest may turn up all the same: then its data must be there. It is swept after a day if not. */
	readonly mayCome: boolean;

	constructor(override readonly cause: unknown) {
		super('');
		this.mayCome = !(cause instanceof LifeboatError) || cause.data.mayBeDone === true || cause.class === 'unexpected';
	}
}

async function commit(store: Store, name: string, manifest: Manifest, signal?: AbortSignal): Promise<void> {
	const bytes = encodeManifest(manifest);
	try {
		await inStep('writing the manifest', () =>
			store.put(name, bodyOf(bytes), { contentType: 'application/json', signal }),
		);
	} catch (error) {
		if (!(await isThere(store, name, bytes))) throw new CommitFailed(error);
	}
}

/** Claims that the manifest lies in the store, whatever was answered to its writing, or was not. */
async function isThere(store: Store, name: string, bytes: Buffer): Promise<boolean> {
	const found = await readSmall(store, name, MAX_MANIFEST_BYTES, AbortSignal.timeout(LOOK_MS)).catch(() => null);
	return found?.content.equals(bytes) ?? false;
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
	throw new LifeboatError('BACKUP_DAMAGED', `${name} is not in ${store.label}`, {
		hint: 'see whether that is the store that is meant; else use another backup',
	});
}

function manifestOf(
	dumped: Dumped,
	name: string,
	run: Pick<Manifest, 'id' | 'durationMs' | 'proof'> & { createdAt: Date },
	{ trigger, label, only }: MakeBackupOptions,
): Manifest {
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
			recipients: [],
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
