import type { Client } from '@libsql/client';
import type { Server } from './hrana/server';
import { openStream } from './hrana/stream';
import { type Row, rowsOf } from './rows';

/** SQL, and the TEXT values of its parameters. */
export type ReadStatement = string | { readonly sql: string; readonly args: string[] };

/** A transaction that only reads. */
export interface ReadTransaction {
	/** Bytes come as they are; else text is the only way that is not slow. */
	readonly takesBytes: boolean;
	/** Runs statements one after another, in one request; fails as the first that fails. */
	batch(statements: readonly ReadStatement[]): Promise<Row[][]>;
	/** Only a transaction that is still open can be committed. */
	commit(): Promise<void>;
	close(): void;
}

/** Begins one of a local database. */
export async function beginLocal(client: Client): Promise<ReadTransaction> {
	const transaction = await client.transaction('read');
	return {
		takesBytes: true,
		batch: async (statements) => (await transaction.batch([...statements])).map(rowsOf),
		commit: () => transaction.commit(),
		close: () => transaction.close(),
	};
}

const BEGIN = 'BEGIN TRANSACTION READONLY';

/** Begins one of a server: with its first statements, as the protocol makes no difference. */
export async function beginRemote(server: Server): Promise<ReadTransaction> {
	const stream = await openStream(server);
	let isBegun = false;
	return {
		takesBytes: stream.encoding.takesBytes,
		async batch(statements) {
			const steps = (isBegun ? statements : [BEGIN, ...statements]).map((statement) =>
				typeof statement === 'string' ? { sql: statement, args: [] } : statement,
			);
			const rows = await stream.run(steps);
			if (!isBegun) rows.shift();
			isBegun = true;
			return rows;
		},
		commit: async () => void (await stream.run([{ sql: 'COMMIT', args: [] }], { closes: true })),
		close: () => stream.close(),
	};
}
