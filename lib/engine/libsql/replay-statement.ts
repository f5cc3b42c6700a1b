import { isUtf8 } from 'node:buffer';
import { refusalOf } from './script-guard';
import { literal } from './sql';
import type { Statement } from './sql-statements';
import { isMark, isWord, nameOf, type Token, tokenize } from './sql-tokens';

/** What is to be done with a statement of a script. */
export type ReplayStep =
	| { readonly kind: 'begin' | 'commit' | 'rollback' | 'skip' }
	| { readonly kind: 'encoding'; readonly sql: string }
	/** The emptying of `sqlite_sequence`, which need not be there. */
	| { readonly kind: 'sequence'; readonly sql: string }
	| { readonly kind: 'run'; readonly sql: string }
	/** It is not run: why. */
	| { readonly kind: 'refuse'; readonly reason: string };

/** Settings that are part of a database, or that a dump needs on its way; all others are passed over. */
const PRAGMAS = new Set(['application_id', 'ignore_check_constraints', 'user_version', 'writable_schema']);

/**
 * Decides what to do with a statement.
 *
 * @param statement of a script whose bytes were each taken for a character (Latin-1), so that none is lost
 */
export function replayStep({ sql: raw, tokens }: Statement): ReplayStep {
	const [first, second] = tokens;
	if (isWord(first, 'BEGIN')) return { kind: 'begin' };
	if (isWord(first, 'COMMIT', 'END')) return { kind: 'commit' };
	if (isWord(first, 'ROLLBACK')) return { kind: 'rollback' };
	const sql = exactSql(raw, tokens);
	if (sql === null) return { kind: 'refuse', reason: 'it has bytes that are not UTF-8 outside of its strings' };
	const reason = refusalOf(sql === raw ? tokens : [...tokenize(sql)]);
	if (reason !== null) return { kind: 'refuse', reason };
	if (isWord(first, 'VACUUM', 'EXPLAIN')) return { kind: 'skip' };
	if (isWord(first, 'PRAGMA')) {
		const name = nameOf(second)?.toLowerCase() ?? '';
		if (name === 'encoding' && tokens.length > 2) return { kind: 'encoding', sql };
		return PRAGMAS.has(name) && tokens.length > 2 ? { kind: 'run', sql } : { kind: 'skip' };
	}
	const emptiesSequence = isWord(first, 'DELETE') && nameOf(tokens[2])?.toLowerCase() === 'sqlite_sequence';
	return { kind: emptiesSequence ? 'sequence' : 'run', sql };
}

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
		const text = decodeUnistr(bytesOf(string).toString('utf8'));
		return { sql: literal({ type: 'text', value: text }), end: (close?.at ?? 0) + 1 };
	}
	if (token.kind !== 'string') return null;
	const bytes = bytesOf(token);
	if (isUtf8(bytes) && !bytes.includes(0)) return null;
	return { sql: literal({ type: 'rawtext', bytes }), end: token.at + token.text.length };
}

function bytesOf(string: Token): Buffer {
	return Buffer.from(nameOf(string) ?? '', 'latin1');
}

/** The escapes of sqlite.org/lang_corefunc.html#unistr. */
function decodeUnistr(text: string): string {
	return text.replace(
		/\\(?:\\|u([0-9a-f]{4})|\+([0-9a-f]{6})|U([0-9a-f]{8})|([0-9a-f]{4}))/gi,
		(_, short?: string, plus?: string, long?: string, bare?: string) => {
			const digits = short ?? plus ?? long ?? bare;
			return digits === undefined ? '\\' : String.fromCodePoint(Number.parseInt(digits, 16));
		},
	);
}
