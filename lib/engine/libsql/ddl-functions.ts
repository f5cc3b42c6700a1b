import { foldCase } from '../../core/fold-case';
import {
	ACTING_MODULES,
	DESCRIBING_PRAGMAS,
	HARMLESS_FUNCTIONS,
	HARMLESS_MODULES,
	HARMLESS_PRAGMAS,
	HARMLESS_TABLE_FUNCTIONS,
} from './known-functions';
import { type Call, CallFinder } from './sql-calls';

/**
 * The names, in lower case, of what SQL calls that is not known to be harmless: functions, table-valued functions,
 * modules of virtual tables, pragmas (as `pragma_NAME`), and statements that reach outside of the database (`attach`,
 * `vacuum_into`). Empty for SQL that does nothing but describe, compute and store.
 *
 * Whatever is not known counts as foreign, as does what is in doubt. SQL that no engine would take may give anything.
 *
 * @param sql of a schema's object as it stands in `sqlite_schema`, or one or more other statements
 */
export function findForeignFunctions(sql: string): string[] {
	const foreign = new Set<string>();
	const texts = [sql];
	for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
		for (const call of new CallFinder(text).find()) {
			if (call.kind === 'schema') texts.push(call.name);
			else {
				const name = foldCase(call.name);
				if (!isHarmless(call.kind, name)) foreign.add(call.kind === 'pragma' ? `pragma_${name}` : name);
			}
		}
	}
	return [...foreign];
}

function isHarmless(kind: Exclude<Call['kind'], 'schema'>, name: string): boolean {
	switch (kind) {
		case 'function':
			return HARMLESS_FUNCTIONS.has(name) || HARMLESS_TABLE_FUNCTIONS.has(name) || describes(name);
		case 'module':
			return HARMLESS_MODULES.has(name);
		case 'table':
			// Any table may be called so; only those that act are refused.
			return name.startsWith('pragma_') ? describes(name) : !Object.hasOwn(ACTING_MODULES, name);
		case 'pragma':
			return HARMLESS_PRAGMAS.has(name);
		case 'statement':
			return false;
	}
}

function describes(name: string): boolean {
	return name.startsWith('pragma_') && DESCRIBING_PRAGMAS.has(name.slice('pragma_'.length));
}
