import { LifeboatError } from '../../core/errors';
import { isMark, isWord, nameOf, type Token, tokenize } from './sql-tokens';

/** A column as a `CREATE TABLE` defines it. */
export interface ColumnDefinition {
	readonly name: string;
	/** The name as it is spelled there. */
	readonly spelled: string;
	/** Where the definition stands in the statement, without the white space and comments round it. */
	readonly start: number;
	readonly end: number;
	/** Where the comma or bracket stands that ends it. */
	readonly next: number;
	/** After the name. */
	readonly tokens: readonly Token[];
}

export interface TableDefinition {
	readonly sql: string;
	readonly columns: readonly ColumnDefinition[];
	/** Those of the table itself, one after another: each from its keyword on. */
	readonly constraints: readonly Token[];
	/** Where the word STRICT stands among the table's options. */
	readonly isStrict: boolean;
}

/** Characters of SQL that are taken apart: the tokens are held. 2,000 columns, the most there can be, take a tenth. */
export const LONGEST_TABLE_SQL = 1_000_000;

/**
 * Takes a `CREATE TABLE` of `sqlite_schema` apart, by tokens: the database itself has accepted it.
 *
 * @throws LifeboatError `SCRIPT_REFUSED` if it is longer than {@link LONGEST_TABLE_SQL}
 */
export function parseTable(sql: string): TableDefinition {
	if (sql.length > LONGEST_TABLE_SQL)
		throw new LifeboatError('SCRIPT_REFUSED', `${JSON.stringify(sql.slice(0, 60))}… is too long to be taken apart`, {
			hint: `a CREATE TABLE may have ${LONGEST_TABLE_SQL} characters; leave the table out`,
			data: { characters: sql.length, most: LONGEST_TABLE_SQL },
		});
	const columns: ColumnDefinition[] = [];
	const constraints: Token[] = [];
	let isStrict = false;
	let depth = 0;
	let isOver = false;
	let item: Token[] = [];
	for (const token of tokenize(sql)) {
		if (isOver) {
			isStrict ||= isWord(token, 'STRICT');
			continue;
		}
		const isInside = depth > 0;
		if (isMark(token, '(')) depth++;
		else if (isMark(token, ')')) depth--;
		if (!isInside) continue;
		if (depth > 1 || (depth === 1 && !isMark(token, ','))) {
			item.push(token);
			continue;
		}
		const column = columnOf(item, token.at);
		if (column !== null) columns.push(column);
		else for (const one of item) constraints.push(one);
		item = [];
		isOver = depth === 0;
	}
	return { sql, columns, constraints, isStrict };
}

function columnOf(tokens: readonly Token[], next: number): ColumnDefinition | null {
	const [first, ...rest] = tokens;
	if (!first || isWord(first, 'CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN')) return null;
	const last = tokens[tokens.length - 1] as Token;
	return {
		name: nameOf(first) ?? '',
		spelled: first.text,
		start: first.at,
		end: last.at + last.text.length,
		next,
		tokens: rest,
	};
}

/** Words that a type is followed by. */
const AFTER_TYPE = [
	...['CONSTRAINT', 'PRIMARY', 'NOT', 'NULL', 'UNIQUE', 'CHECK', 'DEFAULT', 'COLLATE', 'REFERENCES'],
	...['GENERATED', 'AS'],
];

/** Claims that a definition's constraints, or their next part, start here. */
export function endsType(token: Token): boolean {
	return isWord(token, ...AFTER_TYPE);
}

/** Claims that the column has a CHECK of its own. */
export function hasCheck({ tokens }: ColumnDefinition): boolean {
	return tokens.some((token) => isWord(token, 'CHECK'));
}

/** The column's declared type as it is spelled, its parts set apart by spaces; empty if it has none. */
export function typeOf({ tokens }: ColumnDefinition): string {
	const end = tokens.findIndex(endsType);
	return (end < 0 ? tokens : tokens.slice(0, end)).map((token) => nameOf(token) ?? token.text).join(' ');
}

/** Claims that the column takes no NULL. */
export function isNotNull({ tokens }: ColumnDefinition): boolean {
	const own = outside(tokens);
	return own.some((token, nth) => isWord(token, 'NOT') && isWord(own[nth + 1], 'NULL'));
}

/** Claims that the column is computed from others. */
export function isGenerated({ tokens }: ColumnDefinition): boolean {
	return outside(tokens).some((token) => isWord(token, 'AS'));
}

/** Claims that the column, by its own definition, is another name for the rowid. */
export function isRowidAlias(column: ColumnDefinition): boolean {
	if (typeOf(column).toUpperCase() !== 'INTEGER') return false;
	const key = column.tokens.findIndex((token) => isWord(token, 'PRIMARY'));
	return key >= 0 && !isWord(column.tokens[key + 2], 'DESC');
}

/** Claims that a PRIMARY KEY of the table itself is this column, which holds integers. */
export function isOnlyKey({ constraints }: TableDefinition, column: ColumnDefinition): boolean {
	if (typeOf(column).toUpperCase() !== 'INTEGER') return false;
	const key = constraints.findIndex((token) => isWord(token, 'PRIMARY'));
	return key >= 0 && isNamed(constraints[key + 3], column) && !isMark(constraints[key + 4], ',');
}

/** Claims that the column's values are kept when a row goes in, though they are computed: in it, or in an index. */
export function isKeptComputed({ constraints }: TableDefinition, column: ColumnDefinition): boolean {
	if (!isGenerated(column)) return false;
	if (outside(column.tokens).some((token) => isWord(token, 'STORED', 'UNIQUE'))) return true;
	return constraints.some((token) => isWord(token, 'UNIQUE')) && constraints.some((token) => isNamed(token, column));
}

/** Claims that a token is the column's name. */
function isNamed(token: Token | undefined, { name }: ColumnDefinition): boolean {
	return nameOf(token)?.toLowerCase() === name.toLowerCase();
}

/** The tokens that stand in no brackets. */
function outside(tokens: readonly Token[]): Token[] {
	let depth = 0;
	return tokens.filter((token) => {
		if (isMark(token, '(')) depth++;
		else if (isMark(token, ')')) depth--;
		return depth === 0;
	});
}
