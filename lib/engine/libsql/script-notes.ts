import type { Header, SchemaObject } from '../../format/records';
import type { Refusal } from '../engine';
import type { Misfits } from './script-misfits';
import { portable } from './script-statement';
import { isMark, isWord, nameOf, tokenize } from './sql-tokens';

/** What a script is made from, its rows aside. */
export interface ScriptSource {
	readonly header: Header;
	readonly schema: readonly SchemaObject[];
	/** By table, what the script does about rows that do not fit into it. */
	readonly misfits: ReadonlyMap<string, Misfits>;
}

/** Claims that some of the databases that read scripts do not know how to make an object: it comes after all others. */
export function isNotEverywhere(object: SchemaObject): boolean {
	return isVectorIndex(object) || (object.type === 'view' && ordersAggregate(object.sql ?? ''));
}

/** libSQL's own kind of index. */
function isVectorIndex({ type, sql }: SchemaObject): boolean {
	return type === 'index' && /libsql_vector_idx/i.test(sql ?? '');
}

/** Claims that an aggregate function has an ORDER BY among its arguments. */
function ordersAggregate(sql: string): boolean {
	if (!/order/i.test(sql)) return false;
	const tokens = [...tokenize(sql)];
	const calls: boolean[] = [];
	for (const [nth, token] of tokens.entries()) {
		const before = tokens[nth - 1];
		if (isMark(token, '(')) calls.push(nameOf(before) !== null && !isWord(before, 'AS', 'OVER', 'IN', 'EXISTS'));
		else if (isMark(token, ')')) calls.pop();
		else if (isWord(token, 'SELECT', 'PARTITION')) calls[calls.length - 1] = false;
		else if (isWord(token, 'ORDER') && calls[calls.length - 1]) return true;
	}
	return false;
}

/** What a script of SQL text cannot carry of a database, or not into every database that reads it: by object. */
export function scriptNotes({ header, schema, misfits }: ScriptSource): Refusal[] {
	const notes: Refusal[] = [];
	if (header.applicationId !== 0)
		notes.push({
			type: 'pragma',
			object: 'PRAGMA application_id',
			reason: `servers refuse to set it; in a file, set it to ${header.applicationId} by hand`,
		});
	if (header.encoding !== 'UTF-8')
		notes.push({
			type: 'pragma',
			object: 'PRAGMA encoding',
			reason: `the script is for a new ${header.encoding} database file; a server keeps text as UTF-8`,
		});
	for (const object of schema) {
		const reason = objectNote(object);
		if (reason !== null) notes.push({ type: object.type, object: object.name, reason });
	}
	for (const { notes: some } of misfits.values()) notes.push(...some);
	return notes;
}

function objectNote(object: SchemaObject): string | null {
	const { role, name, sql } = object;
	if (role === 'system')
		return name === 'sqlite_sequence' ? null : 'statistics are made by ANALYZE, which servers refuse';
	if (isVectorIndex(object)) return 'a vector index: libSQL and Turso make it, SQLite does not';
	if (isNotEverywhere(object)) return 'ORDER BY in an aggregate function: SQLite before 3.44 and sqld do not know it';
	if (sql === null) return null;
	if (role === 'virtual' && /\busing\s+geopoly\b/i.test(sql))
		return 'the module geopoly, which few builds of sqlite3 have';
	if (role === 'virtual' && /contentless_delete/i.test(sql))
		return 'contentless_delete, which SQLite before 3.43 does not know';
	if (sql.includes('\r\n'))
		return 'its SQL has line ends of CR and LF, of which the shells of sqlite3 and turso drop the CR';
	if (role === 'table' && portable(sql) !== sql)
		return /random/i.test(sql)
			? 'made without RANDOM ROWID, which only libSQL and Turso know'
			: 'made with columns named temp in quotes, as sqld refuses them without';
	return null;
}
