import type { Header, SchemaObject } from '../../format/records';
import type { Refusal } from '../engine';
import { isWord, type Token, tokenize } from './sql-tokens';

/** What a script is made from, its rows aside. */
export interface ScriptSource {
	readonly header: Header;
	readonly schema: readonly SchemaObject[];
}

/** Claims that an index is libSQL's own kind, over vectors. */
export function isVectorIndex({ type, sql }: SchemaObject): boolean {
	return type === 'index' && /libsql_vector_idx/i.test(sql ?? '');
}

/** What a script of SQL text cannot carry of a database, or not into every database that reads it: by object. */
export function scriptNotes({ header, schema }: ScriptSource): Refusal[] {
	const notes: Refusal[] = [];
	if (header.applicationId !== 0)
		notes.push({
			object: 'PRAGMA application_id',
			reason: `servers refuse to set it; in a file, set it to ${header.applicationId} by hand`,
		});
	if (header.encoding !== 'UTF-8')
		notes.push({
			object: 'PRAGMA encoding',
			reason: `the script is for a new ${header.encoding} database file; a server keeps text as UTF-8`,
		});
	for (const object of schema) {
		const reason = objectNote(object);
		if (reason !== null) notes.push({ object: object.name, reason });
	}
	return notes;
}

function objectNote(object: SchemaObject): string | null {
	const { role, name, sql } = object;
	if (role === 'system')
		return name === 'sqlite_sequence' ? null : 'statistics are made by ANALYZE, which servers refuse';
	if (isVectorIndex(object)) return 'a vector index: libSQL and Turso make it, SQLite does not';
	if (sql === null) return null;
	if (sql.includes('\r\n'))
		return 'its SQL has line ends of CR and LF, of which the shells of sqlite3 and turso drop the CR';
	if (role === 'table' && isRandomRowid([...tokenize(sql)])) return 'RANDOM ROWID is known to libSQL and Turso alone';
	return null;
}

function isRandomRowid(tokens: readonly Token[]): boolean {
	return tokens.some((token, nth) => isWord(token, 'RANDOM') && isWord(tokens[nth + 1], 'ROWID'));
}
