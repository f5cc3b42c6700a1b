import type { DatabaseUrl } from '../../core/database-url';
import type { SchemaObject } from '../../format/records';
import type { RowFacts, SchemaReview, TargetState } from '../engine';
import { firmDefinition } from './column-definitions';
import { findForeignFunctions } from './ddl-functions';
import { type DeclaredColumns, misfits } from './declared';
import { MARK_TABLE } from './restore-mark';
import { isWord, nameOf, tokenize } from './sql-tokens';

/** sqld's longest value, and row, in bytes. */
const REMOTE_ROW_BYTES = 5_000_000;

type Schema = readonly Omit<SchemaObject, 'kind'>[];

export interface ReviewInput {
	readonly kind: DatabaseUrl['kind'];
	readonly mode: 'create' | 'adopt';
	/** Of the backup. */
	readonly schema: Schema;
	readonly rows: readonly RowFacts[];
	/** Of the target. */
	readonly objects: TargetState['objects'];
	readonly declared: DeclaredColumns;
}

/** Looks at a backup's schema before any of it is run; see `Target.review`. */
export function review(input: ReviewInput): SchemaReview {
	const { kind, mode, schema, rows, declared } = input;
	const unsupported = rows.flatMap(({ table, longestBytes, kinds }) => {
		const object = table.name;
		if (kind === 'remote' && longestBytes > REMOTE_ROW_BYTES)
			return [{ object, reason: `a row of ${longestBytes} bytes, of which this database takes ${REMOTE_ROW_BYTES}` }];
		const strict = mode === 'adopt' ? misfits(declared, table, kinds) : [];
		if (strict.length === 0) return [];
		return [
			{
				object,
				reason: `values that ${strict.map((column) => JSON.stringify(column)).join(', ')} does not take as they are`,
			},
		];
	});
	for (const { name } of schema)
		if (name.toLowerCase() === MARK_TABLE)
			unsupported.push({ object: name, reason: 'a restore marks its target by it' });
	return {
		unsupported,
		functions: functionsOf(schema),
		references: new Map(schema.flatMap(referencesOf)),
		firm: firmTables(input),
	};
}

/** By object, the functions and modules in its SQL that are not known to be harmless. */
export function functionsOf(schema: Schema): SchemaReview['functions'] {
	return schema.flatMap(({ name, sql }) => {
		const found = sql === null ? [] : findForeignFunctions(sql);
		return found.length === 0 ? [] : [{ object: name, functions: found }];
	});
}

/** In a new `file:` database no constraint stands in the way of a row, in a new one elsewhere some do. */
function firmTables({ kind, mode, schema, rows, objects }: ReviewInput): SchemaReview['firm'] {
	const filled = new Set(rows.map(({ table }) => table.name));
	return (mode === 'adopt' ? objects : schema).flatMap(({ type, role, name, sql }) => {
		if (type !== 'table' || role !== 'table' || sql === null || !filled.has(name)) return [];
		if (mode === 'adopt') return hasWord(sql, 'CHECK') ? [{ name, sql }] : [];
		const firm = kind === 'remote' ? firmDefinition(sql) : null;
		return firm === null ? [] : [{ name, sql: firm }];
	});
}

function hasWord(sql: string, word: string): boolean {
	return [...tokenize(sql)].some((token) => isWord(token, word));
}

/** The tables that a table's foreign keys refer to. */
function referencesOf({ type, role, name, sql }: Schema[number]): [string, string[]][] {
	if (type !== 'table' || role !== 'table' || sql === null || !/references/i.test(sql)) return [];
	const tokens = [...tokenize(sql)];
	const names = tokens.flatMap((token, at) => (isWord(token, 'REFERENCES') ? [nameOf(tokens[at + 1]) ?? ''] : []));
	return [[name, [...new Set(names)]]];
}
