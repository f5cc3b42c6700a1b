import { type DecodedEvent, Decoder } from '../../lib/format/decoder';
import type { TableOpen, Trailer } from '../../lib/format/records';
import { parseRow } from '../../lib/format/values';

/** `bytes` in chunks of `size` bytes, each in memory of its own. */
export function* chunksOf(bytes: Uint8Array, size: number): Generator<Buffer> {
	for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

/** Cells as the vectors have them: storage class, then the value in text; bytes as hex. */
export type PlainCell = [type: string, value?: string];

export interface Decoded {
	tables: (Omit<TableOpen, 'kind'> & { omitted: number; rows: PlainCell[][] })[];
	trailer: Pick<Trailer, 'tables' | 'rows'>;
}

/** Everything that a file says, however its bytes come. */
export function decode(chunks: Iterable<Buffer>): Decoded {
	const decoder = new Decoder();
	const tables: Decoded['tables'] = [];
	const take = (event: DecodedEvent) => {
		const last = tables[tables.length - 1];
		if (event.kind === 'table')
			tables.push({ name: event.name, columns: event.columns, rowid: event.rowid, omitted: 0, rows: [] });
		if (event.kind === 'end' && last) last.omitted = event.omitted;
		if (event.kind === 'rows') last?.rows.push(...plainRows(event.bytes));
	};
	for (const chunk of chunks) for (const event of decoder.push(chunk)) take(event);
	const { tables: count, rows } = decoder.finish();
	return { tables, trailer: { tables: count, rows } };
}

function plainRows(bytes: Buffer): PlainCell[][] {
	const lines = bytes.toString().split('\n').slice(0, -1);
	return lines.map((line) =>
		parseRow(line).map((cell): PlainCell => {
			if (cell.type === 'null') return ['null'];
			if (cell.type === 'real') return ['real', cell.text];
			if ('bytes' in cell) return [cell.type, cell.bytes.toString('hex').toUpperCase()];
			return [cell.type, String(cell.value)];
		}),
	);
}

/** An async source of `chunks` that notes how far it was pulled, and whether it was ended early. */
export class Source implements AsyncIterable<Uint8Array> {
	pulled = 0;
	returned = false;

	constructor(
		readonly chunks: readonly Uint8Array[],
		/** Thrown after the last chunk, if given. */
		readonly failure?: unknown,
	) {}

	async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
		let ended = false;
		try {
			for (const chunk of this.chunks) {
				this.pulled++;
				yield chunk;
			}
			ended = true;
			if (this.failure !== undefined) throw this.failure;
		} finally {
			this.returned = !ended;
		}
	}
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	for await (const part of stream) parts.push(part);
	return Buffer.concat(parts);
}
