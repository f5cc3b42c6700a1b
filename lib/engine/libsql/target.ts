import { LifeboatError } from '../../core/errors';
import type { SchemaObject, TableOpen } from '../../format/records';
import type { Refusal, RestoreHeader, Target, TargetRows, TargetState } from '../engine';
import type { Connection } from './connect';
import { mergeSequence } from './insert';
import { PendingRows } from './pending-rows';
import { insertsPages } from './probe';
import { isRefusal, type NamedStatement, runEach, runNamed, runTogether } from './run-named';
import { openSnapshot } from './snapshot';
import { ident } from './sql';

type Schema = readonly Omit<SchemaObject, 'kind'>[];
type Table = Omit<TableOpen, 'kind'>;

const SEQUENCE = 'sqlite_sequence';
/** Tables asked about in one query. */
const TABLES_A_QUERY = 50;

/** The writing side of `connection`; see `Target`. */
export function openTarget(connection: Connection): Target {
	return new LibsqlTarget(connection);
}

class LibsqlTarget implements Target {
	readonly #connection: Connection;
	#mode: 'new' | 'adopted' = 'new';
	#header: RestoreHeader = { encoding: 'UTF-8', userVersion: 0, applicationId: 0 };
	#schema: Schema = [];
	#aside: NamedStatement[] = [];
	#rows: PendingRows | null = null;
	#table: Table | null = null;
	readonly #filled: string[] = [];
	readonly #refusals: Refusal[] = [];

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	async inspect(): Promise<TargetState> {
		const snapshot = await openSnapshot(this.#connection);
		await snapshot.close();
		const tables: TargetState['tables'][number][] = [];
		for (let at = 0; at < snapshot.tables.length; at += TABLES_A_QUERY) {
			const some = snapshot.tables.slice(at, at + TABLES_A_QUERY);
			const sql = `SELECT ${some.map(({ name }) => `EXISTS(SELECT 1 FROM ${ident(name)})`).join(', ')}`;
			const [row] = await this.#connection.query(sql, [], 'looking whether the tables are empty');
			tables.push(...some.map((table, nth) => ({ ...table, empty: Number(row?.[nth]) === 0 })));
		}
		return { encoding: snapshot.pragmas.encoding, objects: snapshot.schema, tables };
	}

	unsupported(schema: Schema): Refusal[] {
		const reasons = { virtual: 'virtual table', shadow: 'table of a virtual table', vector: 'table of a vector index' };
		return schema.flatMap(({ type, role, name, sql }) => {
			if (role === 'virtual' || role === 'shadow' || role === 'vector')
				return [{ object: name, reason: reasons[role] }];
			return type === 'index' && /libsql_vector_idx/i.test(sql ?? '') ? [{ object: name, reason: 'vector index' }] : [];
		});
	}

	async create(header: RestoreHeader, schema: Schema): Promise<void> {
		this.#header = header;
		this.#schema = schema;
		// The encoding is fixed by whatever a connection has looked at before.
		if (header.encoding !== 'UTF-8') {
			await this.#connection.reconnect();
			await this.#connection.query(`PRAGMA encoding = '${header.encoding}'`);
		}
		const encoding = await this.#encoding();
		if (encoding !== header.encoding)
			throw new LifeboatError(
				'TARGET_MISMATCH',
				`the target keeps text as ${encoding}, the backup as ${header.encoding}`,
				{
					hint: 'nothing was written; restore into a file: database that is not there yet',
					data: { encoding, wanted: header.encoding },
				},
			);
		// The driver is built to sort in memory, and an index is made by sorting its table.
		if (this.#connection.kind === 'file') await this.#connection.query('PRAGMA temp_store = FILE');
		if (this.#connection.scratch) {
			await this.#connection.query('PRAGMA journal_mode = MEMORY');
			await this.#connection.query('PRAGMA synchronous = OFF');
		}
		const tables = schema.filter(({ type, role }) => type === 'table' && role === 'table');
		await runNamed(this.#connection, tables.flatMap(creation), 'creating');
	}

	async adopt(): Promise<void> {
		this.#mode = 'adopted';
		this.#header = { ...this.#header, encoding: await this.#encoding() };
		const rows = await this.#connection.query(
			`SELECT t.name, t.sql FROM sqlite_schema t JOIN sqlite_schema o ON o.name = t.tbl_name AND o.type = 'table' WHERE t.type = 'trigger' ORDER BY t.rowid`,
		);
		const triggers = rows.map(([name, sql]) => ({ name: name as string, statement: sql as string }));
		const drops = triggers.map(({ name }) => ({ name, statement: `DROP TRIGGER ${ident(name)}` }));
		await runTogether(this.#connection, drops, 'putting aside');
		this.#aside = triggers;
	}

	async open(table: Table): Promise<boolean> {
		this.#table = table;
		this.#rows ??= new PendingRows(
			this.#header.encoding,
			(statements) => runTogether(this.#connection, statements, 'filling'),
			await insertsPages(this.#connection),
		);
		if (!table.name.startsWith('sqlite_')) {
			this.#filled.push(table.name);
			return true;
		}
		await this.#rows.flush();
		if (this.#mode === 'adopted') return table.name === SEQUENCE && (await this.#has(SEQUENCE));
		if (table.name === SEQUENCE) await this.#makeSequence();
		else if (!(await this.#makeStatistics(table.name))) return false;
		// What the inserts so far have left there.
		const statement = `DELETE FROM ${ident(table.name)}`;
		await runTogether(this.#connection, [{ name: table.name, statement }], 'emptying');
		return true;
	}

	async insert(rows: TargetRows): Promise<void> {
		if (!this.#rows || !this.#table) throw new TypeError('no table is open');
		if (this.#mode === 'adopted' && this.#table.name === SEQUENCE)
			return runTogether(this.#connection, mergeSequence(rows.bytes, this.#filled), 'filling');
		await this.#rows.add(this.#table, rows);
	}

	async finish(): Promise<readonly Refusal[]> {
		await this.#rows?.flush();
		if (this.#mode === 'adopted') {
			await this.abandon();
			return this.#refusals;
		}
		const made = (type: SchemaObject['type']) =>
			this.#schema.filter((object) => object.type === type).flatMap(creation);
		await runNamed(this.#connection, made('index'), 'creating');
		this.#refusals.push(...(await this.#makeOrRefuse([...made('view'), ...made('trigger')])));
		await this.#setPragmas();
		return this.#refusals;
	}

	async abandon(): Promise<void> {
		const aside = this.#aside;
		await runTogether(this.#connection, aside, 'putting back');
		this.#aside = [];
	}

	async foreignKeyViolations(): Promise<{ table: string; rows: number }[]> {
		const rows = await this.#connection.query(
			'SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1',
			[],
			'checking foreign keys',
		);
		return rows.map((row) => ({ table: String(row[0]), rows: Number(row[1]) }));
	}

	/** All at once; only if that fails, one by one, to find those that the database refuses. */
	async #makeOrRefuse(objects: readonly NamedStatement[]): Promise<Refusal[]> {
		try {
			await runTogether(this.#connection, objects, 'creating');
			return [];
		} catch (error) {
			if (!isRefusal(error)) throw error;
			return runEach(this.#connection, objects);
		}
	}

	async #encoding(): Promise<RestoreHeader['encoding']> {
		const [row] = await this.#connection.query('PRAGMA encoding');
		return row?.[0] as RestoreHeader['encoding'];
	}

	async #has(name: string): Promise<boolean> {
		const rows = await this.#connection.query('SELECT 1 FROM sqlite_schema WHERE name = ?', [name]);
		return rows.length > 0;
	}

	/** It comes with the first AUTOINCREMENT table, and stays when that is dropped. */
	async #makeSequence(): Promise<void> {
		if (await this.#has(SEQUENCE)) return;
		const table = ident('lifeboat makes sqlite_sequence');
		const statements = [`CREATE TABLE ${table}(id INTEGER PRIMARY KEY AUTOINCREMENT)`, `DROP TABLE ${table}`];
		await runTogether(
			this.#connection,
			statements.map((statement) => ({ name: SEQUENCE, statement })),
			'creating',
		);
	}

	/** Only ANALYZE makes `sqlite_stat1`; on one reserved name it makes it empty. */
	async #makeStatistics(name: string): Promise<boolean> {
		const refusals = await runEach(this.#connection, [{ name, statement: 'ANALYZE sqlite_schema' }]);
		if (refusals.length === 0) {
			if (await this.#has(name)) return true;
			refusals.push({ object: name, reason: 'this database keeps no such statistics' });
		}
		this.#refusals.push(...refusals);
		return false;
	}

	async #setPragmas(): Promise<void> {
		const { userVersion, applicationId } = this.#header;
		for (const [pragma, value] of [
			['user_version', userVersion],
			['application_id', applicationId],
		] as const) {
			if (value === 0) continue;
			const name = `PRAGMA ${pragma}`;
			this.#refusals.push(...(await runEach(this.#connection, [{ name, statement: `${name} = ${value}` }])));
		}
	}
}

/** Indexes that SQLite makes by itself have no SQL. */
function creation({ name, sql }: Schema[number]): NamedStatement[] {
	return sql === null ? [] : [{ name, statement: sql }];
}
