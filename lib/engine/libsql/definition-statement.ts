import { foldCase } from '../../core/fold-case';
import type { SchemaObject } from '../../format/records';
import { splitStatements } from './sql-statements';
import { isMark, isWord, nameOf, type Token, tokenize } from './sql-tokens';

type Definition = Pick<SchemaObject, 'type' | 'name'> & { readonly role?: string; readonly sql: string | null };

/** In characters. What is longer is not looked through, and so not run. */
const MAX_CHARS = 4_000_000;
/** Tokens before what is in a definition: `CREATE UNIQUE INDEX IF NOT EXISTS main.i`. */
const MOST_TOKENS_BEFORE = 10;

/**
 * Says why an object's SQL is not what makes just that object; null if it is. A backup may have any text there, and
 * `CREATE TABLE … AS SELECT`, which SQLite itself never keeps, could make rows without end.
 */
export function notItsDefinition({ type, role, name, sql }: Definition): string | null {
	if (sql === null) return null;
	if (sql.length > MAX_CHARS) return `its SQL has more than ${MAX_CHARS} characters`;
	const rest = afterName(firstTokens(sql), type, role === 'virtual', name);
	if (rest === null) return `its SQL does not create the ${type} of this name`;
	if (type === 'table' && role !== 'virtual' && !isMark(rest[0], '(')) return 'its SQL does not list its columns';
	const isOne = type === 'trigger' ? splitStatements(sql).length === 1 : !hasSemicolon(sql);
	return isOne ? null : 'its SQL is more than one statement';
}

function firstTokens(sql: string): Token[] {
	const tokens: Token[] = [];
	for (const token of tokenize(sql)) {
		tokens.push(token);
		if (tokens.length > MOST_TOKENS_BEFORE) break;
	}
	return tokens;
}

/** What follows the name in the first tokens; null if they do not create this object. */
function afterName(tokens: readonly Token[], type: string, isVirtual: boolean, name: string): Token[] | null {
	const rest = [...tokens];
	const take = (word: string) => isWord(rest[0], word) && rest.shift() !== undefined;
	if (!take('CREATE')) return null;
	if (type === 'index') take('UNIQUE');
	if (isVirtual && !take('VIRTUAL')) return null;
	if (!take(type.toUpperCase())) return null;
	if (isWord(rest[0], 'IF') && isWord(rest[1], 'NOT') && isWord(rest[2], 'EXISTS')) rest.splice(0, 3);
	if (isMark(rest[1], '.') && foldCase(nameOf(rest[0]) ?? '') === 'main') rest.splice(0, 2);
	return foldCase(nameOf(rest.shift()) ?? '') === foldCase(name) ? rest : null;
}

function hasSemicolon(sql: string): boolean {
	for (const token of tokenize(sql)) if (isMark(token, ';')) return true;
	return false;
}
