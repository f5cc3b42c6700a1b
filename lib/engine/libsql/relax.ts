import type { SchemaObject } from '../../format/records';
import { type ColumnDefinition, parseTable } from './column-definitions';
import type { Connection } from './connect';
import { checkedColumns, isFirm, keepsTypes, relaxedDefinition, withDefinitions } from './relaxed-columns';
import { type NamedStatement, runEach, runTogether } from './run-named';
import { ident } from './sql';

/** A table and its verbatim SQL. */
type Table = Pick<SchemaObject, 'name'> & { readonly sql: string };

/** What stands in the way of a row: a column's constraints, or its type too. */
export type Obstacle = 'constraint' | 'value';

/**
 * Makes columns of a table take every value as it is, so that rows can go in that break the table's own constraints:
 * `ALTER COLUMN` and pragmas can have made such rows. {@link restoreDefinitions} takes it back.
 */
export async function relaxColumns(
	connection: Connection,
	table: Table,
	columns: readonly string[],
	obstacle: Obstacle,
): Promise<void> {
	const defined = parseTable(table.sql);
	// A scratch database is there for the rows, not for what is computed from them.
	const keeps = obstacle === 'constraint' || (!connection.scratch && keepsTypes(defined));
	const now = await sqlOf(connection, table.name);
	const current = parseTable(now).columns.map((column) => ({ ...column, to: textOf(now, column) }));
	const texts = new Map(current.map(({ name, to }) => [name, to]));
	// One that was relaxed for its values, if only by a restore that stopped, has no constraint left either.
	const chosen = defined.columns
		.filter(({ name }) => columns.includes(name))
		.filter((column) => obstacle === 'value' || texts.get(column.name) === textOf(table.sql, column))
		.map((column) => ({ ...column, to: relaxedDefinition(defined, column, keeps) }));
	if (connection.kind === 'remote') {
		const alterable = chosen.filter((column) => !isFirm(defined, column));
		return alterColumns(connection, table.name, alterable);
	}
	for (const { name, to } of chosen) texts.set(name, to);
	const changed = current.map((column) => ({ ...column, to: texts.get(column.name) as string }));
	await writeSchema(connection, { ...table, sql: withDefinitions(now, changed) });
}

/** The columns of a table, by its SQL, with constraints that a value of any kind may break. */
export function constrainedColumns(sql: string): string[] {
	return checkedColumns(parseTable(sql)).map(({ name }) => name);
}

/** Gives every table whose columns were relaxed its verbatim definition back. */
export async function restoreDefinitions(connection: Connection, tables: readonly Table[]): Promise<void> {
	const made = new Map(
		(await connection.query("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")) as [string, string][],
	);
	for (const table of tables) {
		const now = made.get(table.name);
		if (now === undefined || now === table.sql) continue;
		if (connection.kind === 'file') await writeSchema(connection, table);
		else {
			const { columns } = parseTable(table.sql);
			const current = parseTable(now).columns.map((column) => textOf(now, column));
			const verbatim = columns.map((column) => ({ ...column, to: textOf(table.sql, column) }));
			await alterColumns(
				connection,
				table.name,
				verbatim.filter(({ to }, nth) => to !== current[nth]),
			);
		}
	}
}

async function sqlOf(connection: Connection, table: string): Promise<string> {
	const [row] = await connection.query("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", [table]);
	return row?.[0] as string;
}

function textOf(sql: string, { start, end }: ColumnDefinition): string {
	return sql.slice(start, end);
}

/** By libSQL's own statement. A column that it is refused for stays, and rows that break it fail by their table's name. */
async function alterColumns(
	connection: Connection,
	table: string,
	columns: readonly { readonly spelled: string; readonly to: string }[],
): Promise<void> {
	const statements = columns.map(({ spelled, to }) => ({
		name: table,
		statement: `ALTER TABLE ${ident(table)} ALTER COLUMN ${spelled} TO ${to}`,
	}));
	await runEach(connection, statements);
}

/** Writes a table's SQL into the schema itself, which only a `file:` database allows. */
async function writeSchema(connection: Connection, { name, sql }: Table): Promise<void> {
	const [row] = await connection.query('PRAGMA schema_version');
	const statements: NamedStatement['statement'][] = [
		'PRAGMA writable_schema = ON',
		{ sql: "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", args: [sql, name] },
		`PRAGMA schema_version = ${Number(row?.[0]) + 1}`,
		'PRAGMA writable_schema = RESET',
	];
	await runTogether(
		connection,
		statements.map((statement) => ({ name, statement })),
		'altering',
	);
}
