import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { LifeboatError } from '../core/errors';
import { checkRows, RowSyntaxError, type RowTraits } from './check-rows';
import { MAX_OMISSION_LINES } from './encoder';
import {
	type ControlRecord,
	cellsOf,
	controlSchema,
	FORMAT,
	MAX_LINE_BYTES,
	type TableOpen,
	type Trailer,
} from './records';

/** Whole row lines of the table opened last, checked against the grammar. */
export interface RowsEvent {
	readonly kind: 'rows';
	readonly bytes: Buffer;
	readonly rows: number;
	readonly traits: RowTraits;
}

/** What a backup file says, in its order. A `end` comes only when the table's digest and count were right. */
export type DecodedEvent = ControlRecord | RowsEvent;

const NEWLINE = 10;
const ROW = 91;

/**
 * Reads a backup of format 1 from chunks of any size: a state machine that accepts exactly what the specification
 * allows. Nothing is whole until {@link Decoder.finish} has returned.
 *
 * Holds at most one line (`MAX_LINE_BYTES`) and one chunk.
 */
export class Decoder {
	#state: 'header' | 'schema' | 'table' | 'omissions' | 'tables' | 'done' = 'header';
	readonly #controls = createHash('sha256');
	#digest = createHash('sha256');
	#table: TableOpen | null = null;
	#rows = 0;
	#bytes = 0;
	#omitted = 0;
	#totals = { tables: 0, rows: 0 };
	readonly #schemaNames = new Set<string>();
	readonly #declared = new Set<string>();
	readonly #seen = new Set<string>();
	#trailer: Trailer | null = null;
	/** An unfinished line: its parts so far, and their length. */
	#parts: Buffer[] = [];
	#partBytes = 0;
	/** Lines and bytes before the one being read, for messages. */
	#line = 1;
	#offset = 0;

