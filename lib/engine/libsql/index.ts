import type { Engine } from '../engine';
import { connect, sourceInfo } from './connect';
import { readRecords } from './records';
import { runScript } from './run-script';
import { openSnapshot } from './snapshot';
import { openTarget } from './target';

/** Turso, sqld and local libSQL or SQLite files, by `@libsql/client`. */
export const libsqlEngine: Engine = {
	async open(url, options) {
		const connection = await connect(url, options);
		try {
			// The schema too: the version alone is told without looking into the file, which may be no database.
			const sql = 'SELECT sqlite_version(), EXISTS(SELECT 1 FROM sqlite_schema)';
			const [row] = await connection.query(sql, [], 'connecting');
			const info = await sourceInfo(url, String(row?.[0]));
			return {
				info,
				snapshot: () => openSnapshot(connection),
				target: () => openTarget(connection),
				records: (table, columns) => readRecords(connection, table, columns),
				run: (script) => runScript(connection, script),
				close: async () => connection.close(),
			};
		} catch (error) {
			connection.close();
			throw error;
		}
	},
};
