import { findForeignFunctions } from './ddl-functions';
import { isMark, isWord, nameOf, type Token, tokenize } from './sql-tokens';

/** What a statement of a script may not do, and why; `functions`: what it calls that is not known to be harmless. */
export type ScriptRefusal =
	| { readonly kind: 'statement'; readonly reason: string }
	| { readonly kind: 'functions'; readonly functions: readonly string[] };

/**
 * Claims, by returning null, that a statement of a script may be replayed; else says why not. Reading a dump takes
 * neither another file nor a command of the `sqlite3` shell.
 */
export function refusalOf(sql: string, tokens: readonly Token[], allowed: ReadonlySet<string>): ScriptRefusal | null {
	const reason = statementReason(tokens);
	if (reason !== null) return { kind: 'statement', reason };
	const head = insertHead(tokens);
	const functions = findForeignFunctions(head === null ? sql : sql.slice(0, head)).filter((name) => !allowed.has(name));
	return functions.length === 0 ? null : { kind: 'functions', functions };
}

function statementReason(tokens: readonly Token[]): string | null {
	const [first] = tokens;
	if (isMark(first, '.')) return 'it is a command of the sqlite3 shell, not SQL';
	if (isWord(first, 'ATTACH', 'DETACH')) return 'it reaches for another database';
	if (isWord(first, 'VACUUM') && tokens.some((token) => isWord(token, 'INTO'))) return 'it writes another file';
	const changesRows = isWord(first, 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH');
	if ((changesRows || makesTableOfQuery(tokens)) && tokens.some((_, nth) => isWithClause(tokens, nth)))
		return 'it has a WITH clause, whose rows need not end';
	if (!changesRows) return null;
	// The driver ends the process at a text among them that is not UTF-8.
	if (tokens.some((token) => isWord(token, 'RETURNING'))) return 'it answers with rows';
	if (!tokens.some(isSchemaTable) || isVirtualTableLine(tokens)) return null;
	return 'it rewrites the schema by hand';
}

/** Not a column `with`, which is followed by its type at most where a table lists its columns. */
function isWithClause(tokens: readonly Token[], nth: number): boolean {
	return isWord(tokens[nth], 'WITH') && nameOf(tokens[nth + 1]) !== null;
}

/** `CREATE TABLE t AS SELECT …`. */
function makesTableOfQuery(tokens: readonly Token[]): boolean {
	if (!isWord(tokens[0], 'CREATE')) return false;
	const at = tokens.findIndex((token) => isMark(token, '(') || isWord(token, 'AS'));
	const isTable = tokens.slice(0, at + 1).some((token) => isWord(token, 'TABLE'));
	return isTable && isWord(tokens[at], 'AS');
}

const SCHEMA = /^sqlite_(temp_)?(schema|master)$/i;

function isSchemaTable(token: Token): boolean {
	return token.text.length <= MOST_SCHEMA_CHARS && SCHEMA.test(nameOf(token) ?? '');
}

/** `sqlite_temp_schema` in quotes. */
const MOST_SCHEMA_CHARS = 20;

/** How `sqlite3 .dump` brings a virtual table back, its spaces aside; `?` is any string. */
const VIRTUAL = "insertintosqlite_schema(type,name,tbl_name,rootpage,sql)values('table',?,?,0,?)";

/** Claims that a statement is the line of a virtual table that a dump writes into the schema. */
export function isVirtualTableLine(tokens: readonly Token[]): boolean {
	if (tokens.length !== VIRTUAL_TOKENS || !isWord(tokens[0], 'INSERT')) return false;
	const shape = tokens
		.map(({ kind, text }, nth) => (kind === 'string' && nth !== 16 ? '?' : text.toLowerCase()))
		.join('')
		.replace('sqlite_master', 'sqlite_schema');
	const words = [...tokenize(nameOf(tokens[tokens.length - 2]) ?? '')];
	return shape === VIRTUAL && isWord(words[0], 'CREATE') && isWord(words[1], 'VIRTUAL') && isWord(words[2], 'TABLE');
}

const VIRTUAL_TOKENS = 26;

/**
 * Where VALUES stands in an INSERT of nothing but literals, as a dump has them by the million: what comes before is
 * all that can call. Null for any other statement.
 */
function insertHead(tokens: readonly Token[]): number | null {
	if (!isWord(tokens[0], 'INSERT', 'REPLACE')) return null;
	const at = tokens.findIndex((token) => isWord(token, 'VALUES'));
	if (at < 0) return null;
	for (let nth = at + 1; nth < tokens.length; nth++) {
		const token = tokens[nth] as Token;
		const isMade = token.kind === 'mark' ? '(),-+'.includes(token.text) : LITERALS.has(token.kind);
		if (!isMade && !isWord(token, 'NULL')) return null;
	}
	return (tokens[at] as Token).at;
}

const LITERALS = new Set(['number', 'string', 'blob']);
