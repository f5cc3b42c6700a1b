import type { Header, TableOpen } from '../../format/records';
import type { TargetRows } from '../engine';
import { goesByRow, insertPage, insertRow } from './insert';
import type { NamedStatement } from './run-named';

type Table = Omit<TableOpen, 'kind'>;

/** Rows are sent when this many bytes have come together, or this many statements. */
const BATCH_BYTES = 1_000_000;
const BATCH_STATEMENTS = 100;
/** Of statements of one row each. */
const BATCH_ROWS = 500;
const NEWLINE = 10;

/** Rows on their way into the database, gathered into as few statements and transactions as their size allows. */
export class PendingRows {
	#pages: { table: Table; chunks: Buffer[]; tagged: boolean }[] = [];
	#bytes = 0;

	constructor(
		readonly encoding: Header['encoding'],
		readonly write: (statements: NamedStatement[]) => Promise<void>,
		/** The database takes pages apart itself; else each row is a statement. */
		readonly byPage: boolean,
	) {}

	async add(table: Table, rows: TargetRows): Promise<void> {
		if (goesByRow(table, rows)) {
			await this.flush();
			for (const line of linesOf(rows.bytes))
				await this.write([{ name: table.name, statement: insertRow(table, line, this.encoding) }]);
			return;
		}
		const last = this.#pages[this.#pages.length - 1];
		if (last?.table.name === table.name) {
			last.chunks.push(rows.bytes);
			last.tagged ||= rows.traits.tagged;
		} else this.#pages.push({ table, chunks: [rows.bytes], tagged: rows.traits.tagged });
		this.#bytes += rows.bytes.length;
		if (this.#bytes >= BATCH_BYTES || this.#pages.length >= BATCH_STATEMENTS) await this.flush();
	}

	async flush(): Promise<void> {
		const pages = this.#pages;
		this.#pages = [];
		this.#bytes = 0;
		if (pages.length === 0) return;
		if (!this.byPage) return this.#writeRows(pages);
		await this.write(
			pages.map(({ table, chunks, tagged }) => ({ name: table.name, statement: insertPage(table, chunks, tagged) })),
		);
	}

	async #writeRows(pages: readonly { table: Table; chunks: readonly Buffer[] }[]): Promise<void> {
		let statements: NamedStatement[] = [];
		for (const { table, chunks } of pages)
			for (const line of chunks.flatMap(linesOf)) {
				statements.push({ name: table.name, statement: insertRow(table, line, this.encoding) });
				if (statements.length < BATCH_ROWS) continue;
				await this.write(statements);
				statements = [];
			}
		await this.write(statements);
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
