import { KIND } from '../../format/check-rows';
import type { Connection, Row } from './connect';

/** What a column takes, as it is declared. */
export interface Declared {
	readonly column: string;
	/** The {@link KIND}s that it would refuse, or convert into another value. */
	readonly refuses: number;
}

/** What the columns of each table refuse; tables and columns that take all values as they are have no entry. */
export type DeclaredColumns = ReadonlyMap<string, readonly Declared[]>;

const TEXTS = KIND.text | KIND.numericText;
const REALS = KIND.real | KIND.wholeReal;
const ALL = KIND.integer | REALS | TEXTS | KIND.tagged;

/** Converted by the affinities of sqlite.org/datatype3.html, sections 3.1 and 3. */
const CONVERTS = {
	integer: KIND.wholeReal | KIND.numericText,
	text: KIND.integer | REALS,
	blob: 0,
	real: KIND.integer | KIND.numericText,
} as const;

/** Refused by a STRICT table (sqlite.org/stricttables.html). A tagged value may be a text. */
const STRICT: Readonly<Record<string, number>> = {
	INT: ALL & ~KIND.integer,
	INTEGER: ALL & ~KIND.integer,
	REAL: ALL & ~REALS,
	TEXT: ALL & ~(TEXTS | KIND.tagged),
	BLOB: ALL & ~KIND.tagged,
	ANY: 0,
};

/** Tables asked about in one query. */
const TABLES_A_QUERY = 1_000;

/** Reads what the columns of the ordinary tables refuse. */
export async function readDeclared(connection: Connection): Promise<DeclaredColumns> {
	const tables = new Map<string, Declared[]>();
	const columns = 'json_group_array(json_array(x.name, x.type, x."notnull", x.pk))';
	for (let after: string | null = null; ; ) {
		const rows: Row[] = await connection.query(
			`SELECT l.name, l.strict, ${columns} FROM (SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND (?1 IS NULL OR name > ?1) ORDER BY name LIMIT ${TABLES_A_QUERY}) l JOIN pragma_table_xinfo(l.name) x WHERE x.hidden = 0 GROUP BY l.name ORDER BY l.name`,
			[after],
			'reading what its columns take',
		);
		for (const [name, strict, json] of rows) {
			const parsed = JSON.parse(json as string) as [string, string, number, number][];
			const keys = parsed.filter(([, , , pk]) => pk > 0).length;
			const declared = parsed.flatMap(([column, type, notNull, pk]) => {
				if (keys === 1 && pk === 1 && type.toUpperCase() === 'INTEGER') return [];
				const refuses = refusedKinds(type, Number(strict) === 1, notNull !== 0);
				return refuses === 0 ? [] : [{ column, refuses }];
			});
			if (declared.length > 0) tables.set(name as string, declared);
		}
		if (rows.length < TABLES_A_QUERY) return tables;
		after = rows[rows.length - 1]?.[0] as string;
	}
}

/** The {@link KIND}s that a column of a declared type refuses, or converts into another value. */
export function refusedKinds(type: string, isStrict: boolean, isNotNull: boolean): number {
	return (isStrict ? strictlyRefused(type) : converted(type)) | (isNotNull ? KIND.null : 0);
}

/** The columns of `table` that values of these kinds do not fit into. */
export function misfits(
	declared: DeclaredColumns,
	table: { readonly name: string; readonly columns: readonly string[]; readonly rowid: string | null },
	kinds: Uint8Array,
): string[] {
	const first = table.rowid === null ? 0 : 1;
	return (declared.get(table.name) ?? [])
		.filter(({ column, refuses }) => ((kinds[first + table.columns.indexOf(column)] ?? 0) & refuses) !== 0)
		.map(({ column }) => column);
}

function strictlyRefused(type: string): number {
	return STRICT[type.toUpperCase()] ?? 0;
}

function converted(type: string): number {
	const affinity = affinityOf(type);
	return CONVERTS[affinity === 'numeric' ? 'integer' : affinity];
}

/** What a column of a declared type prefers to keep: the rules of sqlite.org/datatype3.html, section 3.1. */
export function affinityOf(type: string): 'integer' | 'text' | 'blob' | 'real' | 'numeric' {
	if (/INT/i.test(type)) return 'integer';
	if (/CHAR|CLOB|TEXT/i.test(type)) return 'text';
	if (type === '' || /BLOB/i.test(type)) return 'blob';
	return /REAL|FLOA|DOUB/i.test(type) ? 'real' : 'numeric';
}
