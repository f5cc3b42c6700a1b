import { isMark, isWord, nameOf, type Token, tokenize } from './sql-tokens';

/** A column as a `CREATE TABLE` defines it. */
export interface ColumnDefinition {
	readonly name: string;
	/** The name as it is spelled there. */
	readonly spelled: string;
	/** Where the definition stands in the statement, without the white space and comments round it. */
	readonly start: number;
	readonly end: number;
	/** After the name. */
	readonly tokens: readonly Token[];
}

export interface TableDefinition {
	readonly columns: readonly ColumnDefinition[];
	/** Claims that the table has a CHECK beside those of its columns. */
	readonly hasCheck: boolean;
	/** Where the word STRICT stands among the table's options. */
	readonly isStrict: boolean;
}

/** Takes a `CREATE TABLE` of `sqlite_schema` apart, by tokens: the database itself has accepted it. */
export function parseTable(sql: string): TableDefinition {
	const tokens = [...tokenize(sql)];
	const columns: ColumnDefinition[] = [];
	let hasOwnCheck = false;
	let at = tokens.findIndex((token) => isMark(token, '(')) + 1;
	let item: Token[] = [];
	for (let depth = 1; depth > 0 && at < tokens.length; at++) {
		const token = tokens[at] as Token;
		if (isMark(token, '(')) depth++;
		else if (isMark(token, ')')) depth--;
		if (depth > 1 || (depth === 1 && !isMark(token, ','))) {
			item.push(token);
			continue;
		}
		const column = columnOf(item);
		if (column !== null) columns.push(column);
		else hasOwnCheck ||= item.some((token) => isWord(token, 'CHECK'));
		item = [];
	}
	return { columns, hasCheck: hasOwnCheck, isStrict: tokens.slice(at).some((token) => isWord(token, 'STRICT')) };
}

function columnOf(tokens: readonly Token[]): ColumnDefinition | null {
	const [first, ...rest] = tokens;
	if (!first || isWord(first, 'CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN')) return null;
	const last = tokens[tokens.length - 1] as Token;
	return {
		name: nameOf(first) ?? '',
		spelled: first.text,
		start: first.at,
		end: last.at + last.text.length,
		tokens: rest,
	};
}

const CONSTRAINTS = ['CONSTRAINT', 'PRIMARY', 'NOT', 'NULL', 'UNIQUE', 'CHECK', 'DEFAULT', 'COLLATE', 'REFERENCES'];
/** What the column's place in an index, or its being stored at all, depends on. */
const KEPT = ['PRIMARY', 'UNIQUE', 'COLLATE', 'GENERATED', 'AS'];

/** The definition without its type, and without the constraints that could refuse or change a value. */
export function relaxedDefinition({ spelled, tokens }: ColumnDefinition, isStrict: boolean): string {
	const parts = [spelled, ...(isStrict ? ['ANY'] : [])];
	let isKept = false;
	let depth = 0;
	for (const token of tokens) {
		if (depth === 0 && isWord(token, ...CONSTRAINTS, ...KEPT)) isKept = isWord(token, ...KEPT);
		if (isMark(token, '(')) depth++;
		else if (isMark(token, ')')) depth--;
		if (isKept) parts.push(token.text);
	}
	return parts.join(' ');
}

/** Claims that the column has a CHECK of its own. */
export function hasCheck({ tokens }: ColumnDefinition): boolean {
	return tokens.some((token) => isWord(token, 'CHECK'));
}

/** The column's declared type as it is spelled, its parts set apart by spaces; empty if it has none. */
export function typeOf({ tokens }: ColumnDefinition): string {
	const end = tokens.findIndex((token) => isWord(token, ...CONSTRAINTS, ...KEPT));
	return (end < 0 ? tokens : tokens.slice(0, end)).map((token) => nameOf(token) ?? token.text).join(' ');
}

/** Claims that the column takes no NULL. */
export function isNotNull({ tokens }: ColumnDefinition): boolean {
	return tokens.some(
		(token, nth) => isWord(token, 'NOT') && isWord(tokens[nth + 1], 'NULL') && depthAt(tokens, nth) === 0,
	);
}

/** Claims that the column is another name for the rowid. */
export function isRowidAlias(column: ColumnDefinition): boolean {
	return typeOf(column).toUpperCase() === 'INTEGER' && column.tokens.some((token) => isWord(token, 'PRIMARY'));
}

/** Claims that a PRIMARY KEY of the table itself is this column, which holds integers. */
function isOnlyKey(sql: string, column: ColumnDefinition): boolean {
	if (typeOf(column).toUpperCase() !== 'INTEGER') return false;
	const tokens = [...tokenize(sql)];
	return tokens.some(
		(token, nth) =>
			isWord(token, 'PRIMARY') &&
			isMark(tokens[nth + 2], '(') &&
			nameOf(tokens[nth + 3])?.toLowerCase() === column.name.toLowerCase() &&
			!isMark(tokens[nth + 4], ','),
	);
}

function depthAt(tokens: readonly Token[], end: number): number {
	return tokens
		.slice(0, end)
		.reduce((depth, token) => depth + (isMark(token, '(') ? 1 : isMark(token, ')') ? -1 : 0), 0);
}

/**
 * The table's SQL with all columns relaxed that libSQL's `ALTER COLUMN` can relax; null if nothing is left then that a
 * row could break. It cannot where a comma stands in the definition, as it does not count brackets.
 */
export function firmDefinition(sql: string): string | null {
	const { columns, isStrict, hasCheck: hasOwnCheck } = parseTable(sql);
	// Without its type, the rowid's other name is none.
	const isFirm = (column: ColumnDefinition) =>
		column.tokens.some((token) => isMark(token, ',')) || isRowidAlias(column) || isOnlyKey(sql, column);
	if (!hasOwnCheck && !columns.some(({ tokens }) => tokens.some((token) => isMark(token, ',')))) return null;
	return withDefinitions(
		sql,
		columns
			.filter((column) => !isFirm(column))
			.map((column) => ({ ...column, to: relaxedDefinition(column, isStrict) })),
	);
}

/** The table's SQL with other definitions of some columns, which stand in their order. */
export function withDefinitions(sql: string, columns: readonly (ColumnDefinition & { readonly to: string })[]): string {
	return columns.reduceRight((text, { start, end, to }) => text.slice(0, start) + to + text.slice(end), sql);
}
