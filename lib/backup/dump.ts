import { createHash } from 'node:crypto';
import { LifeboatError } from '../core/errors';
import type { Database, Reading, Snapshot } from '../engine/engine';
import type { Header } from '../format/records';
import { seal } from '../format/seal';
import { type Encoded, emptyEncoded, encodeSnapshot, type Progress } from './encode-snapshot';
import type { DumpTap } from './media/inventory';
import { type TryOptions, withSnapshot } from './snapshot-tries';
import { refuseUnknownTables } from './unknown-tables';

/** A dump that has been written whole. */
export interface Dumped {
	readonly header: Omit<Header, 'kind'>;
	readonly encoded: Encoded & { readonly trailer: NonNullable<Encoded['trailer']> };
	readonly reading: Reading;
	readonly plainBytes: number;
	/** Of the bytes handed to the sink. */
	readonly storedBytes: number;
	readonly storedSha256: string;
	/** About what the database takes on disk; null if it does not tell. */
	readonly diskBytes: number | null;
}

export interface DumpOptions extends TryOptions {
	readonly id: string;
	readonly createdAt: Date;
	/** Only these tables' rows. Names that the database does not have throw `USAGE_INVALID`. */
	readonly only?: ReadonlySet<string>;
	/** What is done to the compressed file on its way to the sink: sealing it. */
	readonly through?: (compressed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
	/** Sees the rows on their way; begun anew with each try. */
	readonly tap?: DumpTap;
	readonly onProgress?: (progress: Progress) => void;
}

/**
 * Dumps a database into `sink`, which stores a stream as a whole or not at all. It is called again, with a new
 * stream, when the database's connection is lost on the way; never after it has stored one.
 *
 * @throws LifeboatError `RESTORE_UNFINISHED` for a database that is being restored into
 */
export async function dump(
	database: Database,
	sink: (body: AsyncIterable<Uint8Array>) => Promise<unknown>,
	options: DumpOptions,
): Promise<Dumped> {
	const { id, createdAt, only, through = (compressed) => compressed } = options;
	return withSnapshot(database, options, async (snapshot) => {
		refuseUnfinished(snapshot);
		if (only) {
			const there = new Set(snapshot.tables.map(({ name }) => name));
			refuseUnknownTables('database', there, only, 'a dry run shows the tables');
		}
		const encoded = emptyEncoded();
		const hash = createHash('sha256');
		let plainBytes = 0;
		let storedBytes = 0;
		let isTaken = false;
		const onProgress = (progress: Progress) => {
			plainBytes = progress.bytes;
			options.onProgress?.(progress);
		};
		const header = { id, createdAt: createdAt.toISOString(), source: database.info };
		async function* body() {
			for await (const chunk of through(
				seal(encodeSnapshot(snapshot, header, encoded, { only, tap: options.tap, onProgress })),
			)) {
				hash.update(chunk);
				storedBytes += chunk.byteLength;
				yield chunk;
			}
			isTaken = true;
		}
		await sink(body());
		if (!isTaken || encoded.trailer === null) throw new TypeError('the sink did not take the whole stream');
		return {
			header: { format: 1, ...header, ...snapshot.pragmas },
			encoded: { ...encoded, trailer: encoded.trailer },
			reading: snapshot.reading(),
			plainBytes,
			storedBytes,
			storedSha256: hash.digest('hex'),
			diskBytes: snapshot.diskBytes,
		};
	});
}

/**
 * Refuses half a database: nothing is to be made of it but its other half.
 *
 * @throws LifeboatError `RESTORE_UNFINISHED`
 */
export function refuseUnfinished({ isUnfinished }: Snapshot): void {
	if (!isUnfinished) return;
	throw new LifeboatError('RESTORE_UNFINISHED', 'the database is the target of a restore that was not finished', {
		hint: 'go on with restore-turso.ts --resume, or restore into a fresh database',
	});
}
