import { LifeboatError } from '../../core/errors';
import type { SchemaObject } from '../../format/records';
import type { Connection } from './connect';
import { constrainedColumns, type Obstacle, relaxColumns } from './relax';

type Table = Pick<SchemaObject, 'name' | 'sql'>;

/** Relaxes the columns of tables as their rows ask for it: each column once for its constraints, once for values. */
export class Relaxing {
	readonly #connection: Connection;
	readonly #done = { constraint: new Map<string, Set<string>>(), value: new Map<string, Set<string>>() };

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	/** Those of `columns` that have not been relaxed for values. */
	unrelaxed(table: string, columns: readonly string[]): string[] {
		return this.#strict(table, columns, 'value');
	}

	/** Has `columns` take values that their types would convert. */
	forValues(table: Table, columns: readonly string[]): Promise<void> {
		return this.#relax(table, columns, 'value');
	}

	/** Sets aside the constraints of the table that a batch has failed for; false if that is not why, or was done. */
	async forFailure(error: unknown, tables: ReadonlyMap<string, Table>): Promise<boolean> {
		const name = constraintFailedIn(error);
		const table = name === null ? undefined : tables.get(name);
		if (!table?.sql) return false;
		const columns = this.#strict(table.name, constrainedColumns(table.sql), 'constraint');
		if (columns.length > 0) await this.#relax(table, columns, 'constraint');
		return columns.length > 0;
	}

	#strict(table: string, columns: readonly string[], obstacle: Obstacle): string[] {
		const done = this.#done[obstacle].get(table);
		return columns.filter((column) => !done?.has(column));
	}

	async #relax({ name, sql }: Table, columns: readonly string[], obstacle: Obstacle): Promise<void> {
		const done = this.#done[obstacle];
		done.set(name, new Set([...(done.get(name) ?? []), ...columns]));
		if (sql) await relaxColumns(this.#connection, { name, sql }, columns, obstacle);
	}
}

/** The table one of whose constraints has refused a batch; null for any other failure. */
function constraintFailedIn(error: unknown): string | null {
	if (!(error instanceof LifeboatError) || !/(CHECK|NOT NULL) constraint failed/.test(error.message)) return null;
	return typeof error.data.object === 'string' ? error.data.object : null;
}
