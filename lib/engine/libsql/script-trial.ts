import type { SchemaObject } from '../../format/records';
import type { Connection } from './connect';
import { ident } from './sql';
import { hasWord } from './sql-tokens';

/** What a database does with a table's rows. */
export interface Trial {
	/** There are rows which break a CHECK. */
	readonly breaksCheck: boolean;
	/** Columns with values that are converted when they are inserted. */
	readonly converted: readonly string[];
}

/** Claims that a table has a CHECK, of a column or its own. */
export function hasCheckOf({ sql }: Pick<SchemaObject, 'sql'>): boolean {
	return sql !== null && /check/i.test(sql) && hasWord(sql, 'CHECK');
}

/**
 * Tries out what a database does with the rows of a table that are in it as they were, whatever the table takes.
 *
 * @param converting columns that may convert, with their affinity
 */
export async function tryRows(
	connection: Connection,
	table: string,
	converting: readonly { readonly name: string; readonly affinity: string }[],
): Promise<Trial> {
	const doing = `checking the rows of ${JSON.stringify(table)}`;
	const broken = await connection.query(
		'SELECT 1 FROM pragma_integrity_check(?1) WHERE integrity_check = ?2 LIMIT 1',
		[table, `CHECK constraint failed in ${table}`],
		doing,
	);
	const converted: string[] = [];
	for (const { name, affinity } of converting) {
		const values = `SELECT ${ident(name)} AS v FROM ${ident(table)}`;
		await connection.migrate([`CREATE TABLE ${PROBE}(v ${affinity})`, `INSERT INTO ${PROBE} ${values}`], doing);
		// A conversion always makes a value of another type.
		const types = (from: string) =>
			`(SELECT group_concat(type || n) FROM (SELECT typeof(v) AS type, count(*) AS n FROM ${from} GROUP BY 1 ORDER BY 1))`;
		const same = await connection.query(`SELECT ${types(`(${values})`)} IS ${types(PROBE)}`, [], doing);
		if (Number(same[0]?.[0]) === 0) converted.push(name);
		await connection.migrate([`DROP TABLE ${PROBE}`], doing);
	}
	return { breaksCheck: broken.length > 0, converted };
}

const PROBE = ident('lifeboat tries a column');
