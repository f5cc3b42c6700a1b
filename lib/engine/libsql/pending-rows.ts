import type { Header, TableOpen } from '../../format/records';
import { KIND } from '../../format/value-kinds';
import type { RestorePoint, TargetRows } from '../engine';
import { goesByRow, insertPage, insertRange, insertRow } from './insert';
import { PageText } from './page-text';
import type { NamedStatement } from './run-named';
import type { RowRange, StagedRows } from './staged-rows';

type Table = Omit<TableOpen, 'kind'>;

/** Rows of one table that are held; `before` of its rows came before them. */
interface HeldRows {
	readonly table: Table;
	readonly before: number;
	/** Row lines; of a page, as `PageText` has written them. */
	readonly chunks: Buffer[];
	/** Of the row lines. */
	bytes: number;
	tagged: boolean;
}

/** Rows of one table that are staged. */
interface StagedRange {
	readonly table: Table;
	range: RowRange;
}

/**
 * Rows are sent when this many bytes have come together, or this many statements: a transaction more costs a round
 * trip, or some waits for the disk.
 */
const BATCH_BYTES = 4_000_000;
/** From so many bytes on, a page is not added to: sqld takes no argument of more than 5 MB. */
const PAGE_BYTES = 2_000_000;
const BATCH_STATEMENTS = 100;
/** Of statements of one row each. */
const BATCH_ROWS = 500;
const NEWLINE = 10;

/** Rows on their way into the database, gathered into as few statements and transactions as their size allows. */
export class PendingRows {
	#held: (HeldRows | StagedRange)[] = [];
	#bytes = 0;
	readonly #text = new PageText();
	/** What was sent last. */
	#sending: Promise<void> = Promise.resolve();
	/** Up to where the rows are written, once those that are held are. */
	#point: RestorePoint = { table: null, rows: 0 };

	/**
	 * @param write runs statements as one transaction, after which all rows up to `point` are in the database
	 * @param byPage the database takes pages apart itself; else each row is a statement
	 * @param staged where the database reads rows from a file
	 */
	constructor(
		readonly encoding: Header['encoding'],
		readonly write: (statements: NamedStatement[], point: RestorePoint) => Promise<void>,
		readonly byPage: boolean,
		readonly staged: StagedRows | null,
	) {}

	/** @param before how many rows of the table came before these */
	async add(table: Table, rows: TargetRows, before: number): Promise<void> {
		if (goesByRow(table, rows)) {
			await this.flush();
			const { bytes } = rows;
			const one = { table, before, chunks: [bytes], bytes: bytes.length, tagged: true };
			return this.#writeRows([one], 1, this.#point);
		}
		const range = this.staged?.add(table, rows) ?? null;
		if (range === null) this.#hold(table, rows, before);
		else this.#stage(table, range);
		this.#bytes += rows.bytes.length;
		this.#point = { table: table.name, rows: before + rows.rows };
		const isFull = this.#bytes >= BATCH_BYTES || this.staged?.isFull;
		if (isFull || this.#held.length >= BATCH_STATEMENTS) await this.#send();
	}

	#hold(table: Table, { bytes, traits }: TargetRows, before: number): void {
		const last = this.#held[this.#held.length - 1];
		const tagged = traits.kinds.some((kinds) => (kinds & KIND.tagged) !== 0);
		const chunks = this.byPage ? this.#text.write(bytes) : [bytes];
		if (last && 'chunks' in last && last.table.name === table.name && last.bytes < PAGE_BYTES) {
			last.chunks.push(...chunks);
			last.bytes += bytes.length;
			last.tagged ||= tagged;
		} else this.#held.push({ table, before, chunks, bytes: bytes.length, tagged });
	}

	#stage(table: Table, range: RowRange): void {
		const last = this.#held[this.#held.length - 1];
		if (last && 'range' in last && last.table.name === table.name)
			last.range = { first: last.range.first, last: range.last };
		else this.#held.push({ table, range });
	}

	/** Writes all that is held, and returns when it is in the database. */
	async flush(): Promise<void> {
		await this.#send();
		await this.#sending;
	}

	/** Waits for what is on its way, whatever becomes of it. */
	async settle(): Promise<void> {
		await this.#sending.catch(() => {});
	}

	/** Begins to write what is held once what was sent before is in: the next rows are decoded meanwhile. */
	async #send(): Promise<void> {
		await this.#sending;
		const held = this.#held;
		if (held.length === 0) return;
		this.#held = [];
		this.#bytes = 0;
		this.#text.turn();
		const point = this.#point;
		this.staged?.finish();
		this.#sending = this.#write(held, point);
		// It fails where it is waited for.
		this.#sending.catch(() => {});
		// What is staged is read from its file.
		if (this.staged === null) return;
		await this.#sending;
		this.staged.clear();
	}

	async #write(held: readonly (HeldRows | StagedRange)[], point: RestorePoint): Promise<void> {
		if (this.byPage) return this.write(held.map(statementOf), point);
		await this.#writeRows(
			held.filter((rows) => 'chunks' in rows),
			BATCH_ROWS,
			point,
		);
	}

	async #writeRows(held: readonly HeldRows[], most: number, start: RestorePoint): Promise<void> {
		let statements: NamedStatement[] = [];
		let point = start;
		for (const { table, before, chunks } of held) {
			let rows = before;
			for (const line of chunks.flatMap(linesOf)) {
				statements.push({ name: table.name, statement: insertRow(table, line, this.encoding) });
				point = { table: table.name, rows: ++rows };
				if (statements.length < most) continue;
				await this.write(statements, point);
				statements = [];
			}
		}
		if (statements.length > 0) await this.write(statements, point);
	}
}

function statementOf(held: HeldRows | StagedRange): NamedStatement {
	const { table } = held;
	const statement = 'range' in held ? insertRange(table, held.range) : insertPage(table, held.chunks, held.tagged);
	return { name: table.name, statement };
}

function linesOf(rows: Buffer): Buffer[] {
	const lines: Buffer[] = [];
	for (let at = 0; at < rows.length; ) {
		const end = rows.indexOf(NEWLINE, at) + 1;
		lines.push(rows.subarray(at, end));
		at = end;
	}
	return lines;
}
