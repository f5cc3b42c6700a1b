import type { Header, TableOpen } from '../../format/records';
import { KIND } from '../../format/value-kinds';
import type { RestorePoint, TargetRows } from '../engine';
import { goesByRow, insertPage, insertRow } from './insert';
import type { NamedStatement } from './run-named';

type Table = Omit<TableOpen, 'kind'>;

/** Rows of one table that are held; `before` of its rows came before them. */
interface HeldRows {
	readonly table: Table;
	readonly before: number;
	readonly chunks: Buffer[];
	tagged: boolean;
}

/** Rows are sent when this many bytes have come together, or this many statements. */
const BATCH_BYTES = 1_000_000;
const BATCH_STATEMENTS = 100;
/** Of statements of one row each. */
const BATCH_ROWS = 500;
const NEWLINE = 10;

/** Rows on their way into the database, gathered into as few statements and transactions as their size allows. */
export class PendingRows {
	#held: HeldRows[] = [];
	#bytes = 0;
	/** Up to where the rows are written, once those that are held are. */
	#point: RestorePoint = { table: null, rows: 0 };

	/**
	 * @param write runs statements as one transaction, after which all rows up to `point` are in the database
	 * @param byPage the database takes pages apart itself; else each row is a statement
	 */
	constructor(
		readonly encoding: Header['encoding'],
		readonly write: (statements: NamedStatement[], point: RestorePoint) => Promise<void>,
		readonly byPage: boolean,
	) {}

	/** @param before how many rows of the table came before these */
	async add(table: Table, rows: TargetRows, before: number): Promise<void> {
		if (goesByRow(table, rows)) {
			await this.flush();
			return this.#writeRows([{ table, before, chunks: [rows.bytes], tagged: true }], 1);
		}
		const last = this.#held[this.#held.length - 1];
		const tagged = rows.traits.kinds.some((kinds) => (kinds & KIND.tagged) !== 0);
		if (last?.table.name === table.name) {
			last.chunks.push(rows.bytes);
			last.tagged ||= tagged;
		} else this.#held.push({ table, before, chunks: [rows.bytes], tagged });
		this.#bytes += rows.bytes.length;
		this.#point = { table: table.name, rows: before + rows.rows };
		if (this.#bytes >= BATCH_BYTES || this.#held.length >= BATCH_STATEMENTS) await this.flush();
	}

	async flush(): Promise<void> {
		const held = this.#held;
		this.#held = [];
		this.#bytes = 0;
		if (held.length === 0) return;
		if (!this.byPage) return this.#writeRows(held, BATCH_ROWS);
		await this.write(
			held.map(({ table, chunks, tagged }) => ({ name: table.name, statement: insertPage(table, chunks, tagged) })),
			this.#point,
		);
	}

	async #writeRows(held: readonly HeldRows[], most: number): Promise<void> {
		let statements: NamedStatement[] = [];
		let point = this.#point;
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

function linesOf(rows: Buffer): Buffer[] {
	const lines: Buffer[] = [];
	for (let at = 0; at < rows.length; ) {
		const end = rows.indexOf(NEWLINE, at) + 1;
		lines.push(rows.subarray(at, end));
		at = end;
	}
	return lines;
}
