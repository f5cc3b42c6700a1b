import type { InStatement, InValue } from '@libsql/client';
import type { Header, TableOpen } from '../../format/records';
import { type Cell, parseRow } from '../../format/values';
import type { TargetRows } from '../engine';
import type { NamedStatement } from './run-named';
import { ident, literal } from './sql';
import { type RowRange, selectRange } from './staged-rows';
import { jsonArray, type PageStatement } from './statement';

type Table = Omit<TableOpen, 'kind'>;

/** Rows past this many bytes are bound value by value: sqld takes no argument of more than 5 MB, and hex doubles a blob. */
const LONG_BYTES = 1_000_000;

/** SQLite's limit for the columns of a SELECT; the rowid may come on top of as many columns of the table. */
const SELECT_COLUMNS = 2_000;

/** Claims that the rows have to go one by one, by {@link insertRow}: too long, or too wide, for {@link insertPage}. */
export function goesByRow(table: Table, rows: TargetRows): boolean {
	return (rows.rows === 1 && rows.bytes.length > LONG_BYTES) || targets(table).length > SELECT_COLUMNS;
}

/**
 * One statement that inserts a page of rows: the database takes the JSON apart itself, type-exact, as the JSON of
 * format 1 has the storage classes in it.
 *
 * @param page row lines, as written by `PageText`
 * @param tagged whether any cell may be a tagged hex object
 */
export function insertPage(table: Table, page: readonly Buffer[], tagged: boolean): PageStatement {
	return { sql: `${insertInto(table)} ${pageCellsSql(targets(table).length, tagged)}`, page };
}

/** One statement that inserts rows that are staged. */
export function insertRange(table: Table, range: RowRange): InStatement {
	return `${insertInto(table)} ${selectRange(range, targets(table).length)}`;
}

/** The SELECT of the cells of a page, a JSON array of rows, which is its one argument. */
export function pageCellsSql(cells: number, tagged: boolean): string {
	const cell = tagged ? taggedCellSql : plainCellSql;
	// Each cell is looked up in the row's binary form, made once: OFFSET keeps SQLite from making it for each of them.
	const rows = '(SELECT jsonb(value) AS value FROM json_each(?1) LIMIT -1 OFFSET 0)';
	return `SELECT ${Array.from({ length: cells }, (_, nth) => cell(nth)).join(', ')} FROM ${rows}`;
}

/**
 * Statements that set the sequences of some tables, and leave those of others as they are.
 *
 * @param lines row lines of `sqlite_sequence`, with their rowid
 * @param tables whose sequences to set
 */
export function mergeSequence(lines: Buffer, tables: readonly string[]): NamedStatement[] {
	const args = [jsonArray(lines), JSON.stringify(tables)];
	const chosen = 'value ->> 1 IN (SELECT value FROM json_each(?2))';
	const statements = [
		`DELETE FROM sqlite_sequence WHERE name IN (SELECT value ->> 1 FROM json_each(?1) WHERE ${chosen})`,
		`INSERT INTO sqlite_sequence(name, seq) SELECT value ->> 1, value ->> 2 FROM json_each(?1) WHERE ${chosen}`,
	];
	return statements.map((sql) => ({ name: 'sqlite_sequence', statement: { sql, args } }));
}

/** One statement that inserts a single row, its values bound or written out. */
export function insertRow(table: Table, line: Buffer, encoding: Header['encoding']): InStatement {
	const args: InValue[] = [];
	const values = parseRow(line.toString('utf8')).map((cell) => {
		const bound = bind(cell, encoding);
		if (bound === null) return literal(cell);
		args.push(bound.value);
		return bound.sql;
	});
	return { sql: `${insertInto(table)} VALUES (${values.join(', ')})`, args };
}

/** OR ABORT: a conflict clause in the schema would drop or replace rows without a word. */
function insertInto(table: Table): string {
	return `INSERT OR ABORT INTO ${ident(table.name)} (${targets(table).join(', ')})`;
}

function targets(table: Table): string[] {
	const columns = table.columns.map(ident);
	return table.rowid === null ? columns : [table.rowid, ...columns];
}

function plainCellSql(nth: number): string {
	return `value ->> ${nth}`;
}

function taggedCellSql(nth: number): string {
	return `CASE json_type(value, '$[${nth}]') WHEN 'object' THEN coalesce(unhex(value -> ${nth} ->> 'b'), CAST(unhex(value -> ${nth} ->> 't') AS TEXT)) ELSE value ->> ${nth} END`;
}

/** How a long value is bound; null for those that are better written out. */
function bind(cell: Cell, encoding: Header['encoding']): { sql: string; value: InValue } | null {
	if (cell.type === 'blob') return { sql: '?', value: cell.bytes };
	if (cell.type === 'text') return { sql: '?', value: cell.value };
	if (cell.type === 'rawtext' && encoding === 'UTF-8') return { sql: 'CAST(? AS TEXT)', value: cell.bytes };
	return null;
}
