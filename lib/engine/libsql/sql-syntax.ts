/** Between two parentheses, or outside of all. */
export interface Frame {
	/**
	 * - `columns`: a table's definitions of columns; also the whole of an ALTER TABLE
	 * - `cast`: of CAST, which has a type after its AS
	 * - `module`: a module's arguments, which are no SQL
	 * - `body`: a CTE's query
	 */
	readonly kind: 'sql' | 'columns' | 'cast' | 'module' | 'body';
	/** How far a column's definition has come in `columns` and `cast`. When `typed`, numbers may follow the type. */
	definition: 'start' | 'named' | 'typed' | 'past';
	/** Names here are tables, or columns that join them. */
	isFrom: boolean;
	/** A query in parentheses after AS is a CTE's. */
	isWith: boolean;
}

const words = (text: string) => new Set(text.split(/\s+/));

/**
 * Bare words before a parenthesis that call nothing. Some are names to SQLite where they are no syntax (`key`, `cast`,
 * `filter`, …), but no engine has a function of such a name.
 */
export const SYNTAX = words(
	`ALL AND AS BETWEEN BY CASE CAST CHECK CONFLICT DEFAULT DISTINCT ELSE ESCAPE EXCEPT EXISTS FILTER FROM GROUP GROUPS
	HAVING IN INTERSECT INTO IS ISNULL JOIN KEY LIMIT MATERIALIZED NOT NOTNULL OFFSET ON OR OVER RAISE RANGE RETURNING
	ROWS SELECT SET THEN UNION UNIQUE USING VALUES WHEN WHERE`,
);
/** What follows the type of a column. SQLite takes none of them for a part of the type. */
export const PAST_TYPE = words('AS CHECK COLLATE CONSTRAINT DEFAULT FOREIGN NOT NULL PRIMARY REFERENCES UNIQUE');
/** What ends the tables of a FROM. */
export const PAST_FROM = words('GROUP HAVING LIMIT ORDER RETURNING SELECT SET WHERE');
/** The schema tables, which only a script with `writable_schema` writes into. */
export const SCHEMA_TABLES = words('SQLITE_SCHEMA SQLITE_MASTER SQLITE_TEMP_SCHEMA SQLITE_TEMP_MASTER');
/** All that a dump's line about a virtual table is made of, but for its texts and numbers. */
export const SCHEMA_LINE = words('TYPE NAME TBL_NAME ROOTPAGE SQL VALUES NULL ( ) , - ;');

/** What is inside of a parenthesis that has just opened. */
export function newFrame(kind: Frame['kind'], definition: Frame['definition'] = 'past', isFrom = false): Frame {
	return { kind, definition, isFrom, isWith: false };
}
