import { encodingMismatch } from '../../format/encoding-mismatch';
import type { SchemaObject, TableOpen } from '../../format/records';
import type {
	Refusal,
	RestoreHeader,
	RestoreMark,
	RestorePoint,
	RowFacts,
	Target,
	TargetRows,
	TargetState,
} from '../engine';
import type { Connection } from './connect';
import { type DeclaredColumns, misfits, readDeclared } from './declared';
import { mergeSequence } from './insert';
import { inspectTarget } from './inspect-target';
import { makeLate, makeSequence, makeStatistics, makeTables, setPragmas } from './make-schema';
import { PendingRows } from './pending-rows';
import { insertsPages } from './probe';
import { restoreDefinitions } from './relax';
import { Relaxing } from './relaxing';
import { Progress } from './restore-mark';
import { review } from './review';
import type { NamedStatement } from './run-named';
import { ident } from './sql';
import { StagedRows } from './staged-rows';
import { brokenTables, encodingOf, foreignKeyViolations, hasObject } from './target-checks';
import { readTriggers } from './triggers';
import { writeSettings } from './write-settings';

type Schema = readonly Omit<SchemaObject, 'kind'>[];
type Table = Omit<TableOpen, 'kind'>;

const SEQUENCE = 'sqlite_sequence';

/** The writing side of `connection`; see `Target`. */
export function openTarget(connection: Connection): Target {
	return new LibsqlTarget(connection);
}

class LibsqlTarget implements Target {
	readonly #connection: Connection;
	#mode: 'new' | 'adopted' = 'new';
	#header: RestoreHeader = { encoding: 'UTF-8', userVersion: 0, applicationId: 0 };
	#schema = new Map<string, Schema[number]>();
	#objects: Schema = [];
	/** What stood there at the beginning. */
	#found: Schema = [];
	#declared: DeclaredColumns = new Map();
	#progress: Progress | null = null;
	/** The database takes pages of rows apart itself. */
	#byPage = true;
	#staged: StagedRows | null = null;
	#rows: PendingRows | null = null;
	#table: Table | null = null;
	/** Rows of the open table that are in, or held. */
	#before = 0;
	readonly #relaxing: Relaxing;
	readonly #filled: string[] = [];

	constructor(connection: Connection) {
		this.#connection = connection;
		this.#relaxing = new Relaxing(connection);
	}

