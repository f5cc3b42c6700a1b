import {
	type ColumnDefinition,
	endsType,
	hasCheck,
	isGenerated,
	isKeptComputed,
	isNotNull,
	isOnlyKey,
	isRowidAlias,
	type TableDefinition,
	typeOf,
} from './column-definitions';
import { refusedKinds } from './declared';
import { isMark, isWord } from './sql-tokens';

/** What the column's place in an index, or its being stored at all, depends on. */
const KEPT = ['PRIMARY', 'UNIQUE', 'COLLATE', 'GENERATED', 'AS'];

/**
 * The definition of a column without the constraints that could refuse a value, and, unless `keepsType`, without the
 * type that could refuse or change it. A generated column, and the rowid's other name, keep theirs in any case.
 */
export function relaxedDefinition({ isStrict }: TableDefinition, column: ColumnDefinition, keepsType: boolean): string {
	let isKept = keepsType || isGenerated(column) || isRowidAlias(column);
	const parts = [column.spelled, ...(isStrict && !isKept ? ['ANY'] : [])];
	let depth = 0;
	for (const token of column.tokens) {
		if (depth === 0 && endsType(token)) isKept = isWord(token, ...KEPT);
		if (isMark(token, '(')) depth++;
		else if (isMark(token, ')')) depth--;
		if (isKept) parts.push(token.text);
	}
	return parts.join(' ');
}

/** Claims that columns must keep their types, as others are computed from them whose values are kept. */
export function keepsTypes(table: TableDefinition): boolean {
	return table.columns.some((column) => isKeptComputed(table, column));
}

/**
 * Claims that libSQL's `ALTER COLUMN` cannot relax the column and give its definition back. It replaces what stands up
 * to the next comma or bracket, whatever that stands in, drops what is between a definition and the comma after it,
 * and does not alter the key of a table.
 */
export function isFirm(table: TableDefinition, column: ColumnDefinition): boolean {
	if (column.end !== column.next || isOnlyKey(table, column)) return true;
	const text = table.sql.slice(column.start, column.end);
	const brackets = column.tokens.filter((token) => isMark(token, '(') || isMark(token, ')'));
	return text.includes(',') || (text.match(/[()]/g)?.length ?? 0) !== brackets.length;
}

/** The columns that have a constraint which only a database can tell to be broken. */
export function checkedColumns({ columns }: TableDefinition): ColumnDefinition[] {
	return columns.filter((column) => hasCheck(column) || (isGenerated(column) && isNotNull(column)));
}

/** By column, the kinds of values (`KIND`) that it refuses or converts in a new database, however it is relaxed. */
export function heldKinds(table: TableDefinition, isRemote: boolean): Map<string, number> {
	const keeps = keepsTypes(table);
	const held = new Map<string, number>();
	for (const column of table.columns) {
		const isHeld = isRemote && isFirm(table, column);
		if (isRowidAlias(column) || isOnlyKey(table, column) || (!isHeld && !keeps)) continue;
		held.set(column.name, refusedKinds(typeOf(column), table.isStrict, isHeld && isNotNull(column)));
	}
	return held;
}

/**
 * The table's SQL with all columns relaxed that libSQL's `ALTER COLUMN` can relax; null if no CHECK is left then that a
 * row could break.
 */
export function firmDefinition(table: TableDefinition): string | null {
	const firm = new Set(table.columns.filter((column) => isFirm(table, column)));
	const hasOwnCheck = table.constraints.some((token) => isWord(token, 'CHECK'));
	if (!hasOwnCheck && !checkedColumns(table).some((column) => firm.has(column))) return null;
	const keeps = keepsTypes(table);
	return withDefinitions(
		table.sql,
		table.columns
			.filter((column) => !firm.has(column))
			.map((column) => ({ ...column, to: relaxedDefinition(table, column, keeps) })),
	);
}

/** The table's SQL with other definitions of some columns, which stand in their order. */
export function withDefinitions(sql: string, columns: readonly (ColumnDefinition & { readonly to: string })[]): string {
	return columns.reduceRight((text, { start, end, to }) => text.slice(0, start) + to + text.slice(end), sql);
}
