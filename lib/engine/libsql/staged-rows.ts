import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { cellsOf, type Header, type TableOpen } from '../../format/records';
import type { TargetRows } from '../engine';
import type { Connection } from './connect';
import { databaseError } from './errors';
import { columnOf, ROWS_TABLE, RowPages } from './row-pages';
import { ident } from './sql';

type Table = Omit<TableOpen, 'kind'>;

/** As which the file of rows is attached. */
const NAME = ident('lifeboat rows');

/** Some of the rows that are staged, by their place among them. */
export interface RowRange {
	readonly first: number;
	readonly last: number;
}

/** Rows on their way into a `file:` database, in a file of their own from which it reads them; see {@link RowPages}. */
export class StagedRows {
	readonly #pages: RowPages;
	#isReleased = false;

	private constructor(
		readonly connection: Connection,
		readonly file: number,
	) {
		this.#pages = new RowPages((bytes, position) => this.#write(bytes, position));
	}

	/** Makes the file beside the database, and attaches it. Null where that cannot be: a server has no file here. */
	static async open(connection: Connection, encoding: Header['encoding']): Promise<StagedRows | null> {
		// What is attached has to be of the same encoding.
		if (connection.kind !== 'file' || encoding !== 'UTF-8') return null;
		const [row] = await connection.query("SELECT file FROM pragma_database_list WHERE name = 'main'");
		const path = `${row?.[0]}${newSuffix()}`;
		const file = inFile(() => openSync(path, 'wx', 0o600));
		try {
			const staged = new StagedRows(connection, file);
			staged.#pages.finish();
			await connection.query(`ATTACH ? AS ${NAME}`, [path]);
			// It is read now, before the file loses its name, with which it would be left behind by a process that is killed.
			await connection.query(`SELECT 1 FROM ${NAME}.${ROWS_TABLE}`);
			return staged;
		} catch (error) {
			closeSync(file);
			throw error;
		} finally {
			removeName(path);
		}
	}

	get isFull(): boolean {
		return this.#pages.isFull;
	}

	/** Adds rows; null where they are too long for it. */
	add(table: Table, { bytes, traits }: TargetRows): RowRange | null {
		const cells = cellsOf({ kind: 'table', ...table });
		if (!RowPages.takes(traits.longestBytes, cells)) return null;
		const first = this.#pages.rows + 1;
		this.#pages.add(bytes, cells);
		return { first, last: this.#pages.rows };
	}

	/** Makes the rows that were added readable by {@link selectRange}. */
	finish(): void {
		this.#pages.finish();
	}

	/** Forgets the rows. */
	clear(): void {
		this.#pages.clear();
	}

	/** Takes the rows from the database's connection, and gives the file up. */
	async close(): Promise<void> {
		await this.connection.query(`DETACH ${NAME}`);
		this.release();
	}

	/** Gives the file up, after a failure, with which the connection will be closed. May be called again. */
	release(): void {
		if (!this.#isReleased) closeSync(this.file);
		this.#isReleased = true;
	}

	#write(bytes: Uint8Array, position: number): void {
		for (let done = 0; done < bytes.length; )
			done += inFile(() => writeSync(this.file, bytes, done, bytes.length - done, position + done));
	}
}

/** The SELECT of the cells of a range of staged rows. */
export function selectRange({ first, last }: RowRange, cells: number): string {
	const columns = Array.from({ length: cells }, (_, nth) => columnOf(nth)).join(', ');
	return `SELECT ${columns} FROM ${NAME}.${ROWS_TABLE} WHERE rowid BETWEEN ${first} AND ${last}`;
}

/** Does something with the file, and fails as the database itself would. */
function inFile<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'SQLITE_FULL' : 'SQLITE_CANTOPEN';
		throw databaseError(Object.assign(new Error((error as Error).message), { code, cause: error }), 'staging rows');
	}
}

/** What stands behind the name of the database that the rows go into: no longer than SQLite's own `-journal`. */
function newSuffix(): string {
	return `-${randomBytes(4).toString('hex').slice(1)}`;
}

/** On Windows a file that is open keeps its name; it is then left to whoever clears the folder. */
function removeName(path: string): void {
	try {
		rmSync(path, { force: true });
	} catch {
		// The rows in it are staged all the same.
	}
}