	async inspect(): Promise<TargetState> {
		const state = await inspectTarget(this.#connection);
		this.#found = state.objects;
		this.#declared = await readDeclared(this.#connection, state.encoding);
		return state;
	}

	review(mode: 'create' | 'adopt', schema: Schema, rows: readonly RowFacts[]) {
		const { kind } = this.#connection;
		return review({ kind, mode, schema, rows, objects: this.#found, declared: this.#declared });
	}

	async create(header: RestoreHeader, schema: Schema, mark: RestoreMark | null): Promise<RestorePoint> {
		this.#header = header;
		this.#objects = schema;
		this.#schema = new Map(schema.filter(({ type }) => type === 'table').map((table) => [table.name, table]));
		// The encoding is fixed by whatever a connection has looked at before.
		if (header.encoding !== 'UTF-8') {
			await this.#connection.reconnect();
			await this.#connection.query(`PRAGMA encoding = '${header.encoding}'`);
		}
		const mismatch = encodingMismatch(await encodingOf(this.#connection), header.encoding);
		if (mismatch) throw mismatch;
		for (const pragma of writeSettings(this.#connection, schema.length))
			await this.#connection.query(`PRAGMA ${pragma}`);
		const progress = await this.#start(mark);
		await this.#refuse(await makeTables(this.#connection, schema));
		this.#declared = await readDeclared(this.#connection, header.encoding);
		return progress.state.point;
	}

	async adopt(schema: Schema, mark: RestoreMark | null): Promise<RestorePoint> {
		this.#mode = 'adopted';
		this.#schema = new Map(schema.filter(({ type }) => type === 'table').map((table) => [table.name, table]));
		this.#header = { ...this.#header, encoding: await encodingOf(this.#connection) };
		const progress = await this.#start(mark);
		const triggers = await readTriggers(this.#connection);
		const drops = triggers.map(({ name }) => ({ name, statement: `DROP TRIGGER ${ident(name)}` }));
		const present = new Set(triggers.map(({ name }) => name));
		const before = progress.state.aside.filter(({ name }) => !present.has(name));
		await progress.run(drops, 'putting aside', { aside: [...before, ...triggers] });
		return progress.state.point;
	}

	async open(table: Table, done: number | 'all'): Promise<boolean> {
		if (this.#refused.has(`table ${table.name}`)) return false;
		const isOrdinary = !table.name.startsWith('sqlite_');
		if (isOrdinary) this.#filled.push(table.name);
		if (done === 'all') return false;
		this.#table = table;
		this.#before = done;
		const { role } = this.#schema.get(table.name) ?? {};
		if (isOrdinary) {
			// Making a virtual table, or an index of vectors, has left rows there.
			const isOwn = role === 'shadow' || (role === 'vector' && this.#mode === 'adopted');
			if (isOwn && done === 0) {
				await this.#pending.flush();
				await this.#empty(table.name);
			}
			return true;
		}
		await this.#pending.flush();
		if (table.name === SEQUENCE && !this.#ownsSequence) return hasObject(this.#connection, SEQUENCE);
		if (this.#mode === 'adopted') return false;
		if (done > 0) return true;
		if (table.name === SEQUENCE) await makeSequence(this.#connection);
		else {
			const refusal = await makeStatistics(this.#connection, table.name);
			if (refusal) {
				await this.#refuse([refusal]);
				return false;
			}
		}
		await this.#empty(table.name);
		return true;
	}

	async insert(rows: TargetRows): Promise<void> {
		if (!this.#table) throw new TypeError('no table is open');
		const before = this.#before;
		this.#before += rows.rows;
		if (this.#table.name === SEQUENCE && !this.#ownsSequence)
			return this.#working.run(mergeSequence(rows.bytes, this.#filled), 'filling');
		const { name } = this.#table;
		const strict = this.#relaxing.unrelaxed(name, misfits(this.#declared, this.#table, rows.traits.kinds));
		if (strict.length > 0) {
			await this.#pending.flush();
			await this.#relaxing.forValues({ name, sql: this.#schema.get(name)?.sql ?? null }, strict);
		}
		await this.#pending.add(this.#table, rows, before);
	}

	async finish(): Promise<readonly Refusal[]> {
		await this.#pending.flush();
		// What it holds would be held while the target is read again.
		this.#rows = null;
		await this.#staged?.close();
		if (this.#mode === 'adopted') await this.abandon();
		else {
			const tables = this.#objects.filter(({ type, role }) => type === 'table' && role === 'table');
			await restoreDefinitions(this.#connection, tables as (Schema[number] & { sql: string })[]);
			await this.#refuse(await makeLate(this.#connection, this.#objects, this.#refused));
			await this.#refuse(await setPragmas(this.#connection, this.#header));
		}
		return this.#working.state.refusals;
	}

	async abandon(): Promise<void> {
		await this.#rows?.settle();
		this.#staged?.release();
		const aside = this.#progress?.state.aside ?? [];
		if (aside.length > 0) await this.#working.run(aside, 'putting back', { aside: [] });
	}

	async seal(): Promise<void> {
		await this.#working.remove();
	}

	brokenTables(): Promise<Refusal[]> {
		const tables = this.#objects.filter(({ type }) => type === 'table');
		return brokenTables(
			this.#connection,
			tables.map(({ name }) => name),
		);
	}

	foreignKeyViolations(): Promise<{ table: string; rows: number }[] | null> {
		return foreignKeyViolations(this.#connection);
	}

	/** Claims that all sequences are those of the backup: not in an adopted database, nor in a part of a backup. */
	get #ownsSequence(): boolean {
		return this.#mode === 'new' && this.#schema.has(SEQUENCE);
	}

	get #working(): Progress {
		if (!this.#progress) throw new TypeError('neither created nor adopted');
		return this.#progress;
	}

	get #pending(): PendingRows {
		this.#rows ??= new PendingRows(
			this.#header.encoding,
			(statements, point) => this.#write(statements, point),
			this.#byPage,
			this.#staged,
		);
		return this.#rows;
	}

	async #start(mark: RestoreMark | null): Promise<Progress> {
		this.#byPage = await insertsPages(this.#connection);
		this.#staged = this.#byPage ? await StagedRows.open(this.#connection, this.#header.encoding) : null;
		this.#progress = await Progress.start(this.#connection, mark);
		return this.#progress;
	}

	async #write(statements: readonly NamedStatement[], point: RestorePoint): Promise<void> {
		if (this.#mode === 'adopted') return this.#working.run(statements, 'filling', { point });
		// Rows may break their table's CHECKs, and nothing that a backup says is to be run.
		const checks = (off: number) => ({ name: '', statement: `PRAGMA ignore_check_constraints = ${off}` });
		const isFile = this.#connection.kind === 'file';
		try {
			await this.#working.run(isFile ? [checks(1), ...statements, checks(0)] : statements, 'filling', { point });
		} catch (error) {
			if (!(await this.#relaxing.forFailure(error, this.#schema))) throw error;
			await this.#write(statements, point);
		}
	}

	get #refused(): Set<string> {
		return new Set(this.#working.state.refusals.map(({ type, object }) => `${type} ${object}`));
	}

	async #refuse(refusals: readonly Refusal[]): Promise<void> {
		const fresh = refusals.filter(({ type, object }) => !this.#refused.has(`${type} ${object}`));
		if (fresh.length === 0) return;
		await this.#working.run([], 'noting', { refusals: [...this.#working.state.refusals, ...fresh] });
	}

	/** What making it, or the inserts so far, have left there. */
	async #empty(name: string): Promise<void> {
		await this.#working.run([{ name, statement: `DELETE FROM ${ident(name)}` }], 'emptying');
	}
}
