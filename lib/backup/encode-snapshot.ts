import type { Snapshot } from '../engine/engine';
import { Encoder } from '../format/encoder';
import type { Header, Omission, TableClose, Trailer } from '../format/records';
import type { DumpTap } from './media/inventory';

/** What was written, known once the last byte has been taken. */
export interface Encoded {
	readonly tables: TableClose[];
	readonly omissions: Omit<Omission, 'kind'>[];
	trailer: Trailer | null;
}

/** How far the work is; both only grow. */
export interface Progress {
	readonly rows: number;
	/** Bytes of the file before compression. */
	readonly bytes: number;
}

export interface EncodeOptions {
	/** Only these tables' rows; the schema is written whole. */
	readonly only?: ReadonlySet<string>;
	/** Sees the rows on their way. */
	readonly tap?: DumpTap;
	readonly onProgress?: (progress: Progress) => void;
}

/**
 * The bytes of a backup file, before compression, from a snapshot. Ends the snapshot's transaction after the last
 * row, and fails if it had not lasted until then. `into` is filled on the way.
 */
export async function* encodeSnapshot(
	snapshot: Snapshot,
	header: Omit<Header, 'kind' | 'format' | keyof Snapshot['pragmas']>,
	into: Encoded,
	options: EncodeOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
	await options.tap?.begin();
	const encoder = new Encoder();
	let rows = 0;
	let bytes = 0;
	let table = '';
	const write = (chunk: Uint8Array) => {
		bytes += chunk.byteLength;
		return chunk;
	};
	yield write(encoder.header({ format: 1, ...header, ...snapshot.pragmas }));
	for (const object of snapshot.schema) yield write(encoder.schema(object));
	for await (const event of snapshot.read(options.only)) {
		switch (event.kind) {
			case 'open':
				table = event.table.name;
				options.tap?.open(event.table);
				yield write(encoder.open(event.table));
				break;
			case 'rows':
				encoder.rows(event);
				await options.tap?.rows(event.bytes);
				rows += event.rows;
				yield write(event.bytes);
				options.onProgress?.({ rows, bytes });
				break;
			case 'omit':
				encoder.omit(event.omission);
				if (into.omissions.length < MOST_OMISSIONS) into.omissions.push({ table, ...event.omission });
				break;
			case 'close': {
				const closed = encoder.close();
				into.tables.push(closed.record);
				yield write(closed.bytes);
			}
		}
	}
	await snapshot.confirm();
	await options.tap?.end();
	const trailer = encoder.trailer();
	yield write(trailer.bytes);
	into.trailer = trailer.record;
	options.onProgress?.({ rows, bytes });
}

/** Omissions kept for the manifest; their number is in each table's end. */
const MOST_OMISSIONS = 1_000;

/** The counts and digests of a dump before it begins. */
export function emptyEncoded(): Encoded {
	return { tables: [], omissions: [], trailer: null };
}
