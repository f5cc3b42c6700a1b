import type { DatabaseUrl } from '../../core/database-url';
import type { SchemaObject } from '../../format/records';
import type { Refusal, SchemaReview } from '../engine';
import { findForeignFunctions } from './ddl-functions';
import { isWord, nameOf, tokenize } from './sql-tokens';

/** sqld's longest value, and row, in bytes. */
const REMOTE_ROW_BYTES = 5_000_000;

/** Looks at a backup's schema before any of it is run; see `Target.review`. */
export function review(
	kind: DatabaseUrl['kind'],
	schema: readonly Omit<SchemaObject, 'kind'>[],
	rowBytes: ReadonlyMap<string, number>,
): SchemaReview {
	const unsupported: Refusal[] = [];
	for (const [object, bytes] of rowBytes)
		if (kind === 'remote' && bytes > REMOTE_ROW_BYTES)
			unsupported.push({ object, reason: `a row of ${bytes} bytes, of which this database takes ${REMOTE_ROW_BYTES}` });
	const functions = schema.flatMap(({ name, sql }) => {
		const found = sql === null ? [] : findForeignFunctions(sql);
		return found.length === 0 ? [] : [{ object: name, functions: found }];
	});
	return { unsupported, functions, references: new Map(schema.flatMap(referencesOf)) };
}

/** The tables that a table's foreign keys refer to. */
function referencesOf({ type, role, name, sql }: Omit<SchemaObject, 'kind'>): [string, string[]][] {
	if (type !== 'table' || role !== 'table' || sql === null || !/references/i.test(sql)) return [];
	const tokens = [...tokenize(sql)];
	const names = tokens.flatMap((token, at) => (isWord(token, 'REFERENCES') ? [nameOf(tokens[at + 1]) ?? ''] : []));
	return [[name, [...new Set(names)]]];
}
