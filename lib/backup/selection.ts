import { foldCase } from '../core/fold-case';
import type { SchemaObject, TableRole } from '../format/records';
import type { Contents } from './contents';
import { refuseUnknownTables } from './unknown-tables';

/** What of a backup is wanted. */
export interface RestoreParts {
	/** Only these tables, with their indexes and triggers; null: all of it. */
	readonly tables: readonly string[] | null;
	/** All but these tables. */
	readonly skipTables: readonly string[];
	/** `all`, `schema`: no rows, `data`: rows only. */
	readonly what: 'all' | 'schema' | 'data';
}

export const EVERYTHING: RestoreParts = { tables: null, skipTables: [], what: 'all' };

/** What of a backup is to be restored. */
export interface Selection {
	/** What is to be made, in its order. */
	readonly schema: readonly SchemaObject[];
	/** Tables whose rows stay out. */
	readonly skip: ReadonlySet<string>;
	/** Tables of these roles are left to the database, which makes them when it needs them. */
	readonly unasked: ReadonlySet<TableRole>;
	/** Claims that it is the whole backup. */
	readonly isWhole: boolean;
}

/**
 * Selects the parts of a backup that are wanted: a virtual table comes with the tables that it keeps, and an index, a
 * trigger, a sequence with its table. Views come unless tables are named.
 *
 * A vector index is exact only with the tables that it keeps, which list all such indexes: of a part it is built anew.
 *
 * @throws LifeboatError `USAGE_INVALID` for a table that the backup does not have
 */
export function selectParts({ schema, tables }: Pick<Contents, 'schema' | 'tables'>, parts: RestoreParts): Selection {
	const isWhole = parts.tables === null && parts.skipTables.length === 0 && parts.what === 'all';
	// What is emptied of tables keeps its `sqlite_sequence`.
	if (isWhole) return { schema, skip: new Set(), unasked: new Set(['system']), isWhole };
	checkNames(schema, [...(parts.tables ?? []), ...parts.skipTables]);
	const virtual = schema.filter(({ role }) => role === 'virtual').map(({ name }) => name);
	const roles = new Map(schema.filter(({ type }) => type === 'table').map(({ name, role }) => [name, role]));
	// A trigger, an index may spell its table in another case.
	const spelled = new Map([...roles.keys()].map((name) => [foldCase(name), name]));
	const isNamed = (name: string) => parts.tables === null || parts.tables.includes(name);
	const isWanted = (table: string): boolean => {
		const role = roles.get(table);
		if (role === 'system' || role === 'vector') return false;
		if (role === undefined) return parts.tables === null;
		const owner = role === 'shadow' ? ownerOf(table, virtual) : table;
		return isNamed(owner) && !parts.skipTables.includes(owner);
	};
	return {
		schema: parts.what === 'data' ? [] : schema.filter(({ table }) => isWanted(spelled.get(foldCase(table)) ?? table)),
		skip: new Set(
			tables
				.map(({ name }) => name)
				.filter((name) => parts.what === 'schema' || !(name === SEQUENCE || isWanted(name))),
		),
		unasked: new Set(['system', 'vector']),
		isWhole,
	};
}

const SEQUENCE = 'sqlite_sequence';

/** The virtual table that keeps `table`: the one whose name it begins with. */
function ownerOf(table: string, virtual: readonly string[]): string {
	const owners = virtual.filter((name) => table.startsWith(`${name}_`));
	return owners.sort((a, b) => b.length - a.length)[0] ?? table;
}

function checkNames(schema: readonly SchemaObject[], names: readonly string[]): void {
	const there = new Set(schema.filter(({ role }) => role === 'table' || role === 'virtual').map(({ name }) => name));
	refuseUnknownTables('backup', there, names, 'a dry run without --tables and --skip-tables shows them');
}
