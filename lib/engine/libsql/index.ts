import type { SourceInfo } from '../../format/records';
import type { Database, Engine } from '../engine';
import { type Connection, connect, sourceInfo } from './connect';
import { databaseError } from './errors';
import { NotOfProtocol } from './not-of-protocol';
import { readRecords } from './records';
import { openSnapshot } from './snapshot';

/** Turso, sqld and local libSQL or SQLite files, by `@libsql/client`. */
export const libsqlEngine: Engine = {
	async open(url, options) {
		const connection = await connect(url, options);
		try {
			// The schema too: the version alone is told without looking into the file, which may be no database.
			const sql = 'SELECT sqlite_version(), EXISTS(SELECT 1 FROM sqlite_schema)';
			const [row] = await connection.query(sql, [], 'connecting');
			if (row === undefined) throw databaseError(new NotOfProtocol('an answer lacks its row'), 'connecting');
			return databaseOf(connection, await sourceInfo(url, String(row?.[0])));
		} catch (error) {
			connection.close();
			throw error;
		}
	},
};

/** The database behind an open connection, which it closes. */
export function databaseOf(connection: Connection, info: SourceInfo): Database {
	return {
		info,
		snapshot: () => openSnapshot(connection),
		// What a backup does not need is not loaded for it.
		target: async () => (await import('./target')).openTarget(connection),
		records: (table, columns) => readRecords(connection, table, columns),
		run: async (script) => (await import('./run-script')).runScript(connection, script),
		close: async () => connection.close(),
	};
}
