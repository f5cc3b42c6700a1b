import { createHash } from 'node:crypto';
import type {
	ControlRecord,
	Header,
	Omission,
	RowChunk,
	SchemaObject,
	TableClose,
	TableOpen,
	Trailer,
} from './records';

/** How many `omitted` lines a table gets; further omissions are only counted. */
export const MAX_OMISSION_LINES = 100;

/**
 * Writes a backup of format 1, line by line: a state machine that throws on any call out of order, so that what it
 * returns is always the beginning of a valid file. The caller writes each result before the next call.
 *
 * `header`, then `schema` any number of times, then for each table `open`, `rows` and `omit` any number of times,
 * `close`; last `trailer`.
 */
export class Encoder {
	#state: 'header' | 'schema' | 'table' | 'tables' | 'done' = 'header';
	readonly #controls = createHash('sha256');
	#digest = createHash('sha256');
	#table: {
		name: string;
		rows: number;
		omitted: number;
		bytes: number;
		lineOpen: boolean;
		omissions: string[];
	} | null = null;
	#tables = 0;
	#rows = 0;

	header(header: Omit<Header, 'kind'>): Buffer {
		this.#expect('header');
		this.#state = 'schema';
		return this.#control({ kind: 'header', ...header });
	}

	schema(object: Omit<SchemaObject, 'kind'>): Buffer {
		this.#expect('schema');
		return this.#control({ kind: 'schema', ...object });
	}

	open(table: Omit<TableOpen, 'kind'>): Buffer {
		this.#expect('schema', 'tables');
		this.#state = 'table';
		this.#digest = createHash('sha256');
		this.#table = { name: table.name, rows: 0, omitted: 0, bytes: 0, lineOpen: false, omissions: [] };
		return this.#control({ kind: 'table', ...table });
	}

	/** Takes row lines as they are; the caller writes `chunk.bytes` itself, unchanged. */
	rows(chunk: RowChunk): void {
		const table = this.#openTable();
		this.#digest.update(chunk.bytes);
		table.rows += chunk.rows;
		table.bytes += chunk.bytes.byteLength;
		if (chunk.bytes.byteLength > 0) table.lineOpen = chunk.bytes[chunk.bytes.byteLength - 1] !== 10;
	}

	/** Notes a row that could not be carried; its line comes with `close`. */
	omit(omission: Omit<Omission, 'kind' | 'table'>): void {
		const table = this.#openTable();
		if (table.omitted++ < MAX_OMISSION_LINES)
			table.omissions.push(line({ kind: 'omitted', table: table.name, row: omission.row, reason: omission.reason }));
	}

	/** Returns the closing record beside its bytes. */
	close(): { bytes: Buffer; record: TableClose } {
		const table = this.#openTable();
		if (table.lineOpen) throw new TypeError('a row line was not ended');
		this.#state = 'tables';
		this.#table = null;
		this.#tables++;
		this.#rows += table.rows;
		const { name, rows, omitted, bytes } = table;
		const record: TableClose = { kind: 'end', name, rows, omitted, bytes, sha256: this.#digest.digest('hex') };
		const omissions = Buffer.from(table.omissions.join(''));
		this.#controls.update(omissions);
		return { bytes: Buffer.concat([omissions, this.#control(record)]), record };
	}

	/** Ends the file. */
	trailer(): { bytes: Buffer; record: Trailer } {
		this.#expect('schema', 'tables');
		this.#state = 'done';
		const sha256 = this.#controls.digest('hex');
		const record: Trailer = { kind: 'trailer', tables: this.#tables, rows: this.#rows, sha256 };
		return { bytes: Buffer.from(line(record)), record };
	}

	#control(record: ControlRecord): Buffer {
		const bytes = Buffer.from(line(record));
		this.#controls.update(bytes);
		return bytes;
	}

	#openTable() {
		this.#expect('table');
		if (!this.#table) throw new TypeError('no table is open');
		return this.#table;
	}

	#expect(...states: string[]): void {
		if (!states.includes(this.#state)) throw new TypeError(`not in state ${this.#state}`);
	}
}

function line(record: ControlRecord): string {
	return `${JSON.stringify(record)}\n`;
}
