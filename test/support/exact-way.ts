import { parseDatabaseUrl } from '../../lib/core/database-url';
import type { Database } from '../../lib/engine/engine';
import { connect, sourceInfo } from '../../lib/engine/libsql/connect';
import { openSnapshot } from '../../lib/engine/libsql/snapshot';
import { openTarget } from '../../lib/engine/libsql/target';
import type { Fixtures } from './fixtures';

/** Opens a database as one of an engine that can neither encode pages nor take them apart: rows go one by one. */
export async function openExact(fixtures: Fixtures, url: string): Promise<Database> {
	const location = parseDatabaseUrl(url);
	const connection = await connect(location, { create: true });
	fixtures.closeAfter(async () => connection.close());
	connection.encodesRows = false;
	connection.insertsPages = false;
	return {
		info: await sourceInfo(location, 'other'),
		snapshot: () => openSnapshot(connection),
		target: () => openTarget(connection),
		close: async () => connection.close(),
	};
}
