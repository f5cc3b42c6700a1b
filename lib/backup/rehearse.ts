import { hasCode } from '../core/errors';
import type { Database, FirmTable, Refusal } from '../engine/engine';
import type { SchemaObject } from '../format/records';
import { fillTarget } from './fill-target';
import { type BackupSource, newCounted, readBackup } from './read-backup';
import type { Verified } from './verify-backup';

export interface RehearseOptions {
	/** Functions, in lower case, that may stand in the schema though they could act. */
	readonly allowFunctions: ReadonlySet<string>;
	/** Makes an empty embedded database for the time of `use`, with room for about so many bytes of row text. */
	readonly withScratch: <T>(plainBytes: number, use: (database: Database) => Promise<T>) => Promise<T>;
}

/**
 * Fills tables in a scratch database to tell which of them have rows that break the constraints which they will have
 * to obey. Where there is no room for it, nothing is told: the restore itself will fail by the table's name.
 */
export async function rehearse(
	source: BackupSource,
	{ contents }: Verified,
	firm: readonly FirmTable[],
	options: RehearseOptions,
): Promise<readonly Refusal[]> {
	const names = new Set(firm.map(({ name }) => name));
	const others = contents.tables.filter(({ name }) => !names.has(name));
	const bytes = contents.tables.reduce((sum, table) => sum + (names.has(table.name) ? table.bytes : 0), 0);
	const selection = {
		schema: firm.flatMap(({ name, sql, indexes }): SchemaObject[] => [
			{ kind: 'schema', type: 'table', role: 'table', name, table: name, sql },
			...indexes.map((index) => ({ kind: 'schema', type: 'index', table: name, ...index }) as const),
		]),
		skip: new Set(others.map(({ name }) => name)),
		unasked: new Set<never>(),
		isWhole: false,
	};
	try {
		return await options.withScratch(bytes, async (scratch) => {
			const target = await scratch.target();
			const { allowFunctions } = options;
			const events = readBackup(await source.open(), newCounted(), { keys: source.keys });
			await fillTarget(events, target, { mode: 'create', mark: null, selection, allowFunctions });
			return target.brokenTables();
		});
	} catch (error) {
		if (hasCode(error, 'SCRATCH_FULL')) return [];
		if (!hasCode(error, 'DATABASE_FAILED', 'DATABASE_REFUSED')) throw error;
		const { object } = error.data;
		const table = firm.find(({ name, indexes }) => name === object || indexes.some((index) => index.name === object));
		if (table === undefined) throw error;
		return [{ type: 'table', object: table.name, reason: error.message }];
	}
}
