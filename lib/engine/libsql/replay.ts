import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transaction } from '@libsql/client';
import { LifeboatError } from '../../core/errors';
import { type Connection, connect } from './connect';
import { databaseError } from './errors';
import { replayStep } from './replay-statement';
import { type Statement, StatementSplitter } from './sql-statements';

/** Statements go to the database together until they have so many characters. */
const BATCH_CHARS = 4 * 1024;
/** The longest statement: one value of about 64 MB as hex. */
const MOST_CHARS = 128 * 1024 * 1024;
/** The most tokens of a statement, which are held: an INSERT of some hundred thousand rows. */
const MOST_TOKENS = 2_000_000;
/** What a script is not to blame for. */
const NOT_ITS_FAULT = /^SQLITE_(FULL|IOERR|NOMEM|BUSY|LOCKED|READONLY|CANTOPEN)/;

interface Run {
	readonly sql: string;
	readonly line: number;
}

export interface ReplayOptions {
	/** Functions and modules that may be used though they are not known to be harmless, in lower case. */
	readonly allowFunctions: ReadonlySet<string>;
	readonly signal?: AbortSignal;
}

/**
 * Replays an SQL script, such as `sqlite3 .dump` writes, into a new database file, in one transaction with foreign keys
 * off. Holds a statement and a batch of them.
 *
 * @param path of the file, which is made; what is in it after a failure is of no use
 * @throws LifeboatError `BACKUP_DAMAGED` with the line, for a statement that the database refuses and a script that was
 *   cut off or ends in ROLLBACK; `SCRIPT_REFUSED` and `FUNCTIONS_REFUSED` with the line, for a statement that is
 *   not to be run
 */
export async function replayScript(path: string, script: AsyncIterable<Buffer>, options: ReplayOptions): Promise<void> {
	const connection = await connect({ kind: 'file', path }, { ...options, create: true, scratch: true });
	const replay = new Replay(connection, options.allowFunctions);
	try {
		const splitter = new StatementSplitter(MOST_TOKENS);
		let isFirst = true;
		for await (const chunk of script) {
			const text = chunk.toString('latin1');
			for (const statement of splitter.push(isFirst ? withoutMark(text) : text)) await replay.take(statement);
			isFirst = false;
			if (splitter.held > MOST_CHARS) throw refused(replay.line, `a statement is longer than ${MOST_CHARS} bytes`);
			if (splitter.tokenCount > MOST_TOKENS) throw tooManyTokens(replay.line);
		}
		for (const statement of splitter.finish()) await replay.take(statement);
		await replay.finish();
	} finally {
		replay.close();
		connection.close();
	}
}

class Replay {
	readonly #connection: Connection;
	#transaction: Transaction | null = null;
	/** Whether the script has begun a transaction and not ended it, and at which line. */
	#begun: number | null = null;
	#batch: Run[] = [];
	#chars = 0;
	/** The line that has made the schema writable, until a virtual table shows what for. */
	#writable: number | null = null;
	/** Of the statement taken last. */
	line = 1;

	constructor(
		connection: Connection,
		readonly allowed: ReadonlySet<string>,
	) {
		this.#connection = connection;
	}

