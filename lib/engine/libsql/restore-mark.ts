import { LifeboatError } from '../../core/errors';
import type { Refusal, RestoreMark, RestorePoint } from '../engine';
import type { Connection } from './connect';
import { type NamedStatement, runTogether } from './run-named';
import { ident } from './sql';

/** The table that stands in a target until its restore is proven: by it a restore that stopped is known, and goes on. */
export const MARK_TABLE = '_lifeboat_restore';

/** What has been done so far. */
export interface RestoreState {
	readonly point: RestorePoint;
	readonly refusals: readonly Refusal[];
	/** Triggers put aside, to be made again. */
	readonly aside: readonly { readonly name: string; readonly statement: string }[];
}

const MARK = ident(MARK_TABLE);
const START: RestoreState = { point: { table: null, rows: 0 }, refusals: [], aside: [] };

/** Reads the mark of a target; null if it has none. */
export async function readMark(connection: Connection): Promise<RestoreMark | null> {
	const found = await connection.query('SELECT 1 FROM sqlite_schema WHERE name = ?', [MARK_TABLE]);
	if (found.length === 0) return null;
	const [row] = await connection.query(`SELECT mark FROM ${MARK}`);
	return row ? (JSON.parse(row[0] as string) as RestoreMark) : { key: '', title: 'one that had hardly begun' };
}

/**
 * The mark of one restore in its target. Each step is written in the transaction of the work that it tells of, so the
 * two are never apart; and a second writer, which does not know of the last step, fails.
 */
export class Progress {
	#step = 0;
	#state = START;

	private constructor(
		readonly connection: Connection,
		readonly mark: RestoreMark | null,
	) {}

	/** Goes on from what the target's mark says, or sets a new one. With `mark` null, keeps no mark. */
	static async start(connection: Connection, mark: RestoreMark | null): Promise<Progress> {
		const progress = new Progress(connection, mark);
		if (mark === null) return progress;
		if ((await readMark(connection)) === null) await progress.#create();
		else {
			await progress.#read();
			// Whoever was at it before stops at its next step.
			await progress.run([], 'going on');
		}
		return progress;
	}

	get state(): RestoreState {
		return this.#state;
	}

	/** Runs `statements` as one transaction, after which `change` is so. Throws `LEASE_HELD` if another has gone on. */
	async run(statements: readonly NamedStatement[], doing: string, change: Partial<RestoreState> = {}): Promise<void> {
		const state = { ...this.#state, ...change };
		const step = { name: MARK_TABLE, statement: this.#write(state) };
		try {
			await runTogether(this.connection, this.mark === null ? statements : [...statements, step], doing);
		} catch (error) {
			throw isOvertaken(error) ? overtaken(error) : error;
		}
		this.#state = state;
		this.#step++;
	}

	/** Takes the mark away: the restore is done. May be called again when it is not known whether it has been. */
	async remove(): Promise<void> {
		if (this.mark !== null)
			await runTogether(this.connection, [{ name: MARK_TABLE, statement: `DROP TABLE IF EXISTS ${MARK}` }], 'removing');
	}

	async #create(): Promise<void> {
		const statements = [
			`CREATE TABLE ${MARK}(mark TEXT NOT NULL, step INTEGER NOT NULL, state TEXT NOT NULL)`,
			{
				sql: `INSERT INTO ${MARK} VALUES (?, 0, ?)`,
				args: [JSON.stringify(this.mark), JSON.stringify(this.#state)],
			},
		];
		await runTogether(
			this.connection,
			statements.map((statement) => ({ name: MARK_TABLE, statement })),
			'marking',
		);
	}

	async #read(): Promise<void> {
		const [row] = await this.connection.query(`SELECT step, state FROM ${MARK}`);
		this.#step = Number(row?.[0]);
		this.#state = JSON.parse(row?.[1] as string) as RestoreState;
	}

	#write(state: RestoreState): NamedStatement['statement'] {
		// NULL, which the column refuses, if another restore has gone on meanwhile.
		return {
			sql: `UPDATE ${MARK} SET step = CASE step WHEN ?1 THEN ?1 + 1 END, state = ?2`,
			args: [BigInt(this.#step), JSON.stringify(state)],
		};
	}
}

function isOvertaken(error: unknown): error is LifeboatError {
	return (
		error instanceof LifeboatError &&
		error.data.object === MARK_TABLE &&
		/NOT NULL constraint failed: [^ ]+\.step\b/.test(error.message)
	);
}

function overtaken(cause: LifeboatError): LifeboatError {
	return new LifeboatError('LEASE_HELD', 'another restore is at work on the target', {
		hint: 'leave it to that one',
		data: { object: MARK_TABLE },
		cause,
	});
}
