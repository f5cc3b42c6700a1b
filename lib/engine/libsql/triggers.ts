import type { Connection } from './connect';
import type { NamedStatement } from './run-named';

/** The triggers on tables, each with the statement that makes it, in the order in which they were made. */
export async function readTriggers(connection: Connection): Promise<(NamedStatement & { statement: string })[]> {
	const rows = await connection.query(
		`SELECT t.name, t.sql FROM sqlite_schema t JOIN sqlite_schema o ON o.name = t.tbl_name COLLATE NOCASE AND o.type = 'table' WHERE t.type = 'trigger' ORDER BY t.rowid`,
	);
	return rows.map(([name, sql]) => ({ name: name as string, statement: sql as string }));
}
