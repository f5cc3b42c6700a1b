import { parseDatabaseUrl } from '../../lib/core/database-url';
import type { Database } from '../../lib/engine/engine';
import { type Connection, connect, sourceInfo } from '../../lib/engine/libsql/connect';
import { databaseOf } from '../../lib/engine/libsql/index';
import type { Fixtures } from './fixtures';
import { startRewritingProxy } from './rewriting-proxy';

/** Opens a database as one of an engine that can neither encode pages nor take them apart: rows go one by one. */
export function openExact(fixtures: Fixtures, url: string): Promise<Database> {
	return openWith(fixtures, url, (connection) => {
		connection.readsStorage = false;
		connection.encodesRows = false;
		connection.insertsPages = false;
	});
}

async function openWith(fixtures: Fixtures, url: string, change: (connection: Connection) => void): Promise<Database> {
	const location = parseDatabaseUrl(url);
	const connection = await connect(location, { create: true });
	fixtures.closeAfter(async () => connection.close());
	change(connection);
	return databaseOf(connection, await sourceInfo(location, 'other'));
}

/** The ways in which a database's rows are read, by the transport and what it gives. */
export const WAYS = [
	{ way: 'the pages of a file', transport: 'file', open: openPlainly },
	{ way: 'SQL from a file', transport: 'file', open: openBySql },
	{ way: 'the pages of sqld', transport: 'sqld', open: openPlainly },
	{ way: 'SQL from sqld', transport: 'sqld', open: openBySql },
	{ way: 'SQL from a server of version 2', transport: 'sqld', open: openOfVersion2 },
] as const;

function openPlainly(fixtures: Fixtures, url: string): Promise<Database> {
	return fixtures.open(url);
}

/** Opens a database as one that does not give the pages of its file. */
export function openBySql(fixtures: Fixtures, url: string): Promise<Database> {
	return openWith(fixtures, url, (connection) => {
		connection.readsStorage = false;
	});
}

async function openOfVersion2(fixtures: Fixtures, url: string): Promise<Database> {
	const proxy = await startRewritingProxy(url, (sql) => sql);
	fixtures.closeAfter(() => proxy.close());
	return fixtures.open(proxy.url);
}
