import { createHash } from 'node:crypto';
import { foldCase } from '../core/fold-case';
import { FormatError } from './format-error';
import {
	type ControlRecord,
	MAX_CONTROLS_BYTES,
	MAX_OMISSION_LINES,
	type SchemaObject,
	type TableClose,
	type TableOpen,
	type Trailer,
} from './records';

type State = 'header' | 'schema' | 'rows' | 'omissions' | 'tables' | 'done';

/** After which lines each kind may come. */
const STEPS: Record<ControlRecord['kind'], { readonly from: readonly State[]; readonly to: State }> = {
	header: { from: ['header'], to: 'schema' },
	schema: { from: ['schema'], to: 'schema' },
	table: { from: ['schema', 'tables'], to: 'rows' },
	omitted: { from: ['rows', 'omissions'], to: 'omissions' },
	end: { from: ['rows', 'omissions'], to: 'tables' },
	trailer: { from: ['schema', 'tables'], to: 'done' },
};

/** A table whose section is open. */
interface Section {
	readonly table: TableOpen;
	readonly digest: ReturnType<typeof createHash>;
	rows: number;
	bytes: number;
	/** Its `omitted` lines. */
	omissions: number;
}

/**
 * In which order the lines of a file come, and what they must say of one another: the one state machine of encoder
 * and decoder. Every method throws `FormatError` at what the format does not allow.
 */
export class FileOrder {
	#state: State = 'header';
	readonly #controls = createHash('sha256');
	#controlsBytes = 0;
	readonly #names = new Set<string>();
	/** Tables of the schema that may have a section, and have none yet. */
	readonly #expected = new Set<string>();
	#section: Section | null = null;
	#tables = 0;
	#rows = 0;

	/** @param digestsRows false: the digests of tables are taken as they come, unchecked */
	constructor(readonly digestsRows = true) {}

	/** Where the next line stands: before the header, among a table's rows, after the trailer, or elsewhere. */
	get place(): 'start' | 'rows' | 'end' | 'other' {
		if (this.#state === 'header') return 'start';
		return this.#state === 'rows' ? 'rows' : this.#state === 'done' ? 'end' : 'other';
	}

	/** The table whose section is open. */
	get table(): TableOpen {
		return this.#open().table;
	}

	/** The next line is `record`, whose bytes are `line`. */
	control(record: ControlRecord, line: Uint8Array): void {
		const { from, to } = STEPS[record.kind];
		if (!from.includes(this.#state)) throw new FormatError(`a line of kind "${record.kind}" out of order`);
		this.#controlsBytes += line.byteLength;
		if (this.#controlsBytes > MAX_CONTROLS_BYTES)
			throw new FormatError(`more than ${MAX_CONTROLS_BYTES} bytes of lines that are no rows`);
		switch (record.kind) {
			case 'schema':
				this.#declare(record);
				break;
			case 'table':
				this.#begin(record);
				break;
			case 'omitted':
				if (record.table !== this.table.name) throw new FormatError('an omission of another table');
				this.#open().omissions++;
				break;
			case 'end':
				this.#end(record);
				break;
			case 'trailer':
				this.#check(record);
		}
		this.#state = to;
		this.#controls.update(line);
	}

	/** The next lines are `rows` rows of the open table; `bytes` may end within a line. */
	rows(bytes: Uint8Array, rows: number): void {
		if (this.#state !== 'rows') throw new FormatError('a row outside a table');
		const section = this.#open();
		if (this.digestsRows) section.digest.update(bytes);
		section.rows += rows;
		section.bytes += bytes.byteLength;
	}

	/** The record that ends the open table. */
	end(omitted: number): TableClose {
		const { table, rows, bytes, digest } = this.#open();
		return { kind: 'end', name: table.name, rows, omitted, bytes, sha256: digest.copy().digest('hex') };
	}

	/** The record that ends the file. */
	trailer(): Trailer {
		return { kind: 'trailer', tables: this.#tables, rows: this.#rows, sha256: this.#controls.copy().digest('hex') };
	}

	#declare({ type, role, name }: SchemaObject): void {
		// Triggers have their names to themselves; tables, views and indexes share theirs.
		const key = `${type === 'trigger' ? 'trigger' : ''} ${foldCase(name)}`;
		if (this.#names.has(key)) throw new FormatError(`a second schema line for ${JSON.stringify(name)}`);
		this.#names.add(key);
		if (type === 'table' && role !== 'virtual') this.#expected.add(name);
	}

	#begin(table: TableOpen): void {
		if (!this.#expected.has(table.name))
			throw new FormatError(`a section that the schema does not have, or not again: ${JSON.stringify(table.name)}`);
		const columns = new Set(table.columns.map(foldCase));
		if (columns.size < table.columns.length) throw new FormatError('two columns of one name');
		if (table.rowid !== null && columns.has(table.rowid)) throw new FormatError('a rowid by the name of a column');
		this.#expected.delete(table.name);
		this.#section = { table, digest: createHash('sha256'), rows: 0, bytes: 0, omissions: 0 };
	}

	#end(record: TableClose): void {
		const { name, rows, bytes, sha256 } = this.end(record.omitted);
		const quoted = JSON.stringify(name);
		if (record.name !== name) throw new FormatError(`the end of another table than ${quoted}`);
		if (record.rows !== rows) throw new FormatError(`table ${quoted} has ${rows} rows, its end says ${record.rows}`);
		if (record.bytes !== bytes)
			throw new FormatError(`table ${quoted} has ${bytes} bytes, its end says ${record.bytes}`);
		if (this.#open().omissions !== Math.min(record.omitted, MAX_OMISSION_LINES))
			throw new FormatError(`table ${quoted} has other omissions than its end says`);
		if (this.digestsRows && record.sha256 !== sha256)
			throw new FormatError(`the rows of table ${quoted} do not have its digest`);
		this.#tables++;
		this.#rows += rows;
		this.#section = null;
	}

	#check(record: Trailer): void {
		const { tables, rows, sha256 } = this.trailer();
		if (record.tables !== tables || record.rows !== rows)
			throw new FormatError('the trailer counts other tables or rows than there are');
		if (record.sha256 !== sha256) throw new FormatError("the trailer's digest is not that of the file");
	}

	#open(): Section {
		if (!this.#section) throw new FormatError('no table is open');
		return this.#section;
	}
}
