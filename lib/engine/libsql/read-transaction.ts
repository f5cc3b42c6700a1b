import type { Client } from '@libsql/client';
import type { HttpClient, RowsResult } from '@libsql/hrana-client';
import { NotOfProtocol } from './http-failure';
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

/**
 * Begins one of a server: with its first statements, as the protocol makes no difference.
 *
 * @param open makes a client that speaks the newest version that the server does
 */
export async function beginRemote(open: () => HttpClient): Promise<ReadTransaction> {
	const { BatchCond, Stmt } = await import('@libsql/hrana-client');
	const client = open();
	client.intMode = 'bigint';
	const version = await client.getVersion();
	const stream = client.openStream();
	let isBegun = false;
	return {
		takesBytes: version >= 3,
		batch: (statements) =>
			told(async () => {
				const batch = stream.batch();
				let before: ReturnType<typeof batch.step> | null = null;
				const answers = (isBegun ? statements : [BEGIN, ...statements]).map((statement) => {
					const step = batch.step();
					// Nothing is run outside of the transaction, nor after a failure.
					if (before !== null) step.condition(BatchCond.ok(before));
					before = step;
					const answer = step.query(
						typeof statement === 'string' ? statement : new Stmt(statement.sql).bindIndexes(statement.args),
					);
					answer.catch(() => {});
					return answer;
				});
				await batch.execute();
				const rows: Row[][] = [];
				for (const answer of answers) rows.push(rowsOfHrana(await answer));
				if (!isBegun) rows.shift();
				isBegun = true;
				return rows;
			}),
		commit: () =>
			told(async () => {
				const done = stream.run('COMMIT');
				stream.closeGracefully();
				await done;
			}),
		close: () => stream.close(),
	};
}

function rowsOfHrana(result: RowsResult | undefined): Row[] {
	if (result === undefined) throw withCode('TRANSACTION_CLOSED', new Error('a statement was not run'));
	return rowsOf({ rows: result.rows, columns: result.columnNames });
}

/** Throws failures of the stream in the words of the client of libSQL, of which it is the lower half. */
async function told<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const { name, message } = error as Error;
		if (name === 'ClosedError') throw withCode('HRANA_CLOSED_ERROR', error as Error);
		// A message that ends early is read past its end.
		if (name === 'ProtoError' || error instanceof RangeError) throw new NotOfProtocol(message, { cause: error });
		throw error;
	}
}

function withCode(code: string, cause: Error): Error {
	return Object.assign(new Error(cause.message, { cause }), { code });
}
