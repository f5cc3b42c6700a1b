import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hasCode, LifeboatError } from '../../core/errors';
import { TimeLimitError } from '../../core/time-limit';
import type { Header } from '../../format/records';
import type { ReadEvent, Snapshot } from '../engine';
import type { Connection } from './connect';
import { databaseError } from './errors';
import { FirstPages } from './first-pages';
import { NotOfProtocol } from './not-of-protocol';
import { START } from './position';
import { encodesRows } from './probe';
import { PageSource } from './raw/page-source';
import { RawTables } from './raw/raw-tables';
import { readTable } from './read-table';
import type { ReadTransaction } from './read-transaction';
import type { Reader } from './reader';
import type { Row } from './rows';
import { isRefusal } from './run-named';
import { readCatalogue } from './schema';
import { ident } from './sql';
import { sameMeaning } from './sql-tokens';

/** sqld ends a stream that is idle for 10 s. */
const PING_MS = 4_000;
/** A stream idles while its last answer is still on a slow wire: of the size of pages, this is left with each loss. */
const SHARE = 1 / 4;

/** Opens a snapshot on `connection`; see `Database.snapshot`. */
export async function openSnapshot(connection: Connection): Promise<Snapshot> {
	const [asked, begun] = await Promise.allSettled([encodesRows(connection), connection.begin()]);
	if (asked.status === 'rejected' && begun.status === 'fulfilled') begun.value.close();
	if (asked.status === 'rejected') throw asked.reason;
	if (begun.status === 'rejected') throw begun.reason;
	const [canEncode, transaction] = [asked.value, begun.value];
	const line = new Line(connection, transaction);
	try {
		// The snapshot begins with this statement, and not before.
		const query = (sql: string) => line.query(sql, 'reading the schema');
		const [first] = await query(
			`SELECT (SELECT encoding FROM pragma_encoding), (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id), (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size), (SELECT count(*) FROM sqlite_schema)`,
		);
		const [encoding, userVersion, applicationId, diskBytes] = first as Row;
		const pragmas: Snapshot['pragmas'] = {
			encoding: encoding as Header['encoding'],
			userVersion: Number(userVersion),
			applicationId: Number(applicationId),
		};
		const share = SHARE ** connection.lostSnapshots;
		const { schema, tables, isUnfinished } = await readCatalogue(query, pragmas.encoding, canEncode);
		const pages =
			transaction.takesBytes && connection.readsStorage && pragmas.encoding === 'UTF-8'
				? await PageSource.open((sqls, doing) => line.queryAll(sqls, doing), {
						kind: connection.kind,
						share,
						diskBytes: diskBytes === null ? null : Number(diskBytes),
					})
				: null;
		const distrustText = (table: string) => {
			connection.distrustsText = true;
			return new LifeboatError('DATABASE_LOST', `table ${JSON.stringify(table)} has text that is not valid UTF-8`, {
				hint: 'read again: from now on as bytes',
				data: { table },
			});
		};
		const reader: Reader = {
			distrustText,
			asBytes: transaction.takesBytes || connection.distrustsText,
			share,
			kind: connection.kind,
			encoding: pragmas.encoding,
			// SQLite's own conversions of malformed UTF-16 are not exact.
			encodesRows: canEncode && pragmas.encoding === 'UTF-8',
			tally: { exactRows: 0 },
			query: (sql, doing) => line.query(sql, doing),
			queryAll: (sqls, doing) => line.queryAll(sqls, doing),
		};

		async function* count() {
			for (const { name } of tables) {
				const [row] = await line.query(`SELECT count(*) FROM ${ident(name)}`, `counting table ${JSON.stringify(name)}`);
				yield { name, rows: Number(row?.[0]) };
			}
		}
		async function* read(only?: ReadonlySet<string>): AsyncGenerator<ReadEvent> {
			const wanted = tables.filter(({ name }) => only?.has(name) ?? true);
			const raw = pages && new RawTables(reader, pages, wanted);
			const first = new FirstPages(reader, raw ? wanted.filter(({ storage }) => storage === null) : wanted);
			try {
				for (const table of wanted) {
					const { name, columns, rowid } = table;
					yield { kind: 'open', table: { name, columns, rowid } };
					const rest = raw ? yield* raw.read(table) : START;
					if (rest !== null) yield* readTable(reader, table, rest === START ? await first.of(table) : null, rest);
					yield { kind: 'close' };
				}
			} finally {
				await raw?.close();
			}
		}
		return {
			pragmas,
			diskBytes: diskBytes === null ? null : Number(diskBytes),
			isUnfinished,
			schema,
			sameMeaning,
			tables: tables.map(({ name, columns, rowid }) => ({ name, columns, rowid })),
			count,
			read,
			reading: () => ({
				by: pages ? 'storage' : reader.encodesRows ? 'pages' : 'rows',
				exactRows: reader.tally.exactRows,
			}),
			confirm: () => line.commit(),
			close: async () => line.close(),
		};
	} catch (error) {
		line.close();
		throw error;
	}
}

