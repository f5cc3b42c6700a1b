import { foldCase } from '../../core/fold-case';
import type { SchemaObject } from '../../format/records';
import type { Refusal, RestoreHeader } from '../engine';
import type { Connection } from './connect';
import { isRefusal, type NamedStatement, runEach, runNamed, runParsed, runTogether } from './run-named';
import { ident } from './sql';

type Schema = readonly Omit<SchemaObject, 'kind'>[];

/**
 * Makes every table of `schema` that is not there yet. Ordinary tables first, those of vector indexes among them,
 * then virtual tables, whose own tables come with them; of these the ones that came too many are dropped, and those
 * that the module would make later are made from their SQL.
 *
 * @returns the tables that a server does not know how to make, with all that belongs to them
 */
export async function makeTables(connection: Connection, schema: Schema): Promise<Refusal[]> {
	const there = await objectsOf(connection);
	const missing = (...roles: SchemaObject['role'][]) =>
		schema
			.filter(({ type, role, name }) => type === 'table' && roles.includes(role) && !there.has(`table ${name}`))
			.flatMap(creation);
	const refusals = await runParsed(connection, missing('table', 'vector'), 'creating');
	if (schema.some(({ role }) => role === 'virtual')) await makeVirtualTables(connection, schema, missing);
	return refusals.flatMap((refusal) => [refusal, ...orphans(schema, refusal.object)]);
}

async function makeVirtualTables(
	connection: Connection,
	schema: Schema,
	missing: (role: SchemaObject['role']) => NamedStatement[],
): Promise<void> {
	await runNamed(connection, missing('virtual'), 'creating');
	const wanted = new Set(schema.filter(({ type }) => type === 'table').map(({ name }) => name));
	const made = await shadowTables(connection);
	const extra = made.filter((name) => !wanted.has(name));
	await runNamed(
		connection,
		extra.map((name) => ({ name, statement: `DROP TABLE ${ident(name)}` })),
		'dropping',
	);
	const late = missing('shadow').filter(({ name }) => !made.includes(name));
	await runNamed(connection, late, 'creating');
}

/** What cannot be made without its table. */
function orphans(schema: Schema, table: string): Refusal[] {
	return schema
		.filter((object) => foldCase(object.table) === foldCase(table) && object.type !== 'table')
		.map(({ type, name }) => ({ type, object: name, reason: 'its table was refused' }));
}

/**
 * Makes what comes after the rows, is not there yet and was not refused: indexes, then views and triggers in their
 * order.
 *
 * @param refused the `type name` of each object that is not to be tried again
 * @returns the views and triggers that the database refuses
 */
export async function makeLate(
	connection: Connection,
	schema: Schema,
	refused: ReadonlySet<string>,
): Promise<Refusal[]> {
	const there = await objectsOf(connection);
	const isMissing = ({ type, name }: Schema[number]) =>
		!there.has(`${type} ${name}`) && !refused.has(`${type} ${name}`);
	const missing = (type: SchemaObject['type']) =>
		schema.filter((object) => object.type === type && isMissing(object)).flatMap(creation);
	await runNamed(connection, missing('index'), 'creating');
	return makeOrRefuse(connection, [...missing('view'), ...missing('trigger')]);
}

/** Makes `sqlite_sequence`. It comes with the first AUTOINCREMENT table, and stays when that is dropped. */
export async function makeSequence(connection: Connection): Promise<void> {
	const name = 'sqlite_sequence';
	if ((await objectsOf(connection)).has(`table ${name}`)) return;
	const table = ident('lifeboat makes sqlite_sequence');
	const statements = [`CREATE TABLE ${table}(id INTEGER PRIMARY KEY AUTOINCREMENT)`, `DROP TABLE ${table}`];
	await runTogether(
		connection,
		statements.map((statement) => ({ name, statement })),
		'creating',
	);
}

/** Makes a table of statistics. Only ANALYZE makes `sqlite_stat1`; on one reserved name it makes it empty. */
export async function makeStatistics(connection: Connection, name: string): Promise<Refusal | null> {
	const [refusal] = await runEach(connection, [{ name, statement: 'ANALYZE sqlite_schema' }]);
	if (refusal) return refusal;
	if ((await objectsOf(connection)).has(`table ${name}`)) return null;
	return { type: 'table', object: name, reason: 'this database keeps no such statistics' };
}

/** Sets the pragmas that belong to the database; returns those that it refuses. */
export async function setPragmas(connection: Connection, header: RestoreHeader): Promise<Refusal[]> {
	const statements: NamedStatement[] = [];
	for (const [pragma, value] of [
		['PRAGMA user_version', header.userVersion],
		['PRAGMA application_id', header.applicationId],
	] as const) {
		const [row] = await connection.query(pragma);
		if (Number(row?.[0]) !== value)
			statements.push({ type: 'pragma', name: pragma, statement: `${pragma} = ${value}` });
	}
	return runEach(connection, statements);
}

/** All at once; only if that fails, one by one, to find those that the database refuses. */
async function makeOrRefuse(connection: Connection, objects: readonly NamedStatement[]): Promise<Refusal[]> {
	try {
		await runTogether(connection, objects, 'creating');
		return [];
	} catch (error) {
		if (!isRefusal(error)) throw error;
		return runEach(connection, objects);
	}
}

/** `type name` of every object there is. */
async function objectsOf(connection: Connection): Promise<Set<string>> {
	const rows = await connection.query('SELECT type, name FROM sqlite_schema', [], 'reading the schema');
	return new Set(rows.map(([type, name]) => `${type} ${name}`));
}

async function shadowTables(connection: Connection): Promise<string[]> {
	const rows = await connection.query(
		"SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'",
		[],
		'reading the schema',
	);
	return rows.map(([name]) => name as string);
}

/** Indexes that SQLite makes by itself have no SQL. */
function creation({ type, name, sql }: Schema[number]): NamedStatement[] {
	return sql === null ? [] : [{ type, name, statement: sql }];
}
