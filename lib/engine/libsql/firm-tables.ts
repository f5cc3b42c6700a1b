import type { SchemaObject } from '../../format/records';
import type { FirmTable, Refusal, RowFacts } from '../engine';
import { LONGEST_TABLE_SQL, parseTable } from './column-definitions';
import { firmDefinition, misfitColumns, unfitColumns } from './relaxed-columns';

type Table = Omit<SchemaObject, 'kind'> & { readonly sql: string };

/** What rows ask of the tables that are made for them. */
export interface FirmReview {
	/** Tables that cannot be brought to take their rows as they are. */
	readonly unsupported: readonly Refusal[];
	/** Tables with a CHECK that cannot be put aside for their rows: these have to be tried. */
	readonly firm: readonly FirmTable[];
}

/**
 * Tells which tables of a new database cannot put all their constraints aside while their rows go in. In a `file:` one
 * this is so only where values are kept that are computed from others, elsewhere also by what can be altered.
 */
export function reviewFirmness(tables: readonly Table[], rows: readonly RowFacts[], isRemote: boolean): FirmReview {
	const unsupported: Refusal[] = [];
	const firm: FirmTable[] = [];
	const byName = new Map(tables.map((table) => [table.name, table]));
	for (const { table, kinds } of rows) {
		const sql = byName.get(table.name)?.sql;
		if (sql === undefined) continue;
		if (sql.length > LONGEST_TABLE_SQL) {
			const reason = `its SQL has ${sql.length} characters, of which ${LONGEST_TABLE_SQL} are read`;
			unsupported.push({ type: 'table', object: table.name, reason });
			continue;
		}
		const definition = parseTable(sql);
		const first = table.rowid === null ? 0 : 1;
		const found = new Map(table.columns.map((name, nth) => [name, kinds[first + nth] ?? 0]));
		const misfits = misfitColumns(definition, found);
		const unfit = unfitColumns(definition, misfits, found, isRemote).map(({ name }) => name);
		if (unfit.length > 0) unsupported.push(misfitRefusal(table.name, unfit));
		const names = misfits.map(({ name }) => name);
		const tried = isRemote ? firmDefinition(definition, names) : null;
		if (tried !== null) firm.push({ name: table.name, sql: tried, indexes: [] });
	}
	return { unsupported, firm };
}

/** That a table has values which its columns refuse or convert. */
export function misfitRefusal(object: string, columns: readonly string[]): Refusal {
	const names = columns.map((column) => JSON.stringify(column)).join(', ');
	return { type: 'table', object, reason: `values that ${names} does not take as they are` };
}
