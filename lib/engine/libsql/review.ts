import type { DatabaseUrl } from '../../core/database-url';
import type { SchemaObject } from '../../format/records';
import type { RowFacts, SchemaReview, TargetState } from '../engine';
import { findForeignFunctions } from './ddl-functions';
import { type DeclaredColumns, misfits } from './declared';
import { type FirmReview, misfitRefusal, reviewFirmness } from './firm-tables';
import { MARK_TABLE } from './restore-mark';
import { hasWord, isWord, nameOf, tokenize } from './sql-tokens';

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
		return strict.length === 0 ? [] : [misfitRefusal(object, strict)];
	});
	const { unsupported: unfit, firm } = firmTables(input);
	unsupported.push(...unfit);
	for (const { name } of schema)
		if (name.toLowerCase() === MARK_TABLE)
			unsupported.push({ object: name, reason: 'a restore marks its target by it' });
	return {
		unsupported,
		functions: functionsOf(schema),
		references: new Map(schema.flatMap(referencesOf)),
		firm,
	};
}

/** By object, the functions and modules in its SQL that are not known to be harmless. */
export function functionsOf(schema: Schema): SchemaReview['functions'] {
	return schema.flatMap(({ name, sql }) => {
		const found = sql === null ? [] : findForeignFunctions(sql);
		return found.length === 0 ? [] : [{ object: name, functions: found }];
	});
}

/** The constraints of a database that is there stay as they are. */
function firmTables({ kind, mode, schema, rows, objects }: ReviewInput): FirmReview {
	const filled = new Set(rows.map(({ table }) => table.name));
	const tables = (mode === 'adopt' ? objects : schema).flatMap((object) =>
		object.type === 'table' && object.role === 'table' && object.sql !== null && filled.has(object.name)
			? [{ ...object, sql: object.sql }]
			: [],
	);
	if (mode === 'create') return reviewFirmness(tables, rows, kind === 'remote');
	return { unsupported: [], firm: tables.filter(({ sql }) => hasWord(sql, 'CHECK')) };
}

/** The tables that a table's foreign keys refer to. */
function referencesOf({ type, role, name, sql }: Schema[number]): [string, string[]][] {
	if (type !== 'table' || role !== 'table' || sql === null || !/references/i.test(sql)) return [];
	const names = new Set<string>();
	let isNext = false;
	for (const token of tokenize(sql)) {
		if (isNext) names.add(nameOf(token) ?? '');
		isNext = isWord(token, 'REFERENCES');
	}
	return [[name, [...names]]];
}
