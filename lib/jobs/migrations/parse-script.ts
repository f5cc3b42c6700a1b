import { splitStatements } from '../../engine/libsql/sql-statements';
import { isMark, isWord, nameOf, type Token } from '../../engine/libsql/sql-tokens';
import { migrationsInvalid } from './read-migration';
import type { Migration } from './tool';

/** A migration's script, ready to be run in one transaction. */
export interface ParsedScript {
	/** Without those that switch foreign keys, which do nothing in a transaction. */
	readonly statements: readonly ScriptStatement[];
	/** Whether it switches foreign keys off. */
	readonly foreignKeysOff: boolean;
}

export interface ScriptStatement {
	readonly sql: string;
	/** Its place in the script, from 1. */
	readonly number: number;
	/** Where it starts in the file, in lines from 1. */
	readonly line: number;
}

/**
 * Takes a script apart.
 *
 * @throws LifeboatError `MIGRATIONS_INVALID` if it begins or ends a transaction itself: its own and its record are one
 */
export function parseScript({ sql, path }: Pick<Migration, 'sql' | 'path'>): ParsedScript {
	const statements: ScriptStatement[] = [];
	let foreignKeysOff = false;
	for (const [index, { sql: text, tokens, line }] of splitStatements(sql).entries()) {
		if (isTransactionEnd(tokens))
			throw migrationsInvalid(
				`statement ${index + 1} of ${path}, in line ${line}, begins or ends a transaction, and each migration is run as one`,
			);
		const foreignKeys = switchOfForeignKeys(tokens);
		if (foreignKeys === 'off') foreignKeysOff = true;
		if (foreignKeys === null) statements.push({ sql: text, number: index + 1, line });
	}
	return { statements, foreignKeysOff };
}

/** `ROLLBACK TO` a savepoint stays within the transaction. */
function isTransactionEnd([first, ...rest]: readonly Token[]): boolean {
	if (isWord(first, 'ROLLBACK')) return !rest.some((token) => isWord(token, 'TO'));
	return isWord(first, 'BEGIN', 'COMMIT', 'END');
}

/** What a `PRAGMA foreign_keys` sets them to; null for any other statement. */
function switchOfForeignKeys([first, ...rest]: readonly Token[]): 'on' | 'off' | null {
	if (!isWord(first, 'PRAGMA')) return null;
	const [name, mark, value] = isMark(rest[1], '.') ? rest.slice(2) : rest;
	if (nameOf(name)?.toLowerCase() !== 'foreign_keys') return null;
	if (!isMark(mark, '=') && !isMark(mark, '(')) return 'on';
	return /^(off|no|false|0+)$/i.test(nameOf(value) ?? value?.text ?? '') ? 'off' : 'on';
}
