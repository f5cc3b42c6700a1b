import { parseDatabaseUrl } from '../../lib/core/database-url';
import type { Database } from '../../lib/engine/engine';
import { connect, sourceInfo } from '../../lib/engine/libsql/connect';
import { databaseOf } from '../../lib/engine/libsql/index';
import type { Fixtures } from './fixtures';

/** Opens a database as one of an engine that can neither encode pages nor take them apart: rows go one by one. */
export async function openExact(fixtures: Fixtures, url: string): Promise<Database> {
	const location = parseDatabaseUrl(url);
	const connection = await connect(location, { create: true });
	fixtures.closeAfter(async () => connection.close());
	connection.encodesRows = false;
	connection.insertsPages = false;
	return databaseOf(connection, await sourceInfo(location, 'other'));
}
