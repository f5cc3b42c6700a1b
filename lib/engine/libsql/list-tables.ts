import { isUtf8 } from 'node:buffer';
import { LifeboatError } from '../../core/errors';
import type { Header } from '../../format/records';
import { isTooBig } from './errors';
import type { Row } from './rows';

/** Runs one statement and gives its rows. */
export type Query = (sql: string) => Promise<Row[]>;
export type Encoding = Header['encoding'];

const PAGE_ROWS = 5_000;

/** A table as SQLite lists it; of a virtual table without its columns. */
export interface ListedTable {
	readonly name: string;
	readonly type: string;
	readonly withoutRowid: boolean;
	readonly isStrict: boolean;
	readonly primaryKeyIndex: boolean;
	readonly columns: readonly ListedColumn[];
}

export interface ListedColumn {
	readonly name: string;
	readonly type: string;
	readonly notNull: boolean;
	readonly hidden: number;
	readonly pk: number;
	readonly hasDefault: boolean;
}

/** The place of a column, its name and type, and its flags, as numbers. */
type ListedFields = [
	cid: number,
	name: string,
	type: string,
	notNull: number,
	hidden: number,
	pk: number,
	hasDefault: number,
];

// Each table is looked at once, and not once more for each of its columns.
const TABLES = `WITH l AS MATERIALIZED (SELECT t.name, t.type, t.wr, t.strict, EXISTS(SELECT 1 FROM pragma_index_list(t.name) WHERE origin = 'pk') AS pk FROM pragma_table_list t WHERE t.schema = 'main' AND t.type <> 'view')`;
const TABLE = `${asBytes('l.name')}, l.type, l.wr, l.strict, l.pk`;
// The columns of a virtual table are of no use, and asking for them fails where its own tables are not whole.
const FROM_TABLES = `FROM l LEFT JOIN pragma_table_xinfo(CASE l.type WHEN 'virtual' THEN NULL ELSE l.name END) x`;

/**
 * Lists every table of the database.
 *
 * @param hasJson the database has the JSON functions, which make a row for each column into one for each table
 */
export async function listTables(query: Query, text: TextReader, hasJson: boolean): Promise<Map<string, ListedTable>> {
	const tables = new Map<string, ListedTable & { readonly columns: ListedColumn[] }>();
	const add = (row: Row, columns: ListedColumn[]) => {
		const name = text(row[0]) as string;
		const listed = tables.get(name);
		if (listed) listed.columns.push(...columns);
		else
			tables.set(name, {
				name,
				type: String(row[1]),
				withoutRowid: Number(row[2]) === 1,
				isStrict: Number(row[3]) === 1,
				primaryKeyIndex: Number(row[4]) === 1,
				columns,
			});
	};
	if (hasJson) {
		const columns =
			'json_group_array(json_array(x.cid, x.name, x.type, x."notnull", x.hidden, x.pk, x.dflt_value IS NOT NULL)) FILTER (WHERE x.name IS NOT NULL)';
		await eachPage(query, `${TABLES} SELECT ${TABLE}, ${asBytes(columns)} ${FROM_TABLES} GROUP BY l.name`, (row) => {
			const parsed = JSON.parse(text(row[5]) as string) as ListedFields[];
			// An aggregate takes its rows in no promised order, and sqld's parser lets none be asked for.
			parsed.sort(([a], [b]) => a - b);
			add(
				row,
				parsed.map(([, name, type, notNull, hidden, pk, hasDefault]) => ({
					name,
					type,
					notNull: notNull === 1,
					hidden,
					pk,
					hasDefault: hasDefault === 1,
				})),
			);
		});
	} else {
		const columns = `${asBytes('x.name')}, ${asBytes('x.type')}, x."notnull", x.hidden, x.pk, x.dflt_value IS NOT NULL`;
		await eachPage(query, `${TABLES} SELECT ${TABLE}, ${columns} ${FROM_TABLES} ORDER BY l.name, x.cid`, (row) => {
			const [name, type] = [text(row[5]), text(row[6]) as string];
			const [notNull, hidden, pk] = [Number(row[7]) === 1, Number(row[8]), Number(row[9])];
			add(row, name === null ? [] : [{ name, type, notNull, hidden, pk, hasDefault: Number(row[10]) === 1 }]);
		});
	}
	return tables;
}

/** Runs a query in pages of rows, smaller ones if an answer is past the database's limit. */
export async function eachPage(query: Query, sql: string, take: (row: Row) => void): Promise<void> {
	let limit = PAGE_ROWS;
	for (let offset = 0; ; ) {
		let rows: Row[];
		try {
			rows = await query(`${sql} LIMIT ${limit} OFFSET ${offset}`);
		} catch (error) {
			if (!isTooBig(error) || limit === 1) throw error;
			limit = Math.ceil(limit / 8);
			continue;
		}
		rows.forEach(take);
		offset += rows.length;
		if (rows.length < limit) return;
	}
}

/** Text as bytes: what is not valid UTF-8 would end the process in the native driver. */
export function asBytes(expression: string): string {
	return `CAST(${expression} AS BLOB)`;
}

/** Reads text that came {@link asBytes}. Throws `DATABASE_FAILED` for what is not valid. */
export type TextReader = (value: unknown) => string | null;

/** Decodes text that came as bytes in the database's encoding. */
export function textReader(encoding: Encoding): TextReader {
	return (value) => {
		if (value === null || value === undefined) return null;
		const text = decodeText(value as Buffer, encoding);
		if (text !== null) return text;
		const shown = (value as Buffer).subarray(0, 60).toString('latin1');
		throw new LifeboatError(
			'DATABASE_FAILED',
			`the schema has a text that is not valid ${encoding}: ${JSON.stringify(shown)}`,
			{
				hint: 'drop or rename the object: no SQL text can carry it',
			},
		);
	};
}

/** The string that `bytes` are in `encoding`; null if they are not well-formed. */
export function decodeText(bytes: Buffer, encoding: Encoding): string | null {
	if (encoding === 'UTF-8') return isUtf8(bytes) ? bytes.toString('utf8') : null;
	if (bytes.length % 2 !== 0) return null;
	const text = (encoding === 'UTF-16be' ? Buffer.from(bytes).swap16() : bytes).toString('utf16le');
	return isWellFormed(text) ? text : null;
}

function isWellFormed(text: string): boolean {
	return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}
