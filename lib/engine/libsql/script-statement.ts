import { LifeboatError } from '../../core/errors';
import { LONGEST_TABLE_SQL, parseTable } from './column-definitions';
import { splitStatements } from './sql-statements';
import { isMark, isWord, type Token, tokenize } from './sql-tokens';

/**
 * The SQL of a schema object as one statement of a script, without its semicolon. Whatever stands in a backup goes no
 * further than the object that it is to make.
 *
 * @throws LifeboatError `SCRIPT_REFUSED` if it is anything but one whole CREATE statement of at most a million characters
 */
export function statementOf(name: string, sql: string): string {
	// Its tokens are held.
	if (sql.length > LONGEST_TABLE_SQL)
		throw new LifeboatError('SCRIPT_REFUSED', `the SQL of ${JSON.stringify(name)} has ${sql.length} characters`, {
			hint: `a script has no statement of more than ${LONGEST_TABLE_SQL}; export as json or csv`,
			data: { object: name },
		});
	const statements = splitStatements(sql);
	const tokens = statements[0]?.tokens ?? [];
	const last = tokens[tokens.length - 1];
	const isOne = statements.length === 1 && isWord(tokens[0], 'CREATE') && last !== undefined;
	const isOpen = tokens.some(({ kind, text }) => kind === 'mark' && /^['"`[]/.test(text));
	if (isOne && !isOpen && !sql.includes('\0')) return (statements[0]?.sql ?? '').slice(0, last.at + last.text.length);
	throw new LifeboatError('SCRIPT_REFUSED', `the SQL of ${JSON.stringify(name)} is not one CREATE statement`, {
		hint: 'export as json or csv, which have no schema in them',
		data: { object: name },
	});
}

/**
 * A `CREATE TABLE` that SQLite and sqld take too: without RANDOM ROWID, and with columns whose names are bare words
 * that sqld's parser does not take for names in quotes.
 */
export function portable(sql: string): string {
	if (!/random|temp/i.test(sql)) return sql;
	const tokens = [...tokenize(sql)];
	if (!isWord(tokens[0], 'CREATE') || !isWord(tokens[1], 'TABLE')) return sql;
	const edits = parseTable(sql)
		.columns.filter(({ spelled }) => /^temp(orary)?$/i.test(spelled))
		.map(({ start, spelled }) => ({ start, end: start + spelled.length, to: `"${spelled}"` }));
	const random = randomRowid(tokens);
	let result = sql;
	for (const { start, end, to } of [...edits, ...(random === null ? [] : [random])].reverse())
		result = result.slice(0, start) + to + result.slice(end);
	return result.trimEnd();
}

/** Where the option stands among those after the columns, with a comma of its own. */
function randomRowid(tokens: readonly Token[]): { start: number; end: number; to: string } | null {
	const close = tokens.findLastIndex((token) => isMark(token, ')'));
	const at = tokens.findIndex(
		(token, nth) => nth > close && isWord(token, 'RANDOM') && isWord(tokens[nth + 1], 'ROWID'),
	);
	if (at < 0) return null;
	const [before, after] = [tokens[at - 1], tokens[at + 2]];
	const rowid = tokens[at + 1] as Token;
	const start = isMark(before, ',') ? before : tokens[at];
	const end = !isMark(before, ',') && isMark(after, ',') ? after : rowid;
	return { start: (start as Token).at, end: (end as Token).at + (end as Token).text.length, to: '' };
}
