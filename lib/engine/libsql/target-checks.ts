import type { Refusal, RestoreHeader } from '../engine';
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

/** The encoding that the database has, or will have when something is written into it. */
export async function encodingOf(connection: Connection): Promise<RestoreHeader['encoding']> {
	const [row] = await connection.query('PRAGMA encoding');
	return row?.[0] as RestoreHeader['encoding'];
}

/** Claims that there is an object of that name. */
export async function hasObject(connection: Connection, name: string): Promise<boolean> {
	const rows = await connection.query('SELECT 1 FROM sqlite_schema WHERE name = ?', [name]);
	return rows.length > 0;
}
