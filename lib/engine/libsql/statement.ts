import type { InStatement } from '@libsql/client';

/** A statement; or one whose only argument is a page of rows: the text of a JSON array of them. */
export type Statement = InStatement | PageStatement;

export interface PageStatement {
	readonly sql: string;
	/** Of `PageText`: the rows, each with a comma behind it, as they stand in a JSON string. */
	readonly page: readonly Buffer[];
}

const [NEWLINE, COMMA, CLOSE] = [10, 44, 93];

/** The statement as the libSQL client takes it. */
export function clientStatement(statement: Statement): InStatement {
	if (typeof statement === 'string' || !('page' in statement)) return statement;
	const text = Buffer.concat(withoutLastComma(statement.page)).toString('utf8');
	return { sql: statement.sql, args: [JSON.parse(`"[${text}]"`) as string] };
}

/** The rows of a page, of which there is at least one, with commas only between them. */
export function withoutLastComma(page: readonly Buffer[]): Buffer[] {
	return [...page.slice(0, -1), ...page.slice(-1).map((last) => last.subarray(0, -1))];
}

/** `[row,row,…]` of row lines: a newline stands in them only at a row's end. */
export function jsonArray(lines: Buffer): string {
	const array = Buffer.concat([Buffer.from('['), lines]);
	for (let at = array.indexOf(NEWLINE); at >= 0; at = array.indexOf(NEWLINE, at + 1)) array[at] = COMMA;
	array[array.length - 1] = CLOSE;
	return array.toString('utf8');
}