	/**
	 * Takes the next bytes of the decompressed file.
	 *
	 * @throws LifeboatError `BACKUP_DAMAGED` or `FORMAT_UNKNOWN`, with the line and byte where it was noticed
	 */
	*push(chunk: Buffer): Generator<DecodedEvent, void, undefined> {
		let at = 0;
		if (this.#partBytes > 0) {
			const end = chunk.indexOf(NEWLINE);
			if (end < 0) return this.#keep(chunk);
			this.#keep(chunk.subarray(0, end + 1));
			const line = Buffer.concat(this.#parts, this.#partBytes);
			this.#parts = [];
			this.#partBytes = 0;
			yield* this.#lines(line);
			at = end + 1;
		}
		const last = chunk.lastIndexOf(NEWLINE);
		if (last >= at) {
			yield* this.#lines(chunk.subarray(at, last + 1));
			at = last + 1;
		}
		if (at < chunk.length) this.#keep(chunk.subarray(at));
	}

	/** Ends the input; returns the verified trailer. Without one the file is not a backup. */
	finish(): Trailer {
		if (this.#partBytes > 0) this.#fail('the file ends within a line');
		if (!this.#trailer) this.#fail(this.#line === 1 ? 'the file is empty' : 'the file ends before its trailer');
		return this.#trailer;
	}

	#keep(bytes: Buffer): void {
		if (this.#state === 'done') this.#fail('there is data after the trailer');
		this.#parts.push(bytes);
		this.#partBytes += bytes.length;
		if (this.#partBytes > MAX_LINE_BYTES) this.#fail(`a line of more than ${MAX_LINE_BYTES} bytes`);
		// A file that is not a backup is told by its first bytes, not after the longest line.
		if (this.#state === 'header' && this.#parts[0]?.[0] !== 123) this.#unknown();
	}

	/** `bytes` is whole lines. */
	*#lines(bytes: Buffer): Generator<DecodedEvent, void, undefined> {
		let at = 0;
		while (at < bytes.length) {
			if (bytes[at] === ROW && this.#state === 'table') {
				const end = endOfRows(bytes, at);
				yield this.#rowLines(bytes.subarray(at, end));
				at = end;
			} else {
				const end = bytes.indexOf(NEWLINE, at) + 1;
				const line = bytes.subarray(at, end);
				yield this.#control(line);
				this.#line++;
				this.#offset += line.length;
				at = end;
			}
		}
	}

	#rowLines(bytes: Buffer): RowsEvent {
		const table = this.#table as TableOpen;
		if (!isUtf8(bytes)) this.#fail('rows that are not UTF-8');
		let traits: RowTraits;
		try {
			traits = checkRows(bytes, cellsOf(table));
		} catch (error) {
			if (!(error instanceof RowSyntaxError)) throw error;
			const before = bytes.subarray(0, error.at);
			this.#line += countLines(before);
			this.#offset += error.at;
			this.#fail(error.message);
		}
		const rows = countLines(bytes);
		this.#digest.update(bytes);
		this.#rows += rows;
		this.#bytes += bytes.length;
		this.#line += rows;
		this.#offset += bytes.length;
		return { kind: 'rows', bytes, rows, traits };
	}

	#control(line: Buffer): ControlRecord {
		const record = this.#parse(line);
		switch (record.kind) {
			case 'header':
				this.#expect(record.kind, 'header');
				this.#state = 'schema';
				break;
			case 'schema': {
				this.#expect(record.kind, 'schema');
				if ((record.type === 'table') !== (record.role !== undefined)) this.#fail('a schema line with the wrong role');
				const key = `${record.type === 'trigger' ? 'trigger' : ''} ${lowerAscii(record.name)}`;
				if (this.#schemaNames.has(key)) this.#fail(`a second schema line for ${JSON.stringify(record.name)}`);
				this.#schemaNames.add(key);
				if (record.type === 'table' && record.role !== 'virtual') this.#declared.add(record.name);
				break;
			}
			case 'table':
				this.#expect(record.kind, 'schema', 'tables');
				if (!this.#declared.has(record.name))
					this.#fail(`a section for ${JSON.stringify(record.name)}, which the schema does not have as a table of rows`);
				if (this.#seen.has(record.name)) this.#fail(`a second section for ${JSON.stringify(record.name)}`);
				this.#seen.add(record.name);
				this.#table = record;
				this.#digest = createHash('sha256');
				this.#rows = 0;
				this.#bytes = 0;
				this.#omitted = 0;
				this.#state = 'table';
				break;
			case 'omitted':
				this.#expect(record.kind, 'table', 'omissions');
				if (record.table !== this.#table?.name) this.#fail('an omission of another table');
				this.#omitted++;
				this.#state = 'omissions';
				break;
			case 'end':
				this.#expect(record.kind, 'table', 'omissions');
				if (record.name !== this.#table?.name) this.#fail('the end of another table');
				if (record.rows !== this.#rows || record.bytes !== this.#bytes)
					this.#fail(`table ${JSON.stringify(record.name)} has ${this.#rows} rows, its end says ${record.rows}`);
				if (Math.min(record.omitted, MAX_OMISSION_LINES) !== this.#omitted) this.#fail('omissions that disagree');
				if (record.sha256 !== this.#digest.digest('hex'))
					this.#fail(`the rows of table ${JSON.stringify(record.name)} do not have its digest`);
				this.#totals = { tables: this.#totals.tables + 1, rows: this.#totals.rows + record.rows };
				this.#table = null;
				this.#state = 'tables';
				break;
			case 'trailer':
				this.#expect(record.kind, 'schema', 'tables');
				if (record.tables !== this.#totals.tables || record.rows !== this.#totals.rows)
					this.#fail('the trailer counts other tables or rows than there are');
				if (record.sha256 !== this.#controls.digest('hex')) this.#fail("the trailer's digest is not that of the file");
				this.#state = 'done';
				this.#trailer = record;
				return record;
		}
		this.#controls.update(line);
		return record;
	}

	#parse(line: Buffer): ControlRecord {
		if (line[0] === ROW) this.#fail('a row outside a table');
		let json: unknown;
		try {
			if (!isUtf8(line)) throw new SyntaxError('not UTF-8');
			json = JSON.parse(line.toString());
		} catch {
			if (this.#state === 'header') this.#unknown();
			this.#fail('a line that is not JSON');
		}
		if (this.#state === 'header') {
			const { kind, format } = (json ?? {}) as { kind?: unknown; format?: unknown };
			if (kind !== 'header' || format !== FORMAT) this.#unknown(format);
		}
		const parsed = controlSchema.safeParse(json);
		if (!parsed.success) this.#fail('a line that the format does not have');
		return parsed.data;
	}

	#expect(kind: string, ...states: string[]): void {
		if (this.#state === 'done') this.#fail('there is data after the trailer');
		if (!states.includes(this.#state)) this.#fail(`a line of kind "${kind}" out of order`);
	}

	#unknown(format?: unknown): never {
		const known = typeof format === 'number';
		throw new LifeboatError('FORMAT_UNKNOWN', known ? `a backup of format ${format}` : 'this is not a backup file', {
			hint: known ? `this version reads format ${FORMAT}; use a newer one` : 'name a file made by Lifeboat',
		});
	}

	#fail(what: string): never {
		throw new LifeboatError('BACKUP_DAMAGED', `damaged at line ${this.#line}, byte ${this.#offset}: ${what}`, {
			hint: 'use another backup; this one cannot be trusted',
			data: { line: this.#line, offset: this.#offset },
		});
	}
}

/** The end of the run of row lines that starts at `start`. */
function endOfRows(bytes: Buffer, start: number): number {
	let at = start;
	while (bytes[at] === ROW) at = bytes.indexOf(NEWLINE, at) + 1;
	return at;
}

function countLines(bytes: Buffer): number {
	let lines = 0;
	for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
	return lines;
}

/** SQLite compares names of schema objects with ASCII letters folded only. */
function lowerAscii(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
