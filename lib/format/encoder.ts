import { controlLine } from './control-line';
import { FileOrder } from './file-order';
import { FormatError } from './format-error';
import {
	type ControlRecord,
	type Header,
	MAX_LINE_BYTES,
	MAX_OMISSION_LINES,
	type Omission,
	type RowChunk,
	type SchemaObject,
	type TableClose,
	type TableOpen,
	type Trailer,
} from './records';

const NEWLINE = 10;

/**
 * Writes a backup of format 1, line by line. Throws `TypeError` on any call out of order and any record that the
 * format does not allow, so that what it has returned is always the beginning of a valid file, row lines aside: those
 * are taken as they are. The caller writes each result before the next call.
 *
 * `header`, then `schema` any number of times, then for each table `open`, `rows` and `omit` any number of times,
 * `close`; last `trailer`.
 */
export class Encoder {
	readonly #order = new FileOrder();
	/** Of the open table: rows left out, the first of them, and the bytes of a row line that has not ended. */
	#omitted = 0;
	#omissions: Omission[] = [];
	#openLineBytes = 0;

	header(header: Omit<Header, 'kind'>): Buffer {
		return this.#control({ kind: 'header', ...header });
	}

	schema(object: Omit<SchemaObject, 'kind'>): Buffer {
		return this.#control({ kind: 'schema', ...object });
	}

	open(table: Omit<TableOpen, 'kind'>): Buffer {
		const bytes = this.#control({ kind: 'table', ...table });
		this.#omitted = 0;
		this.#omissions = [];
		return bytes;
	}

	/** Takes row lines as they are; the caller writes `chunk.bytes` itself, unchanged. */
	rows({ bytes, rows }: RowChunk): void {
		this.#ordered(() => this.#order.rows(bytes, rows));
		const first = bytes.indexOf(NEWLINE);
		if (this.#openLineBytes + (first < 0 ? bytes.byteLength : first + 1) > MAX_LINE_BYTES)
			throw new TypeError(`a row line of more than ${MAX_LINE_BYTES} bytes`);
		this.#openLineBytes =
			first < 0 ? this.#openLineBytes + bytes.byteLength : bytes.byteLength - bytes.lastIndexOf(NEWLINE) - 1;
	}

	/** Notes a row that could not be carried; its line comes with `close`. */
	omit({ row, reason }: Omit<Omission, 'kind' | 'table'>): void {
		const table = this.#ordered(() => this.#order.table.name);
		if (this.#omitted++ < MAX_OMISSION_LINES) this.#omissions.push({ kind: 'omitted', table, row, reason });
	}

	/** Returns the closing record beside its bytes, which are those of the omissions too. */
	close(): { bytes: Buffer; record: TableClose } {
		const record = this.#ordered(() => this.#order.end(this.#omitted));
		if (this.#openLineBytes > 0) throw new TypeError('a row line was not ended');
		const lines = this.#omissions.map((omission) => this.#control(omission));
		return { bytes: Buffer.concat([...lines, this.#control(record)]), record };
	}

	/** Ends the file. */
	trailer(): { bytes: Buffer; record: Trailer } {
		const record = this.#order.trailer();
		return { bytes: this.#control(record), record };
	}

	#control(record: ControlRecord): Buffer {
		const line = controlLine(record);
		this.#ordered(() => this.#order.control(record, line));
		return line;
	}

	/** What is damage to a reader is a caller's mistake here. */
	#ordered<T>(act: () => T): T {
		try {
			return act();
		} catch (error) {
			throw error instanceof FormatError ? new TypeError(error.message) : error;
		}
	}
}
