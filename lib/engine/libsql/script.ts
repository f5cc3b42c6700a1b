import { LifeboatError } from '../../core/errors';
import { checkRows } from '../../format/check-rows';
import type { DecodedEvent } from '../../format/decoder';
import type { SchemaObject, TableOpen } from '../../format/records';
import { rowLines } from '../../format/row-lines';
import { parseRow } from '../../format/values';
import type { Refusal } from '../engine';
import { scriptLiteral } from './script-literal';
import type { Misfits } from './script-misfits';
import { isNotEverywhere, type ScriptSource } from './script-notes';
import { portable, statementOf } from './script-statement';
import { ident } from './sql';
import { hasWord } from './sql-tokens';

/** An INSERT takes rows until it has about so many characters; a longer row has one by itself. */
const STATEMENT_CHARS = 100_000;
/** SQLite's limit for the columns of a VALUES list of several rows. */
const MOST_COLUMNS = 2_000;
const SEQUENCE = 'sqlite_sequence';

/**
 * A backup as an SQL script, in pieces of bounded size: for `sqlite3`, `turso db shell`, or any client that takes
 * several statements. One transaction; a row that breaks a constraint rolls all of it back, but where it was known
 * before. `user_version` and objects that some databases refuse come after it.
 *
 * @param events of a backup that has been verified
 * @param notes what the script does not carry, for its head
 * @throws LifeboatError `SCRIPT_REFUSED` for schema SQL that is not one CREATE statement
 */
export async function* writeScript(
	events: AsyncIterable<DecodedEvent>,
	source: ScriptSource,
	notes: readonly Refusal[],
): AsyncGenerator<string, void, undefined> {
	yield* head(source, notes);
	const roles = new Map(source.schema.filter(({ type }) => type === 'table').map(({ name, role }) => [name, role]));
	let insert: InsertWriter | null = null;
	for await (const event of events) {
		if (event.kind === 'table') {
			const role = roles.get(event.name);
			const isCarried = role !== 'system' || event.name === SEQUENCE;
			const misfits = source.misfits.get(event.name) ?? null;
			insert = isCarried ? new InsertWriter(event, source.header.encoding, misfits) : null;
			// What making it, and filling the others, has left there.
			if (isCarried && (role === 'shadow' || role === 'system')) yield `DELETE FROM ${nameSql(event.name)};\n`;
		} else if (event.kind === 'rows' && insert !== null) {
			for (const line of rowLines(event.bytes)) yield* insert.add(line);
		} else if (event.kind === 'end' && insert !== null) yield* insert.end();
	}
	yield* tail(source);
}

function* head({ header, schema }: ScriptSource, notes: readonly Refusal[]): Generator<string> {
	yield `-- ${JSON.stringify(header.id)}, made ${header.createdAt} from ${JSON.stringify(header.source.location)} by Lifeboat.\n`;
	yield '-- Replay it into an empty database: sqlite3 -bail new.db < this.sql, or turso db shell NAME < this.sql\n';
	if (notes.length > 0) yield '-- What this script does not carry, or not into every database:\n';
	for (const { object, reason } of notes) yield `--   ${JSON.stringify(object)}: ${oneLine(reason)}\n`;
	// By these two lines the sqlite3 shell knows a dump, into which it lets rows of virtual tables' own tables.
	yield 'PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n';
	if (header.encoding !== 'UTF-8') yield `PRAGMA encoding='${header.encoding}';\n`;
	const tables = schema.filter(({ type }) => type === 'table');
	for (const table of tables) if (table.role === 'table' || table.role === 'vector') yield* creation(table);
	for (const table of tables) if (table.role === 'virtual') yield* creation(table);
	// Most have just been made; some kinds of index make one only when it is needed.
	for (const table of tables) if (table.role === 'shadow') yield* creation(table, true);
	const hasSequence = tables.some(({ name }) => name === SEQUENCE);
	if (hasSequence && !tables.some(isAutoincrement)) {
		const table = ident('lifeboat makes sqlite_sequence');
		yield `CREATE TABLE ${table}(id INTEGER PRIMARY KEY AUTOINCREMENT);\nDROP TABLE ${table};\n`;
	}
}

function* tail({ header, schema }: ScriptSource): Generator<string> {
	const late = schema.filter(isNotEverywhere);
	for (const type of ['index', 'view', 'trigger'])
		for (const object of schema) if (object.type === type && !late.includes(object)) yield* creation(object);
	yield 'COMMIT;\n';
	if (header.userVersion !== 0) yield `PRAGMA user_version=${header.userVersion};\n`;
	for (const object of late) yield* creation(object);
}

/** Indexes that SQLite makes by itself have no SQL. */
function* creation({ name, sql }: SchemaObject, ifMissing = false): Generator<string> {
	if (sql === null) return;
	const statement = portable(statementOf(name, sql));
	if (!ifMissing) yield `${statement};\n`;
	else yield `${statement.replace(/^(CREATE\s+TABLE)/i, '$1 IF NOT EXISTS')};\n`;
}

function isAutoincrement({ role, sql }: SchemaObject): boolean {
	return role === 'table' && hasWord(sql ?? '', 'AUTOINCREMENT');
}

/** Gathers a table's rows into INSERT statements. */
class InsertWriter {
	readonly #start: string;
	readonly #isWide: boolean;
	readonly #encoding: ScriptSource['header']['encoding'];
	readonly #strict: Misfits['strict'];
	#rows: string[] = [];
	#chars = 0;

	constructor(table: TableOpen, encoding: ScriptSource['header']['encoding'], misfits: Misfits | null) {
		const columns = [...(table.rowid === null ? [] : [table.rowid]), ...table.columns.map(nameSql)];
		this.#start = `INSERT OR ${misfits?.leavesOut ? 'IGNORE' : 'ROLLBACK'} INTO ${nameSql(table.name)}(${columns.join(',')}) VALUES\n`;
		this.#isWide = columns.length > MOST_COLUMNS;
		this.#encoding = encoding;
		this.#strict = misfits?.leavesOut ? misfits.strict : null;
	}

	*add(line: string): Generator<string> {
		if (this.#strict !== null && isRefused(line, this.#strict)) return;
		const row = `(${parseRow(line)
			.map((cell) => scriptLiteral(cell, this.#encoding))
			.join(',')})`;
		if (this.#chars > 0 && (this.#isWide || this.#chars + row.length > STATEMENT_CHARS)) yield* this.end();
		this.#rows.push(row);
		this.#chars += row.length;
	}

	*end(): Generator<string> {
		if (this.#rows.length > 0) yield `${this.#start}${this.#rows.join(',\n')};\n`;
		this.#rows = [];
		this.#chars = 0;
	}
}

/** What a STRICT table refuses for its type, OR IGNORE does not pass over. */
function isRefused(line: string, strict: readonly number[]): boolean {
	const { traits } = checkRows(Buffer.from(`${line}\n`), { cells: strict.length, rowid: false });
	return strict.some((refused, nth) => (refused & (traits.kinds[nth] ?? 0)) !== 0);
}

function nameSql(name: string): string {
	if (!name.includes('\0')) return ident(name);
	throw new LifeboatError('SCRIPT_REFUSED', `a name with a NUL in it: ${JSON.stringify(name)}`, {
		hint: 'export as json or csv',
		data: { object: name },
	});
}

function oneLine(text: string): string {
	return text.replace(/[\r\n]+/g, ' ');
}
