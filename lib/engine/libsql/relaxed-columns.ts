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

/** The columns that refuse or convert some of the values in them, which are of these kinds (`KIND`). */
export function misfitColumns(table: TableDefinition, kinds: ReadonlyMap<string, number>): ColumnDefinition[] {
	return table.columns.filter((column) => {
		if (isRowidAlias(column) || isOnlyKey(table, column)) return false;
		return (refusedKinds(typeOf(column), table.isStrict, isNotNull(column)) & (kinds.get(column.name) ?? 0)) !== 0;
	});
}

/** Of columns with values that do not fit, those that cannot be brought to take them in a new database. */
export function unfitColumns(
	table: TableDefinition,
	misfits: readonly ColumnDefinition[],
	kinds: ReadonlyMap<string, number>,
	isRemote: boolean,
): ColumnDefinition[] {
	const keeps = keepsTypes(table);
	return misfits.filter((column) => {
		if (isRemote && isFirm(table, column)) return true;
		return keeps && (refusedKinds(typeOf(column), table.isStrict, false) & (kinds.get(column.name) ?? 0)) !== 0;
	});
}

/**
 * The table's SQL with all columns relaxed that libSQL's `ALTER COLUMN` can relax; null if no CHECK is left then that a
 * row could break.
 *
 * @param misfits columns with values that they refuse or convert: only these have to lose their types
 */
export function firmDefinition(table: TableDefinition, misfits: readonly string[]): string | null {
	const firm = new Set(table.columns.filter((column) => isFirm(table, column)));
	const hasOwnCheck = table.constraints.some((token) => isWord(token, 'CHECK'));
	if (!hasOwnCheck && !checkedColumns(table).some((column) => firm.has(column))) return null;
	const keeps = keepsTypes(table);
	return withDefinitions(
		table.sql,
		table.columns
			.filter((column) => !firm.has(column))
			.map((column) => ({ ...column, to: relaxedDefinition(table, column, keeps || !misfits.includes(column.name)) })),
	);
}

/** The table's SQL with other definitions of some columns, which stand in their order. */
export function withDefinitions(sql: string, columns: readonly (ColumnDefinition & { readonly to: string })[]): string {
	return columns.reduceRight((text, { start, end, to }) => text.slice(0, start) + to + text.slice(end), sql);
}
