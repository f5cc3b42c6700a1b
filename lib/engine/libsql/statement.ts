import type { InStatement } from '@libsql/client';

/**
 * A statement; or one whose only argument is a page of rows, given as row lines: what carries it to the database makes
 * a JSON array of them.
 */
export type Statement = InStatement | PageStatement;

export interface PageStatement {
	readonly sql: string;
	readonly page: readonly Buffer[];
}

const [NEWLINE, COMMA, CLOSE] = [10, 44, 93];

/** The statement as the libSQL client takes it. */
export function clientStatement(statement: Statement): InStatement {
	if (typeof statement === 'string' || !('page' in statement)) return statement;
	return { sql: statement.sql, args: [jsonArray(statement.page)] };
}

/** `[row,row,…]` of row lines: a newline stands in them only at a row's end. */
export function jsonArray(chunks: readonly Buffer[]): string {
	const array = Buffer.concat([Buffer.from('['), ...chunks]);
	for (let at = array.indexOf(NEWLINE); at >= 0; at = array.indexOf(NEWLINE, at + 1)) array[at] = COMMA;
	array[array.length - 1] = CLOSE;
	return array.toString('utf8');
}
