import type { SchemaObject, TableOpen, TableRole } from '../../format/records';
import type { Affinity } from './cell-sql';
import {
	asBytes,
	type Encoding,
	eachPage,
	type ListedTable,
	listTables,
	type Query,
	type TextReader,
	textReader,
} from './list-tables';
import { MARK_TABLE } from './restore-mark';
import { ident } from './sql';

/** How the rows of a table are read in pages. */
export type Paging =
	/** By a rowid name, or the column that is one. */
	| { readonly by: 'rowid'; readonly name: string }
	/** WITHOUT ROWID: by the primary key, with each part's own collation and direction. */
	| { readonly by: 'key'; readonly parts: readonly KeyPart[] }
	/** No name reaches the rowid: by place in the table itself. */
	| { readonly by: 'offset' };

export interface KeyPart {
	readonly column: string;
	readonly collation: string;
	readonly descending: boolean;
}

/** A table with rows of its own, and how to read it. */
export interface TableShape extends Omit<TableOpen, 'kind'> {
	readonly paging: Paging;
	/** One for each of `columns`. */
	readonly affinities: readonly Affinity[];
	/** Where its rows lie in the database file; null for a table WITHOUT ROWID. */
	readonly storage: Storage | null;
}

/** How the rows of a table lie in its b-tree. */
export interface Storage {
	/** The number of the page that is the root. */
	readonly root: number;
	/** One for each of the table's `columns`. */
	readonly fields: readonly Field[];
}

export interface Field {
	/** Its place in a record. */
	readonly place: number;
	/** The rowid itself, of which a record has NULL. */
	readonly isRowid: boolean;
	/** A REAL that is whole lies there as an INTEGER. */
	readonly isReal: boolean;
	/** What a record from before the column was added does not have is something else than NULL. */
	readonly hasDefault: boolean;
}

export interface Catalogue {
	readonly schema: Omit<SchemaObject, 'kind'>[];
	readonly tables: TableShape[];
	/** The mark of a restore stands in it, and is not among these. */
	readonly isUnfinished: boolean;
}

/** What SQLite's list of columns calls a generated column that is computed each time. */
const VIRTUAL = 2;
const SYSTEM = /^sqlite_(sequence|stat[134])$/;
const VECTOR_META = 'libsql_vector_meta_shadow';

/**
 * Reads every schema object and the shape of every table, in a few queries whatever their number.
 *
 * Names and SQL are read as bytes, since one that is not valid UTF-8 would end the process in the native driver.
 *
 * @param hasJson the database has the JSON functions, which make a row for each column into one for each table
 * @throws LifeboatError `DATABASE_FAILED` when a name or an SQL text cannot be carried, naming it
 */
export async function readCatalogue(query: Query, encoding: Encoding, hasJson: boolean): Promise<Catalogue> {
	const text = textReader(encoding);
	const all: { type: SchemaObject['type']; name: string; table: string; sql: string | null }[] = [];
	const roots = new Map<string, number>();
	await eachPage(
		query,
		`SELECT type, ${asBytes('name')}, ${asBytes('tbl_name')}, ${asBytes('sql')}, rootpage FROM sqlite_schema ORDER BY rowid`,
		(row) => {
			const [type, name] = [row[0] as SchemaObject['type'], text(row[1]) as string];
			all.push({ type, name, table: text(row[2]) as string, sql: text(row[3]) });
			if (type === 'table') roots.set(name, Number(row[4]));
		},
	);
	const objects = all.filter(({ name }) => name !== MARK_TABLE);
	const listed = await listTables(query, text, hasJson);
	const vectors = vectorTables(objects);
	const schema: Catalogue['schema'] = objects.map((object) =>
		object.type === 'table' ? { ...object, role: roleOf(object.name, listed.get(object.name)?.type, vectors) } : object,
	);
	const order: TableRole[] = ['table', 'vector', 'shadow', 'system'];
	const keys = await readKeys(
		query,
		text,
		[...listed.values()].some((table) => table.withoutRowid),
	);
	const tables = order.flatMap((role) =>
		schema
			.filter((object) => object.type === 'table' && object.role === role)
			.map(({ name }) => shapeOf(listed.get(name) as ListedTable, keys.get(name), roots.get(name) ?? 0)),
	);
	return { schema, tables, isUnfinished: objects.length < all.length };
}

