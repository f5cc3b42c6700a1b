import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Client, InStatement, InValue, Transaction } from '@libsql/client';
import type { DatabaseUrl } from '../../core/database-url';
import { LifeboatError } from '../../core/errors';
import type { SourceInfo } from '../../format/records';
import type { OpenOptions } from '../engine';
import { databaseError } from './errors';
import { JSON_TEXT } from './hrana/json-encoding';
import { post, type Server } from './hrana/server';
import { askerOf, identityFetch } from './identity-fetch';
import { beginLocal, beginRemote, type ReadTransaction } from './read-transaction';
import { type Row, rowsOf } from './rows';
import { clientStatement, type Statement } from './statement';

/** How long a locked `file:` database is waited for, in ms. */
const BUSY_MS = 5_000;

/** An open libSQL database, local or remote, with the client's quirks kept in. */
export interface Connection {
	readonly kind: DatabaseUrl['kind'];
	readonly signal: AbortSignal | undefined;
	readonly scratch: boolean;
	/** A text that is not valid UTF-8 was met, which fails a request over HTTP: pages are read as bytes from now on. */
	distrustsText: boolean;
	/** Snapshots that ended while they were read. */
	lostSnapshots: number;
	/** What `probe.ts` has found; null before anybody asked. */
	encodesRows: boolean | null;
	insertsPages: boolean | null;
	/** The pages of the database file are read, where it gives them. */
	readsStorage: boolean;
	/** Runs one statement by itself and returns its rows. */
	query(sql: string, args?: InValue[], doing?: string): Promise<Row[]>;
	/** Runs statements as one transaction with foreign keys off: all of them, or none. */
	migrate(statements: Statement[], doing: string): Promise<void>;
	/** Runs statements as one transaction with foreign keys as they are: all of them, or none. */
	batch(statements: InStatement[], doing: string): Promise<void>;
	/** Starts a read transaction; it sees the database from its first statement on. */
	begin(): Promise<ReadTransaction>;
	/** Starts a transaction that writes, with the settings that {@link query} has made last. */
	beginWrite(): Promise<Transaction>;
	/** Drops the connections in use, with what they have cached of the database. */
	reconnect(): Promise<void>;
	close(): void;
}

/** Opens `url`; see `Engine.open`. */
export async function connect(url: DatabaseUrl, options: OpenOptions): Promise<Connection> {
	options.signal?.throwIfAborted();
	if (url.kind === 'remote') return openRemote(url, options);
	const client = await openFile(url.path, options);
	const transport: Transport = {
		begin: () => beginLocal(client),
		migrate: (statements) => client.migrate(statements.map(clientStatement)),
	};
	return connectionOf(client, 'file', transport, options);
}

async function openFile(path: string, { create }: OpenOptions): Promise<Client> {
	const found = await stat(path).catch(() => null);
	if (found === null && !create)
		throw new LifeboatError('DATABASE_NOT_FOUND', `there is no database file at ${path}`, {
			hint: 'check the path; a file: path is taken from the folder that the command runs in',
			data: { path },
		});
	if (found !== null && !found.isFile())
		throw new LifeboatError('DATABASE_NOT_FOUND', `what is at ${path} is not a file`, {
			hint: 'check the path',
			data: { path },
		});
	if (found === null && !(await stat(dirname(path)).catch(() => null))?.isDirectory())
		throw new LifeboatError('DATABASE_NOT_FOUND', `there is no folder ${dirname(path)}`, {
			hint: 'make it first',
			data: { path },
		});
	// The native driver is 10 MB: only who needs it loads it.
	const { createClient } = await import('@libsql/client/sqlite3');
	try {
		return createClient({ url: fileUrl(path), intMode: 'bigint', timeout: BUSY_MS });
	} catch (error) {
		throw databaseError(error, `opening ${path}`);
	}
}

/** The client's own URL grammar: percent-encoded, and never taken for a query. */
function fileUrl(path: string): string {
	return `file:${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}`;
}

async function openRemote(url: DatabaseUrl & { kind: 'remote' }, options: OpenOptions): Promise<Connection> {
	const [{ createClient }, { migrateOverHttp }] = await Promise.all([
		import('@libsql/client/http'),
		import('./http-migrate'),
	]);
	const fetch = identityFetch(options.signal);
	const authToken = url.authToken?.reveal();
	const client = createClient({ url: url.url, authToken, intMode: 'bigint', fetch });
	const server: Server = { url: url.url, authToken, ask: askerOf(options.signal) };
	const transport: Transport = {
		begin: () => beginRemote(server),
		migrate: (statements) => migrateOverHttp(async (body) => (await post(server, JSON_TEXT, body)).json(), statements),
	};
	return connectionOf(client, 'remote', transport, options);
}

/** What is done otherwise than by the client, or by another of its parts. */
interface Transport {
	readonly begin: () => Promise<ReadTransaction>;
	readonly migrate: (statements: Statement[]) => Promise<unknown>;
}

function connectionOf(
	client: Client,
	kind: Connection['kind'],
	{ begin, migrate }: Transport,
	{ signal, scratch }: OpenOptions,
): Connection {
	const guarded = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
		signal?.throwIfAborted();
		try {
			return await work();
		} catch (error) {
			throw databaseError(error, doing, signal);
		}
	};
	return {
		kind,
		signal,
		scratch: scratch ?? false,
		distrustsText: false,
		lostSnapshots: 0,
		encodesRows: null,
		insertsPages: null,
		readsStorage: true,
		query: (sql, args = [], doing = 'reading from it') =>
			guarded(doing, async () => rowsOf(await client.execute({ sql, args }))),
		migrate: (statements, doing) => guarded(doing, async () => void (await migrate(statements))),
		batch: (statements, doing) => guarded(doing, async () => void (await client.batch(statements, 'write'))),
		begin: () => guarded('starting to read', begin),
		beginWrite: () => guarded('starting to write', () => client.transaction('write')),
		reconnect: () => guarded('connecting again', async () => client.reconnect()),
		close: () => client.close(),
	};
}

/** What a header says of the database at `url`: nothing by which anyone could get in. */
export async function sourceInfo(url: DatabaseUrl, version: string): Promise<SourceInfo> {
	const isFile = url.kind === 'file';
	return {
		engine: 'libsql',
		version,
		location: isFile ? `file:${basename(url.path)}` : url.host,
		fingerprint: isFile ? await fileFingerprint(url.path) : fingerprint(`//${url.host}${new URL(url.url).pathname}`),
	};
}

/** The fingerprint of the database file at `path`, which need not be there yet. */
export async function fileFingerprint(path: string): Promise<string> {
	const real = await realpath(path).catch(async () =>
		join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path)),
	);
	return fingerprint(`file:${real}`);
}

function fingerprint(canonical: string): string {
	return createHash('sha256').update(canonical).digest('hex');
}
