import type { Refusal } from '../engine';
import type { Connection } from './connect';
import { isRefusal } from './run-named';

/** Those of `tables` with rows that break their own constraints, or are of another type, and how. */
export async function brokenTables(connection: Connection, tables: readonly string[]): Promise<Refusal[]> {
	const broken: Refusal[] = [];
	for (const name of tables) {
		const sql = `PRAGMA quick_check('${name.replaceAll("'", "''")}')`;
		const [row] = await connection.query(sql, [], 'checking constraints');
		if (row?.[0] !== 'ok') broken.push({ type: 'table', object: name, reason: String(row?.[0]) });
	}
	return broken;
}

/** Rows that refer to no row, by table; null if the database cannot tell, as a foreign key refers to what is no key. */
export async function foreignKeyViolations(connection: Connection): Promise<{ table: string; rows: number }[] | null> {
	try {
		const rows = await connection.query(
			'SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1',
			[],
			'checking foreign keys',
		);
		return rows.map((row) => ({ table: String(row[0]), rows: Number(row[1]) }));
	} catch (error) {
		if (isRefusal(error)) return null;
		throw error;
	}
}
