import { isUtf8 } from 'node:buffer';
import { LifeboatError } from '../core/errors';
import { type CheckedRows, checkRows, type RowTraits } from './check-rows';
import { firstMalformed, parseControlLine, parseFirstLine, UnknownFormat } from './control-line';
import { FileOrder } from './file-order';
import { FormatError } from './format-error';
import { LineBuffer } from './line-buffer';
import { type ControlRecord, cellsOf, FORMAT, MAX_LINE_BYTES, type Trailer } from './records';

/** Whole row lines of the table opened last, checked against the grammar. */
export interface RowsEvent {
	readonly kind: 'rows';
	/** Not used again by the decoder; a part of the chunk, unless it is one line that came in parts. */
	readonly bytes: Buffer;
	readonly rows: number;
	readonly traits: RowTraits;
}

/** What a backup file says, in its order. An `end` comes only when the table's digest and counts were right. */
export type DecodedEvent = ControlRecord | RowsEvent;

export interface DecoderOptions {
	/**
	 * Default true. False is for who checks each table's digest where its rows have gone, and by that the rows on their
	 * whole way: here they are only counted.
	 */
	readonly digestsRows?: boolean;
}

const [NEWLINE, ROW, OBJECT] = [10, 91, 123];

/**
 * Reads a backup of format 1 from chunks of any size, and accepts exactly what `README.md` allows. Nothing is whole
 * until {@link Decoder.finish} has returned.
 *
 * Holds at most one line (`MAX_LINE_BYTES`) beside the chunk. After it has thrown, it throws the same for ever.
 */
export class Decoder {
	readonly #order: FileOrder;
	readonly #unfinished = new LineBuffer();
	#trailer: Trailer | null = null;
	#failure: LifeboatError | null = null;
	/** The line being read, and the bytes before it. */
	#line = 1;
	#offset = 0;

	constructor({ digestsRows }: DecoderOptions = {}) {
		this.#order = new FileOrder(digestsRows);
	}

	/**
	 * Takes the next bytes of the decompressed file. The events have to be taken to their end.
	 *
	 * @throws LifeboatError `BACKUP_DAMAGED`, with `line` and `offset` (of the first damaged byte, or of the start of a
	 *   line that is damaged as a whole) in its data, wherever the chunks were cut; or `FORMAT_UNKNOWN`
	 */
	*push(chunk: Buffer): Generator<DecodedEvent, void, undefined> {
		if (this.#failure) throw this.#failure;
		// Only what is kept is measured, so no line may be longer than what comes at once.
		for (let at = 0; at < chunk.length; at += MAX_LINE_BYTES)
			yield* this.#take(chunk.subarray(at, at + MAX_LINE_BYTES));
	}

	/** Ends the input; returns the verified trailer. Without one the file is not a backup. */
	finish(): Trailer {
		if (this.#failure) throw this.#failure;
		if (this.#unfinished.length > 0) this.#fail('the file ends within a line', this.#unfinished.length);
		if (!this.#trailer) this.#fail(this.#line === 1 ? 'the file is empty' : 'the file ends before its trailer');
		return this.#trailer;
	}

	*#take(bytes: Buffer): Generator<DecodedEvent, void, undefined> {
		let at = 0;
		if (this.#unfinished.length > 0) {
			const end = bytes.indexOf(NEWLINE) + 1;
			this.#keep(end === 0 ? bytes : bytes.subarray(0, end));
			if (end === 0) return;
			yield* this.#lines(this.#unfinished.take());
			at = end;
		}
		const end = bytes.lastIndexOf(NEWLINE) + 1;
		if (end > at) yield* this.#lines(bytes.subarray(at, end));
		if (end < bytes.length) this.#keep(bytes.subarray(end));
	}

	#keep(bytes: Buffer): void {
		const isFirst = this.#unfinished.length === 0;
		if (this.#order.place === 'end') this.#fail('there is data after the trailer');
		// What is not a backup is told by its first byte, not after the longest line.
		if (this.#order.place === 'start' && isFirst && bytes[0] !== OBJECT) this.#unknown(null);
		if (!this.#unfinished.add(bytes)) this.#fail(`a line of more than ${MAX_LINE_BYTES} bytes`);
	}

	/** `bytes` is whole lines. */
	*#lines(bytes: Buffer): Generator<DecodedEvent, void, undefined> {
		for (let at = 0; at < bytes.length; ) {
			const event =
				bytes[at] === ROW && this.#order.place === 'rows'
					? this.#rows(bytes.subarray(at))
					: this.#control(bytes.subarray(at, bytes.indexOf(NEWLINE, at) + 1));
			at += event.length;
			this.#offset += event.length;
			this.#line += event.lines;
			yield event.event;
		}
	}

	/** The run of rows that `bytes` starts with. */
	#rows(bytes: Buffer): { event: RowsEvent; length: number; lines: number } {
		const { table } = this.#order;
		let checked: CheckedRows | null = null;
		let damage: FormatError | null = null;
		try {
			checked = checkRows(bytes, { cells: cellsOf(table), rowid: table.rowid !== null });
		} catch (error) {
			if (!(error instanceof FormatError)) throw error;
			damage = error;
		}
		const run = bytes.subarray(0, checked?.end ?? damage?.at);
		if (!isUtf8(run)) damage = new FormatError('a text that is not UTF-8', firstMalformed(run));
		if (!checked || damage) this.#failAt(damage as FormatError, bytes);
		const { rows, traits } = checked;
		this.#order.rows(run, rows);
		return { event: { kind: 'rows', bytes: run, rows, traits }, length: run.length, lines: rows };
	}

	#control(line: Buffer): { event: ControlRecord; length: number; lines: number } {
		try {
			const { place } = this.#order;
			if (place === 'end') throw new FormatError('there is data after the trailer');
			const record = place === 'start' ? parseFirstLine(line) : parseControlLine(line);
			this.#order.control(record, line);
			if (record.kind === 'trailer') this.#trailer = record;
			return { event: record, length: line.length, lines: 1 };
		} catch (error) {
			if (error instanceof UnknownFormat) this.#unknown(error.format);
			if (error instanceof FormatError) this.#failAt(error, line);
			throw error;
		}
	}

	/** Fails for a byte of `bytes`, which start where the line being read does. */
	#failAt({ message, at }: FormatError, bytes: Buffer): never {
		for (let end = bytes.indexOf(NEWLINE); end >= 0 && end < at; end = bytes.indexOf(NEWLINE, end + 1)) this.#line++;
		this.#fail(message, at);
	}

	#fail(what: string, at = 0): never {
		const [line, offset] = [this.#line, this.#offset + at];
		this.#failure = new LifeboatError('BACKUP_DAMAGED', `damaged at line ${line}, byte ${offset}: ${what}`, {
			hint: 'use another backup; this one cannot be trusted',
			data: { line, offset },
		});
		throw this.#failure;
	}

	#unknown(format: number | null): never {
		const what = format === null ? 'this is not a backup file' : `a backup of format ${format}`;
		const hint =
			format === null ? 'name a file made by Lifeboat' : `this version reads format ${FORMAT}; use another version`;
		this.#failure = new LifeboatError('FORMAT_UNKNOWN', what, { hint, data: { line: 1, offset: 0 } });
		throw this.#failure;
	}
}
