import { LifeboatError } from '../../core/errors';
import { splitStatements } from './sql-statements';
import { isMark, isWord, nameOf, type Token, tokenize } from './sql-tokens';

/** Functions that do more than compute: they read or write files, run programs, or load code. */
const ACTING = new Set([
	'edit',
	'eval',
	'fsdir',
	'fts3_tokenizer',
	'load_extension',
	'lsmode',
	'readfile',
	'writefile',
	'zipfile',
]);

/** The one place that decides whether SQL from outside may run: null, or why not. */
export function actingReason(tokens: readonly Token[]): string | null {
	for (const [nth, token] of tokens.entries()) {
		const name = nameOf(token)?.toLowerCase();
		if (name !== undefined && ACTING.has(name) && isMark(tokens[nth + 1], '(')) return `it calls ${name}()`;
	}
	return null;
}

/**
 * Claims, by returning null, that a statement of a script may be replayed; else says why not. Reading a dump takes
 * neither another file nor a command of the `sqlite3` shell.
 */
export function refusalOf(tokens: readonly Token[]): string | null {
	const [first] = tokens;
	if (isMark(first, '.')) return 'it is a command of the sqlite3 shell, not SQL';
	if (isWord(first, 'ATTACH', 'DETACH')) return 'it reaches for another database';
	if (isWord(first, 'VACUUM') && tokens.some((token) => isWord(token, 'INTO'))) return 'it writes another file';
	// What goes into the schema by a string is SQL too.
	const isSchema = tokens.some((token) => /^sqlite_(temp_)?(schema|master)$/i.test(nameOf(token) ?? ''));
	const inner = isSchema ? tokens.filter(({ kind }) => kind === 'string') : [];
	for (const string of inner) {
		const reason = actingReason([...tokenize(nameOf(string) ?? '')]);
		if (reason !== null) return reason;
	}
	return actingReason(tokens);
}

/**
 * The SQL of a schema object as one statement of a script, without its semicolon. Whatever stands in a backup goes no
 * further than the object that it is to make.
 *
 * @throws LifeboatError `SCRIPT_REFUSED` if it is anything but one whole CREATE statement, or calls what may act
 */
export function statementOf(name: string, sql: string): string {
	const statements = splitStatements(sql);
	const tokens = statements[0]?.tokens ?? [];
	const last = tokens[tokens.length - 1];
	const isOne = statements.length === 1 && isWord(tokens[0], 'CREATE') && last !== undefined;
	const isOpen = tokens.some(({ kind, text }) => kind === 'mark' && /^['"`[]$/.test(text));
	if (!isOne || isOpen || sql.includes('\0')) throw refused(name, 'its SQL is not one CREATE statement');
	const reason = actingReason(tokens);
	if (reason !== null) throw refused(name, reason);
	return (statements[0]?.sql ?? '').slice(0, last.at + last.text.length);
}

function refused(name: string, reason: string): LifeboatError {
	return new LifeboatError('SCRIPT_REFUSED', `${JSON.stringify(name)} is not put into a script: ${reason}`, {
		hint: 'export as json or csv, which have no schema in them',
		data: { object: name },
	});
}
