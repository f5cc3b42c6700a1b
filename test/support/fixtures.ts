import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient, type InStatement } from '@libsql/client';
import { type Dumped, type DumpOptions, dump } from '../../lib/backup/dump';
import { prepareRestore, type Restored, type RestoreOptions, runRestore } from '../../lib/backup/restore';
import { EVERYTHING } from '../../lib/backup/selection';
import type { Clock } from '../../lib/core/clock';
import { parseDatabaseUrl } from '../../lib/core/database-url';
import type { Database, OpenOptions } from '../../lib/engine/engine';
import { libsqlEngine } from '../../lib/engine/libsql/index';
import { Decoder } from '../../lib/format/decoder';
import type { Omission, SchemaObject, TableOpen } from '../../lib/format/records';
import { unseal } from '../../lib/format/seal';
import { type Cell, parseRow } from '../../lib/format/values';
import { withScratch } from '../../lib/jobs/scratch';
import { type Sqld, type SqldOptions, startSqld } from './sqld';

/** Half-way chances, and no waiting. */
export const quick: { clock: Clock; random: () => number } = {
	clock: {
		now: () => new Date('2026-11-20T02:00:00.000Z'),
		elapsedMs: () => 0,
		sleep: async (_, signal) => signal?.throwIfAborted(),
	},
	random: () => 0.5,
};

export const TRANSPORTS = ['file', 'sqld'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Makes databases and folders for a test file, and removes them all at its end. */
export class Fixtures {
	readonly #closing: (() => Promise<unknown>)[] = [];
	#nth = 0;

	/** Has something else ended with the rest. */
	closeAfter(close: () => Promise<unknown>): void {
		this.#closing.push(close);
	}

	async folder(): Promise<string> {
		const folder = await mkdtemp(join(tmpdir(), 'lifeboat-test-'));
		this.#closing.push(() => rm(folder, { recursive: true, force: true }));
		return folder;
	}

	/** The URL of a file that is not there yet. */
	async fileUrl(): Promise<string> {
		return pathToFileURL(join(await this.folder(), `test ${this.#nth++}.db`)).href;
	}

	async sqld(options?: SqldOptions): Promise<Sqld> {
		const server = await startSqld(options);
		this.#closing.push(() => server.close());
		return server;
	}

	/** The URL of an empty database. */
	async empty(transport: Transport, options?: SqldOptions): Promise<string> {
		return transport === 'file' ? this.fileUrl() : (await this.sqld(options)).url;
	}

	async open(url: string, options: OpenOptions = {}): Promise<Database> {
		const database = await libsqlEngine.open(parseDatabaseUrl(url), { create: true, ...options });
		this.#closing.push(() => database.close());
		return database;
	}

	async close(): Promise<void> {
		for (const close of this.#closing.splice(0).reverse()) await close();
	}
}

/** Runs statements one by one, by the libSQL client. */
export async function execute(url: string, ...statements: InStatement[]): Promise<void> {
	const client = createClient({ url, intMode: 'bigint' });
	try {
		for (const statement of statements) await client.execute(statement);
	} finally {
		client.close();
	}
}

/** Runs statements as one transaction with foreign keys off. */
export async function migrate(url: string, statements: InStatement[]): Promise<void> {
	const client = createClient({ url, intMode: 'bigint' });
	try {
		await client.migrate(statements);
	} finally {
		client.close();
	}
}

/** The rows of a query, as arrays. */
export async function rowsOf(url: string, sql: string): Promise<unknown[][]> {
	const client = createClient({ url, intMode: 'bigint' });
	try {
		return (await client.execute(sql)).rows.map((row) => Array.from(row as unknown as ArrayLike<unknown>));
	} finally {
		client.close();
	}
}

/** A backup file held in memory. */
export interface HeldDump {
	readonly dumped: Dumped;
	readonly chunks: readonly Uint8Array[];
}

/** Dumps a database into memory; of a try that was lost, nothing stays. */
export async function dumpOf(database: Database, options: Partial<DumpOptions> = {}): Promise<HeldDump> {
	let chunks: Uint8Array[] = [];
	const sink = async (body: AsyncIterable<Uint8Array>) => {
		chunks = [];
		for await (const chunk of body) chunks.push(chunk);
	};
	const createdAt = quick.clock.now();
	const dumped = await dump(database, sink, { ...quick, id: 'backup-20261120T020000Z-7f3a', createdAt, ...options });
	return { dumped, chunks };
}

export async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
	yield* chunks;
}

/** A restore of everything. */
export const WHOLE: RestoreOptions = {
	...quick,
	parts: EVERYTHING,
	resume: false,
	allowFunctions: new Set(),
	withScratch: (plainBytes, use) => withScratch(tmpdir(), plainBytes, undefined, use),
};

/** Restores as the job does: every guard, then the rows, then the comparison by digests. */
export async function restoreInto(
	target: Database,
	{ chunks }: Pick<HeldDump, 'chunks'>,
	more: Partial<RestoreOptions> = {},
): Promise<Restored> {
	const source = { manifest: null, open: async () => stream(chunks) };
	const options = { ...WHOLE, ...more };
	const prepared = await prepareRestore(source, target, options);
	return runRestore(source, target, prepared, options);
}

/** A table as it stands in a backup file. */
export interface ReadTable {
	readonly open: TableOpen;
	readonly rows: Cell[][];
	readonly omitted: Omission[];
}

/** Everything that a backup file says. */
export async function contentsOf({ chunks }: Pick<HeldDump, 'chunks'>): Promise<{
	schema: SchemaObject[];
	tables: Map<string, ReadTable>;
}> {
	const decoder = new Decoder();
	const schema: SchemaObject[] = [];
	const tables = new Map<string, ReadTable>();
	let table: ReadTable | undefined;
	for await (const chunk of unseal(stream(chunks)))
		for (const event of decoder.push(chunk)) {
			if (event.kind === 'schema') schema.push(event);
			if (event.kind === 'table') {
				table = { open: event, rows: [], omitted: [] };
				tables.set(event.name, table);
			}
			if (event.kind === 'omitted') table?.omitted.push(event);
			if (event.kind === 'rows')
				for (const line of event.bytes.toString('utf8').split('\n')) if (line !== '') table?.rows.push(parseRow(line));
		}
	decoder.finish();
	return { schema, tables };
}
