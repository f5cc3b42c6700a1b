import { NotOfProtocol } from './not-of-protocol';

/** A row by position: rows as objects lose columns named `length` or `0`. Bytes are `Buffer`s. */
export type Row = readonly unknown[];

/** What a client gives for a query. */
interface Result {
	readonly rows: readonly ArrayLike<unknown>[];
	readonly columns: readonly unknown[];
}

/** The client's rows are objects, indexed like arrays but not to be iterated. */
export function rowsOf({ rows, columns }: Result): Row[] {
	return rows.map((row) => {
		if (row.length !== columns.length) throw new NotOfProtocol('a row has another number of values than of columns');
		return Array.from(row, (value) => (value instanceof ArrayBuffer ? Buffer.from(value) : value));
	});
}
