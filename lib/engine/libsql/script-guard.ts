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
		if (!isMark(token, '(')) continue;
		const name = nameOf(tokens[nth - 1])?.toLowerCase();
		if (name !== undefined && ACTING.has(name)) return `it calls ${name}()`;
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
	const isWriting = isWord(first, 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH');
	if (!isWriting || !tokens.some((token) => SCHEMA.test(nameOf(token) ?? ''))) return actingReason(tokens);
	const sql = virtualTableSql(tokens);
	return sql === null ? 'it rewrites the schema by hand' : actingReason([...tokenize(sql)]);
}

const SCHEMA = /^sqlite_(temp_)?(schema|master)$/i;
/** How `sqlite3 .dump` brings a virtual table back, its spaces aside; `?` is any string. */
const VIRTUAL = "insertintosqlite_schema(type,name,tbl_name,rootpage,sql)values('table',?,?,0,?)";

/** The SQL of the virtual table that a row written into the schema is; null if it is anything else. */
function virtualTableSql(tokens: readonly Token[]): string | null {
	const shape = tokens
		.map(({ kind, text }, nth) => (kind === 'string' && nth !== 16 ? '?' : text.toLowerCase()))
		.join('')
		.replace('sqlite_master', 'sqlite_schema');
	const sql = nameOf(tokens[tokens.length - 2]) ?? '';
	const words = [...tokenize(sql)];
	const isVirtual = isWord(words[0], 'CREATE') && isWord(words[1], 'VIRTUAL') && isWord(words[2], 'TABLE');
	return shape === VIRTUAL && isVirtual ? sql : null;
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
