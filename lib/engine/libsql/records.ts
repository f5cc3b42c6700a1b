import { LifeboatError } from '../../core/errors';
import type { Header } from '../../format/records';
import type { Connection } from './connect';
import { decodeText } from './list-tables';
import { ident } from './sql';

/** Reads a small table; see `Database.records`. */
export async function readRecords(
	{ query }: Connection,
	table: string,
	columns: readonly string[],
): Promise<(string | null)[][] | null> {
	const doing = `reading table ${JSON.stringify(table)}`;
	const [found] = await query(
		`SELECT (SELECT encoding FROM pragma_encoding) FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`,
		[table],
		doing,
	);
	if (!found) return null;
	const encoding = found[0] as Header['encoding'];
	// As bytes: the native driver ends the process at a text that is not valid UTF-8. Without quotes, as a column that is
	// not there would be read as a string.
	const values = columns.map((column) => `CAST(CAST(${column} AS TEXT) AS BLOB)`);
	const rows = await query(`SELECT ${values.join(', ')} FROM ${ident(table)}`, [], doing);
	return rows.map((row) =>
		row.map((value) => {
			if (value === null) return null;
			const text = decodeText(value as Buffer, encoding);
			if (text !== null) return text;
			throw new LifeboatError(
				'DATABASE_FAILED',
				`table ${JSON.stringify(table)} has a text that is not valid ${encoding}`,
			);
		}),
	);
}
