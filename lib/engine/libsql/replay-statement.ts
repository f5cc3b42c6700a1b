import { isUtf8 } from 'node:buffer';
import { isVirtualTableLine, refusalOf, type ScriptRefusal } from './script-guard';
import { literal } from './sql';
import type { Statement } from './sql-statements';
import { isMark, isWord, nameOf, type Token, tokenize } from './sql-tokens';

/** What is to be done with a statement of a script. */
export type ReplayStep =
	| { readonly kind: 'begin' | 'commit' | 'rollback' | 'skip' }
	| { readonly kind: 'encoding'; readonly sql: string }
	/** The emptying of `sqlite_sequence`, which need not be there. */
	| { readonly kind: 'sequence'; readonly sql: string }
	/** The schema can be written to from here on, or no longer. */
	| { readonly kind: 'writable'; readonly sql: string; readonly isOn: boolean }
	/** A virtual table, written into the schema. */
	| { readonly kind: 'virtual'; readonly sql: string }
	| { readonly kind: 'run'; readonly sql: string }
	/** It is not run. */
	| { readonly kind: 'refuse'; readonly refusal: ScriptRefusal };

/** Settings that are part of a database, or that a dump needs on its way; all others are passed over. */
const PRAGMAS = new Set(['application_id', 'ignore_check_constraints', 'user_version']);

/**
 * Decides what to do with a statement.
 *
 * @param statement of a script whose bytes were each taken for a character (Latin-1), so that none is lost
 * @param allowed functions and modules that may be used though they are not known to be harmless
 */
export function replayStep(statement: Statement, allowed: ReadonlySet<string>): ReplayStep {
	const sql = exactSql(statement.sql, statement.tokens);
	if (sql === null) {
		const reason = 'it has bytes that are not UTF-8 outside of its strings';
		return { kind: 'refuse', refusal: { kind: 'statement', reason } };
	}
	const tokens = sql === statement.sql ? statement.tokens : [...tokenize(sql)];
	const [first, second] = tokens;
	if (isWord(first, 'BEGIN')) return { kind: 'begin' };
	if (isWord(first, 'COMMIT', 'END')) return { kind: 'commit' };
	if (isWord(first, 'ROLLBACK')) return { kind: 'rollback' };
	if (isWord(first, 'PRAGMA')) return pragmaStep(sql, tokens);
	const refusal = refusalOf(sql, tokens, allowed);
	if (refusal !== null) return { kind: 'refuse', refusal };
	// What they answer is for nobody, and they need not end.
	if (isWord(first, 'VACUUM', 'EXPLAIN', 'SELECT', 'VALUES')) return { kind: 'skip' };
	if (isVirtualTableLine(tokens)) return { kind: 'virtual', sql };
	const emptiesSequence =
		isWord(first, 'DELETE') && isWord(second, 'FROM') && nameOf(tokens[2])?.toLowerCase() === 'sqlite_sequence';
	return { kind: emptiesSequence ? 'sequence' : 'run', sql };
}

function pragmaStep(sql: string, tokens: readonly Token[]): ReplayStep {
	const name = nameOf(tokens[1])?.toLowerCase() ?? '';
	if (tokens.length <= 2) return { kind: 'skip' };
	if (name === 'encoding') return { kind: 'encoding', sql };
	if (name === 'writable_schema') {
		const value = (nameOf(tokens[3]) ?? tokens[3]?.text ?? '').toUpperCase();
		return { kind: 'writable', sql, isOn: !OFF.has(value) };
	}
	return PRAGMAS.has(name) ? { kind: 'run', sql } : { kind: 'skip' };
}

const OFF = new Set(['0', 'OFF', 'NO', 'FALSE', 'RESET']);

/**
 * The statement in UTF-8, with what the driver or the engine would not take written in another way: strings with a
 * NUL or with bytes that are not UTF-8, and `unistr('…')`, which SQLite writes since 3.50. Null if that is not enough.
 */
function exactSql(raw: string, tokens: readonly Token[]): string | null {
	const bytes = Buffer.from(raw, 'latin1');
	const hasUnistr = tokens.some((token) => isWord(token, 'UNISTR'));
	if (!hasUnistr && !raw.includes('\0') && isUtf8(bytes)) return bytes.toString('utf8');
	let sql = '';
	let at = 0;
	for (const [nth, token] of tokens.entries()) {
		const replaced = replacement(tokens, nth);
		if (replaced === null || token.at < at) continue;
		sql += raw.slice(at, token.at) + Buffer.from(replaced.sql).toString('latin1');
		at = replaced.end;
	}
	const whole = Buffer.from(sql + raw.slice(at), 'latin1');
	return isUtf8(whole) && !whole.includes(0) ? whole.toString('utf8') : null;
}

/** What stands for the token, and up to which place; null if it stays as it is. */
function replacement(tokens: readonly Token[], nth: number): { sql: string; end: number } | null {
	const token = tokens[nth] as Token;
	if (isWord(token, 'UNISTR')) {
		const [open, string, close] = tokens.slice(nth + 1, nth + 4);
		if (!isMark(open, '(') || string?.kind !== 'string' || !isMark(close, ')')) return null;
		const bytes = bytesOf(string);
		const text = isUtf8(bytes) ? decodeUnistr(bytes.toString('utf8')) : null;
		// As it stands, it is refused as a function that is not known.
		return text === null ? null : { sql: literal({ type: 'text', value: text }), end: (close?.at ?? 0) + 1 };
	}
	if (token.kind !== 'string') return null;
	const bytes = bytesOf(token);
	if (isUtf8(bytes) && !bytes.includes(0)) return null;
	return { sql: literal({ type: 'rawtext', bytes }), end: token.at + token.text.length };
}

function bytesOf(string: Token): Buffer {
	return Buffer.from(nameOf(string) ?? '', 'latin1');
}

/** The escapes of sqlite.org/lang_corefunc.html#unistr; null for one of what is no character. */
function decodeUnistr(text: string): string | null {
	let isText = true;
	const decoded = text.replace(
		/\\(?:\\|u([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|U([0-9a-fA-F]{8})|([0-9a-fA-F]{4})|)/g,
		(escaped, ...groups: (string | undefined)[]) => {
			if (escaped === '\\\\') return '\\';
			const code = Number.parseInt(groups.slice(0, 4).find((digits) => digits !== undefined) ?? 'none', 16);
			const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
			isText &&= isCharacter;
			return isCharacter ? String.fromCodePoint(code) : '';
		},
	);
	return isText ? decoded : null;
}
