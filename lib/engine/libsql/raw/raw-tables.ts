import { LifeboatError } from '../../../core/errors';
import { oneAhead } from '../../../core/one-ahead';
import type { ReadEvent } from '../../engine';
import { type Position, START } from '../position';
import { readLongRow } from '../read-long';
import type { Reader } from '../reader';
import type { TableShape } from '../schema';
import { LeafRows, STOP } from './leaf-rows';
import { type LoadedLeaves, withOverflow } from './overflow';
import type { PageSource } from './page-source';
import { Unfit } from './unfit';
import { Walk } from './walk';

/**
 * Reads rows from the pages of the database file as they lie there: no SQL takes them apart, which costs a server, and
 * a local database, more time than all the rest of a backup.
 */
export class RawTables {
	readonly #places: ReadonlyMap<TableShape, number>;
	readonly #walk: Walk;
	readonly #loaded: AsyncIterator<LoadedLeaves>;
	readonly #rows: LeafRows;
	#batch: LoadedLeaves = { leaves: [], overflow: new Map() };
	/** The place in the batch. */
	#next = 0;
	#isBroken = false;

	/** @param tables in the order in which they will be read */
	constructor(
		readonly reader: Reader,
		readonly source: PageSource,
		tables: readonly TableShape[],
	) {
		const raw = tables.filter(({ storage }) => storage !== null);
		this.#rows = new LeafRows(source.usableBytes);
		this.#places = new Map(raw.map((table, nth) => [table, nth]));
		this.#walk = new Walk(
			source,
			raw.map(({ storage }) => storage?.root ?? 0),
		);
		const loaded = withOverflow(source, this.#walk.leaves());
		// A local database answers at once, and would only be asked earlier.
		this.#loaded = reader.kind === 'remote' ? oneAhead(loaded) : loaded;
	}

	/**
	 * Reads a table. Yields `rows` and `omit` events in the table's order.
	 *
	 * @returns null at the table's end; else where it has to be gone on from in another way
	 * @throws LifeboatError `DATABASE_FAILED` for a damaged table, of which no place can be told
	 */
	async *read(table: TableShape): AsyncGenerator<ReadEvent, Position | null> {
		const tree = this.#places.get(table);
		if (tree === undefined || this.#isBroken) return START;
		const lines = this.#rows;
		lines.open(table);
		let taken = 0;
		const take = (): ReadEvent => {
			taken += lines.rows;
			return { kind: 'rows', ...lines.take() };
		};
		const at = (): Position => ({
			offset: taken + lines.rows,
			key: lines.last === null || table.paging.by !== 'rowid' ? null : [{ type: 'integer', value: lines.last }],
		});
		try {
			for (let leaf = await this.#leaf(tree); leaf !== null; leaf = await this.#leaf(tree)) {
				lines.leaf(leaf);
				for (let stop = lines.write(); stop !== STOP.end; stop = lines.write()) {
					if (stop === STOP.full) yield take();
					else if (stop === STOP.apart) lines.writeApart(this.#batch.overflow);
					else if (stop === STOP.long) {
						if (lines.rows > 0) yield take();
						const next = yield* readLongRow(this.reader, table, at());
						const [found] = next?.key ?? [];
						const isSame = found?.type === 'integer' && found.value === lines.rowid;
						if (next === null || (table.paging.by === 'rowid' && !isSame)) throw disorder(table.name, lines.rowid);
						lines.pass();
						taken++;
					} else if (stop === STOP.disorder) throw disorder(table.name, lines.rowid);
					else throw new Unfit('a row that cannot be');
				}
			}
			if (lines.rows > 0) yield take();
			return null;
		} catch (error) {
			if (!(error instanceof Unfit)) throw error;
			this.#walk.skip(tree);
			if (lines.rows > 0) yield take();
			return at();
		}
	}

	/** Ends what is under way. */
	async close(): Promise<void> {
		await this.#loaded.return?.();
	}

	/** The tree's next leaf; null at its end. */
	async #leaf(tree: number): Promise<Buffer | null> {
		for (;;) {
			const leaf = this.#batch.leaves[this.#next];
			if (leaf === undefined) {
				if (!(await this.#load())) return null;
				continue;
			}
			if (leaf.tree > tree) return null;
			this.#next++;
			// What is left of a tree that was skipped.
			if (leaf.tree === tree) return leaf.page;
		}
	}

	async #load(): Promise<boolean> {
		try {
			const { done, value } = await this.#loaded.next();
			if (done) return false;
			this.#batch = value;
			this.#next = 0;
			return true;
		} catch (error) {
			// No telling which of the trees it was: none that is left is read in this way.
			if (error instanceof Unfit) this.#isBroken = true;
			throw error;
		}
	}
}

function disorder(table: string, rowid: bigint): LifeboatError {
	return new LifeboatError(
		'DATABASE_FAILED',
		`table ${JSON.stringify(table)} is damaged: its rows are not in order at rowid ${rowid}`,
		{ hint: 'PRAGMA integrity_check tells more', data: { table } },
	);
}