	async take(statement: Statement): Promise<void> {
		this.line = statement.line;
		if (statement.tokenCount > MOST_TOKENS) throw tooManyTokens(this.line);
		const step = replayStep(statement, this.allowed);
		switch (step.kind) {
			case 'begin':
				if (this.#begun !== null) throw damaged(this.line, 'a transaction begins within another');
				this.#begun = this.line;
				return;
			case 'commit':
				this.#begun = null;
				return;
			case 'rollback':
				throw damaged(this.line, 'the script takes itself back: whoever wrote it had met errors');
			case 'refuse':
				throw step.refusal.kind === 'statement'
					? refused(this.line, step.refusal.reason)
					: functionsRefused(this.line, step.refusal.functions);
			case 'encoding':
				if (this.#transaction === null) await this.#setEncoding(step.sql);
				return;
			case 'sequence':
				await this.#makeSequence();
				await this.#add(step.sql);
				return;
			case 'writable':
				if (step.isOn) this.#writable ??= this.line;
				await this.#add(step.sql);
				return;
			case 'virtual':
				this.#writable = null;
				await this.#add(step.sql);
				return;
			case 'run':
				await this.#add(step.sql);
		}
	}

	async finish(): Promise<void> {
		if (this.#writable !== null)
			throw refused(this.#writable, 'it makes the schema writable, which only a virtual table after it needs');
		await this.#flush();
		if (this.#begun !== null)
			throw damaged(this.line, `the script was cut off: the transaction of line ${this.#begun} has no COMMIT`);
		if (this.#transaction === null) throw damaged(this.line, 'there is nothing in it that makes or fills a table');
		await this.#transaction.commit();
	}

	close(): void {
		this.#transaction?.close();
	}

	async #add(sql: string): Promise<void> {
		this.#batch.push({ sql, line: this.line });
		this.#chars += sql.length;
		if (this.#chars >= BATCH_CHARS) await this.#flush();
	}

	async #flush(): Promise<void> {
		const batch = this.#batch;
		this.#batch = [];
		this.#chars = 0;
		if (batch.length === 0) return;
		// The driver answers in a microtask: without a turn of the event loop no signal would be seen.
		await nextTurn();
		this.#connection.signal?.throwIfAborted();
		const transaction = await this.#open();
		try {
			// SQLite keeps the SQL of an index with the blanks up to its semicolon.
			await transaction.executeMultiple(
				`SAVEPOINT replay;\n${batch.map(({ sql }) => `${sql};\n`).join('')}RELEASE replay;`,
			);
		} catch (error) {
			throw await this.#blame(transaction, batch, error);
		}
	}

	/** Runs a batch that has failed once more, statement by statement, to find the one that fails. */
	async #blame(transaction: Transaction, batch: readonly Run[], error: unknown): Promise<unknown> {
		let line = batch[0]?.line ?? 1;
		let failure = error;
		try {
			await transaction.execute('ROLLBACK TO replay');
			for (const run of batch) {
				line = run.line;
				await transaction.execute(run.sql);
			}
		} catch (again) {
			// A statement may have rolled all of it back: then the first failure tells more.
			if ((again as { code?: unknown }).code !== 'TRANSACTION_CLOSED') failure = again;
		}
		const code = String((failure as { code?: unknown }).code);
		if (NOT_ITS_FAULT.test(code)) return databaseError(failure, 'replaying the script', this.#connection.signal);
		return damaged(line, (failure as Error).message, failure);
	}

	/** Foreign keys can be put off only outside of a transaction. */
	async #open(): Promise<Transaction> {
		if (this.#transaction !== null) return this.#transaction;
		for (const pragma of ['foreign_keys = OFF', 'temp_store = FILE', 'journal_mode = MEMORY', 'synchronous = OFF'])
			await this.#connection.query(`PRAGMA ${pragma}`);
		this.#transaction = await this.#connection.beginWrite();
		return this.#transaction;
	}

	/** The encoding is fixed by whatever a connection has looked at before. */
	async #setEncoding(sql: string): Promise<void> {
		await this.#connection.reconnect();
		await this.#connection.query(sql);
	}

	/** It is there only once a table with AUTOINCREMENT has been. */
	async #makeSequence(): Promise<void> {
		await this.#flush();
		const transaction = await this.#open();
		const { rows } = await transaction.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'");
		if (rows.length > 0) return;
		await transaction.executeMultiple(
			'CREATE TABLE "lifeboat makes sqlite_sequence"(id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE "lifeboat makes sqlite_sequence"',
		);
	}
}

/** Without the mark that some editors put before UTF-8. */
function withoutMark(text: string): string {
	return text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text;
}

function damaged(line: number, what: string, cause?: unknown): LifeboatError {
	return new LifeboatError('BACKUP_DAMAGED', `line ${line} of the script: ${what}`, {
		hint: 'nothing was written into the target; make the dump anew',
		data: { line },
		cause,
	});
}

function tooManyTokens(line: number): LifeboatError {
	return refused(line, `a statement has more than ${MOST_TOKENS} words and marks`);
}

function refused(line: number, what: string): LifeboatError {
	return new LifeboatError('SCRIPT_REFUSED', `line ${line} of the script is not run: ${what}`, {
		hint: 'nothing was written into the target; take the statement out if the rest is what you want',
		data: { line },
	});
}

function functionsRefused(line: number, functions: readonly string[]): LifeboatError {
	const names = functions.slice(0, MOST_SHOWN);
	const shown = names.map((name) => JSON.stringify(name)).join(', ');
	return new LifeboatError('FUNCTIONS_REFUSED', `line ${line} of the script is not run: it uses ${shown}`, {
		hint: `nothing was written into the target; if you know that it is meant, --allow-functions ${names.join(',')}`,
		data: { line, functions: names },
	});
}

const MOST_SHOWN = 10;
