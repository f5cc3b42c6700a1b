import type { SchemaObject } from '../../format/records';
import { hasCheck, parseTable, relaxedDefinition, withDefinitions } from './column-definitions';
import type { Connection } from './connect';
import { type NamedStatement, runEach, runTogether } from './run-named';
import { ident } from './sql';

/** A table and its verbatim SQL. */
type Table = Pick<SchemaObject, 'name'> & { readonly sql: string };

/**
 * Makes columns of a table take every value as it is, so that rows can go in that break the table's own constraints:
 * `ALTER COLUMN` and pragmas can have made such rows. {@link restoreDefinitions} takes it back.
 */
export async function relaxColumns(connection: Connection, table: Table, columns: readonly string[]): Promise<void> {
	const { columns: defined, isStrict } = parseTable(table.sql);
	const now = parseTable(await sqlOf(connection, table.name));
	const changes = defined
		.filter(({ name }) => columns.includes(name))
		.map((column) => ({ ...column, to: relaxedDefinition(column, isStrict) }));
	if (connection.kind === 'remote') return alterColumns(connection, table.name, changes);
	// What was relaxed before stays so.
	const relaxed = defined.map((column, nth) => {
		const current = now.columns[nth];
		const wasRelaxed = current && current.tokens.length < column.tokens.length;
		const to = changes.some(({ name }) => name === column.name) || wasRelaxed;
		return { ...column, to: to ? relaxedDefinition(column, isStrict) : table.sql.slice(column.start, column.end) };
	});
	await writeSchema(connection, { ...table, sql: withDefinitions(table.sql, relaxed) });
}

/** The columns of `table` that have a CHECK of their own. */
export function checkedColumns({ sql }: Table): string[] {
	return parseTable(sql)
		.columns.filter(hasCheck)
		.map(({ name }) => name);
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
			const current = parseTable(now).columns.map(({ start, end }) => now.slice(start, end));
			const verbatim = columns.map((column) => ({ ...column, to: table.sql.slice(column.start, column.end) }));
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

/**
 * By libSQL's own statement. Its text replaces what stands up to the next comma, as it does not count brackets: so the
 * database refuses it for some definitions. Those stay, and the rows that break them will fail by their table's name.
 */
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
