import type { DatabaseUrl } from '../../core/database-url';
import { foldCase } from '../../core/fold-case';
import type { SchemaObject } from '../../format/records';
import type { FirmTable, Refusal, RowFacts, SchemaReview, TargetState } from '../engine';
import { findForeignFunctions } from './ddl-functions';
import { type DeclaredColumns, misfits } from './declared';
import { notItsDefinition } from './definition-statement';
import { type FirmReview, misfitRefusal, reviewFirmness } from './firm-tables';
import { MARK_TABLE } from './restore-mark';
import { hasWord, isWord, nameOf, sameMeaning, type Token, tokenize } from './sql-tokens';

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
	const unsupported: Refusal[] = [];
	for (const { table, longestBytes, kinds } of rows) {
		const refuse = (reason: string) => unsupported.push({ type: 'table', object: table.name, reason });
		if (kind === 'remote' && longestBytes > REMOTE_ROW_BYTES)
			refuse(`a row of ${longestBytes} bytes, of which this database takes ${REMOTE_ROW_BYTES}`);
		const strict = mode === 'adopt' ? misfits(declared, table, kinds) : [];
		if (strict.length > 0) unsupported.push(misfitRefusal(table.name, strict));
	}
	const made = mode === 'create' ? firmWhenMade(input) : null;
	unsupported.push(...(made?.unsupported ?? []));
	for (const object of schema) {
		const reason = foldCase(object.name) === MARK_TABLE ? 'a restore marks its target by it' : notItsDefinition(object);
		if (reason !== null) unsupported.push({ type: object.type, object: object.name, reason });
	}
	return {
		unsupported,
		functions: functionsOf(schema),
		references: new Map(schema.flatMap(referencesOf)),
		firm: made?.firm ?? firmInThere(input),
	};
}

/** By object, the functions and modules in its SQL that are not known to be harmless. */
export function functionsOf(schema: Schema): SchemaReview['functions'] {
	return schema.flatMap(({ name, sql }) => {
		const found = sql === null ? [] : findForeignFunctions(sql);
		return found.length === 0 ? [] : [{ object: name, functions: found }];
	});
}

function firmWhenMade({ kind, schema, rows }: ReviewInput): FirmReview {
	const tables = schema.flatMap((object) =>
		object.type === 'table' && object.role === 'table' && object.sql !== null ? [{ ...object, sql: object.sql }] : [],
	);
	return reviewFirmness(tables, rows, kind === 'remote');
}

/** Tables that are there, with a CHECK, or with other constraints than those that the rows have obeyed. */
function firmInThere({ schema, rows, objects }: ReviewInput): SchemaReview['firm'] {
	const filled = new Set(rows.map(({ table }) => table.name));
	const wanted = new Map(schema.map((object) => [keyOf(object), object.sql]));
	const isKnown = (object: Schema[number]) => sameMeaning(object.sql, wanted.get(keyOf(object)) ?? null);
	const indexes = new Map<string, Schema[number][]>();
	for (const object of objects) {
		if (object.type !== 'index' || object.sql === null || /libsql_vector_idx/i.test(object.sql)) continue;
		indexes.set(foldCase(object.table), [...(indexes.get(foldCase(object.table)) ?? []), object]);
	}
	return objects.flatMap((object) => {
		const { type, role, name, sql } = object;
		if (type !== 'table' || role !== 'table' || sql === null || !filled.has(name)) return [];
		const own = indexes.get(foldCase(name)) ?? [];
		if (isKnown(object) && own.every(isKnown) && !hasWord(sql, 'CHECK')) return [];
		return [{ name, sql, indexes: own as FirmTable['indexes'] }];
	});
}

function keyOf({ type, name }: Schema[number]): string {
	return `${type} ${foldCase(name)}`;
}

/** The tables that a table's foreign keys refer to. */
function referencesOf({ type, role, name, sql }: Schema[number]): [string, string[]][] {
	if (type !== 'table' || role !== 'table' || sql === null || !/references/i.test(sql)) return [];
	const names = new Set<string>();
	let before: Token | undefined;
	for (const token of tokenize(sql)) {
		if (isWord(before, 'REFERENCES')) names.add(nameOf(token) ?? '');
		before = token;
	}
	return [[name, [...names]]];
}