/** The transaction's stream: kept alive while nobody asks, and watched for a failure meanwhile. */
class Line {
	readonly #connection: Connection;
	readonly #transaction: ReadTransaction;
	readonly #timer: NodeJS.Timeout | undefined;
	/** Each request has a mark that its answer must have too: one mistaken for another would go unnoticed into a backup. */
	readonly #marks = randomUUID();
	#asked = 0;
	#lastUse = performance.now();
	#isPinging = false;
	#isLost = false;
	#failed: unknown = null;

	constructor(connection: Connection, transaction: ReadTransaction) {
		this.#connection = connection;
		this.#transaction = transaction;
		if (connection.kind === 'remote') {
			this.#timer = setInterval(() => this.#ping(), PING_MS / 4);
			this.#timer.unref();
		}
	}

	async query(sql: string, doing: string): Promise<Row[]> {
		const [rows] = await this.queryAll([sql], doing);
		return rows as Row[];
	}

	async queryAll(sqls: readonly string[], doing: string): Promise<Row[][]> {
		return this.#use(doing, async () => {
			const mark = `${this.#marks} ${this.#asked++}`;
			const answers = await this.#transaction.batch([...sqls, { sql: 'SELECT ?', args: [mark] }]);
			if (answers.pop()?.[0]?.[0] !== mark) throw new NotOfProtocol('it is the answer to another request');
			return answers;
		});
	}

	async #use<T>(doing: string, work: () => Promise<T>): Promise<T> {
		if (this.#failed !== null) throw this.#failed;
		// A local query answers at once, in a microtask: without a turn of the event loop between queries, no timer
		// fires, no signal is seen, and the pages already read are not given back.
		if (this.#connection.kind === 'file') await nextTurn();
		this.#connection.signal?.throwIfAborted();
		this.#lastUse = performance.now();
		try {
			return await work();
		} catch (error) {
			throw this.#noted(databaseError(error, doing, this.#connection.signal));
		} finally {
			this.#lastUse = performance.now();
		}
	}

	/** Notes that the snapshot was lost, once, or that a page took too long, after which pages are to be smaller. */
	#noted(failure: unknown): unknown {
		const isSlow = failure instanceof LifeboatError && failure.cause instanceof TimeLimitError;
		if (!this.#isLost && (isSlow || hasCode(failure, 'DATABASE_LOST'))) {
			this.#isLost = true;
			this.#connection.lostSnapshots++;
		}
		return failure;
	}

	/** Only a transaction that is still open can be committed: success proves that all reads saw one snapshot. */
	async commit(): Promise<void> {
		if (this.#failed !== null) throw this.#failed;
		// What was read at once was not asked on the way.
		this.#connection.signal?.throwIfAborted();
		clearInterval(this.#timer);
		try {
			await this.#transaction.commit();
		} catch (error) {
			const failure = this.#noted(databaseError(error, 'ending the snapshot', this.#connection.signal));
			if (!isRefusal(failure)) throw failure;
			throw new LifeboatError('DATABASE_LOST', 'the read transaction ended before the dump was done', {
				hint: 'try again',
				cause: error,
			});
		}
	}

	close(): void {
		clearInterval(this.#timer);
		this.#transaction.close();
	}

	/** Also while answers are on a slow wire, with which the server was done long ago. */
	#ping(): void {
		if (this.#isPinging || this.#failed !== null || performance.now() - this.#lastUse < PING_MS) return;
		this.#isPinging = true;
		this.query('SELECT 1', 'keeping the connection alive')
			.catch((error) => {
				this.#failed = error;
			})
			.finally(() => {
				this.#isPinging = false;
			});
	}
}
