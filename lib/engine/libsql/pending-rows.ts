import { KIND } from '../../format/check-rows';
import type { Header, TableOpen } from '../../format/records';
import type { RestorePoint, TargetRows } from '../engine';
import { goesByRow, insertPage, insertRow } from './insert';
import type { NamedStatement } from './run-named';

type Table = Omit<TableOpen, 'kind'>;

/** Rows are sent when this many bytes have come together, or this many statements. */
const BATCH_BYTES = 1_000_000;
const BATCH_STATEMENTS = 100;
const NEWLINE = 10;

/** Rows on their way into the database, gathered into as few statements and transactions as their size allows. */
export class PendingRows {
	#pages: { table: Table; chunks: Buffer[]; tagged: boolean }[] = [];
	#bytes = 0;
	/** Up to where the rows are written, once those that are held are. */
	#point: RestorePoint = { table: null, rows: 0 };

	/** @param write runs statements as one transaction, after which all rows up to `point` are in the database */
	constructor(
		readonly encoding: Header['encoding'],
		readonly write: (statements: NamedStatement[], point: RestorePoint) => Promise<void>,
	) {}

	/** @param before how many rows of the table came before these */
	async add(table: Table, rows: TargetRows, before: number): Promise<void> {
		if (goesByRow(table, rows)) return this.#addByRow(table, rows, before);
		const last = this.#pages[this.#pages.length - 1];
		const tagged = rows.traits.kinds.some((kinds) => (kinds & KIND.tagged) !== 0);
		if (last?.table.name === table.name) {
			last.chunks.push(rows.bytes);
			last.tagged ||= tagged;
		} else this.#pages.push({ table, chunks: [rows.bytes], tagged });
		this.#bytes += rows.bytes.length;
		this.#point = { table: table.name, rows: before + rows.rows };
		if (this.#bytes >= BATCH_BYTES || this.#pages.length >= BATCH_STATEMENTS) await this.flush();
	}

	async flush(): Promise<void> {
		const pages = this.#pages;
		this.#pages = [];
		this.#bytes = 0;
		if (pages.length === 0) return;
		await this.write(
			pages.map(({ table, chunks, tagged }) => ({ name: table.name, statement: insertPage(table, chunks, tagged) })),
			this.#point,
		);
	}

	async #addByRow(table: Table, { bytes }: TargetRows, before: number): Promise<void> {
		await this.flush();
		for (let at = 0, row = before + 1; at < bytes.length; row++) {
			const end = bytes.indexOf(NEWLINE, at) + 1;
			const statement = insertRow(table, bytes.subarray(at, end), this.encoding);
			await this.write([{ name: table.name, statement }], { table: table.name, rows: row });
			at = end;
		}
	}
}
