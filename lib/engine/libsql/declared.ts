import { KIND } from '../../format/value-kinds';
import type { Connection } from './connect';
import { type Encoding, listTables, textReader } from './list-tables';
import { encodesRows } from './probe';
import { rowidAlias } from './schema';

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

/** Reads what the columns of the ordinary tables refuse. */
export async function readDeclared(connection: Connection, encoding: Encoding): Promise<DeclaredColumns> {
	const query = (sql: string) => connection.query(sql, [], 'reading what its columns take');
	const declared = new Map<string, Declared[]>();
	for (const table of (await listTables(query, textReader(encoding), await encodesRows(connection))).values()) {
		if (table.type !== 'table' || table.name.startsWith('sqlite_')) continue;
		const alias = rowidAlias(table);
		const refusing = table.columns
			.filter(({ name, hidden }) => hidden === 0 && name !== alias)
			.map(({ name, type, notNull }) => ({ column: name, refuses: refusedKinds(type, table.isStrict, notNull) }))
			.filter(({ refuses }) => refuses !== 0);
		if (refusing.length > 0) declared.set(table.name, refusing);
	}
	return declared;
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