/** The primary keys of the tables without rowid, by table. */
async function readKeys(query: Query, text: TextReader, any: boolean): Promise<Map<string, KeyPart[]>> {
	const keys = new Map<string, KeyPart[]>();
	if (!any) return keys;
	await eachPage(
		query,
		`SELECT ${asBytes('l.name')}, ${asBytes('x.name')}, ${asBytes('x.coll')}, x."desc" FROM pragma_table_list l JOIN pragma_index_list(l.name) i JOIN pragma_index_xinfo(i.name) x WHERE l.schema = 'main' AND l.wr = 1 AND i.origin = 'pk' AND x.key = 1 ORDER BY l.name, x.seqno`,
		(row) => {
			const table = text(row[0]) as string;
			const part = {
				column: text(row[1]) as string,
				collation: text(row[2]) as string,
				descending: Number(row[3]) === 1,
			};
			keys.set(table, [...(keys.get(table) ?? []), part]);
		},
	);
	return keys;
}

function shapeOf(table: ListedTable, key: KeyPart[] | undefined, root: number): TableShape {
	const carried = table.columns.filter((column) => column.hidden === 0);
	const columns = carried.map((column) => column.name);
	const affinities = carried.map((column) => affinityOf(column.type));
	const alias = table.withoutRowid ? null : rowidAlias(table);
	// Generated columns are not carried; of these, VIRTUAL ones do not lie in the file either.
	const stored = table.columns.filter((column) => column.hidden !== VIRTUAL);
	const fields = carried.map((column, nth) => ({
		place: stored.indexOf(column),
		isRowid: column.name === alias,
		isReal: affinities[nth] === 'real',
		hasDefault: column.hasDefault,
	}));
	const storage = table.withoutRowid || root === 0 ? null : { root, fields };
	const shape = { name: table.name, columns, affinities, storage };
	if (table.withoutRowid) return { ...shape, rowid: null, paging: key ? { by: 'key', parts: key } : { by: 'offset' } };
	if (alias !== null) return { ...shape, rowid: null, paging: { by: 'rowid', name: ident(alias) } };
	const rowid = freeRowidName(table);
	return { ...shape, rowid, paging: rowid === null ? { by: 'offset' } : { by: 'rowid', name: rowid } };
}

/** The rules of sqlite.org/datatype3.html, section 3.1, as far as they matter here. */
function affinityOf(declared: string): Affinity {
	if (/INT/i.test(declared)) return 'integer';
	if (/CHAR|CLOB|TEXT/i.test(declared)) return 'text';
	if (/BLOB/i.test(declared)) return 'other';
	return /REAL|FLOA|DOUB/i.test(declared) ? 'real' : 'other';
}

/** The column that is the rowid under another name: an INTEGER PRIMARY KEY, unless an index was needed for it (DESC). */
export function rowidAlias(table: ListedTable): string | null {
	const [first, second] = table.columns.filter((column) => column.pk > 0);
	if (!first || second || first.type.toUpperCase() !== 'INTEGER' || table.primaryKeyIndex) return null;
	return first.name;
}

function freeRowidName(table: ListedTable): TableShape['rowid'] {
	const taken = new Set(table.columns.map((column) => column.name.toLowerCase()));
	return (['rowid', '_rowid_', 'oid'] as const).find((name) => !taken.has(name)) ?? null;
}

function roleOf(name: string, listedType: string | undefined, vectors: ReadonlySet<string>): TableRole {
	if (SYSTEM.test(name)) return 'system';
	if (vectors.has(name)) return 'vector';
	return listedType === 'virtual' || listedType === 'shadow' ? listedType : 'table';
}

/** The tables in which libSQL keeps its vector indexes: `<index>_shadow`, and one that lists them. */
function vectorTables(objects: readonly { type: string; name: string; sql: string | null }[]): Set<string> {
	const vectors = new Set<string>();
	if (!objects.some((object) => object.name === VECTOR_META)) return vectors;
	vectors.add(VECTOR_META);
	for (const { type, name, sql } of objects)
		if (type === 'index' && sql !== null && /libsql_vector_idx/i.test(sql)) vectors.add(`${name}_shadow`);
	return vectors;
}
