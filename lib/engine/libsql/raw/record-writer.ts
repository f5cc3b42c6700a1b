import type { RowWriter } from '../../../format/row-writer';
import type { Field, TableShape } from '../schema';
import { Unfit } from './unfit';
import { VarintReader } from './varint';

/** Bytes that a value of each of the first serial types takes (sqlite.org/fileformat2.html, section 2.1). */
const BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];
const [FIRST_RESERVED, FIRST_BLOB, FIRST_TEXT] = [10, 12, 13];
const [NULL, INTEGER_64, REAL, ZERO] = [0, 6, 7, 8];

/** Writes the row lines of one table from records. */
export class RecordWriter {
	readonly #fields: readonly Field[];
	readonly #hasRowid: boolean;
	readonly #varints = new VarintReader();
	/** Of the record at hand: each value's serial type, and where it begins. */
	readonly #types: number[] = [];
	readonly #starts: number[] = [];

	constructor({ rowid, storage }: TableShape) {
		this.#fields = storage?.fields ?? [];
		this.#hasRowid = rowid !== null;
	}

	/** Writes a row. Throws {@link Unfit}, before anything is written, for a record that it cannot read. */
	write(rowid: number | bigint, bytes: Buffer, start: number, end: number, into: RowWriter): void {
		const count = this.#readHeader(bytes, start, end);
		const fields = this.#fields;
		for (const { place, hasDefault } of fields)
			if (place >= count && hasDefault) throw new Unfit('a row from before a column was added');
		into.open();
		if (this.#hasRowid) writeInteger(rowid, into);
		for (let nth = 0; nth < fields.length; nth++) {
			const { place, isRowid, isReal } = fields[nth] as Field;
			if (isRowid) writeInteger(rowid, into);
			else if (place >= count) into.null();
			else this.#value(this.#types[place] as number, bytes, this.#starts[place] as number, isReal, into);
		}
		into.close();
	}

	/** Returns how many values there are. */
	#readHeader(bytes: Buffer, start: number, end: number): number {
		const varints = this.#varints;
		varints.start(bytes, start);
		const body = start + varints.size();
		if (!(body <= end)) throw new Unfit('a head past its record');
		let at = body;
		let count = 0;
		while (varints.at < body) {
			const type = varints.size();
			if (type === FIRST_RESERVED || type === FIRST_RESERVED + 1) throw new Unfit('a value of a reserved type');
			this.#types[count] = type;
			this.#starts[count] = at;
			at += type < FIRST_BLOB ? (BYTES[type] as number) : Math.floor((type - FIRST_BLOB) / 2);
			count++;
		}
		if (varints.at !== body || at !== end) throw new Unfit('a record of another length than its values');
		return count;
	}

	#value(type: number, bytes: Buffer, at: number, isReal: boolean, into: RowWriter): void {
		if (type >= FIRST_BLOB) {
			const end = at + Math.floor((type - FIRST_BLOB) / 2);
			if (type % 2 === FIRST_TEXT % 2) into.text(bytes, at, end);
			else into.blob(bytes, at, end);
			return;
		}
		if (type === NULL) {
			into.null();
			return;
		}
		if (type === REAL) {
			const value = bytes.readDoubleBE(at);
			// What SQLite reads as NULL.
			if (Number.isNaN(value)) into.null();
			else into.real(value);
			return;
		}
		const value = integerAt(type, bytes, at);
		if (isReal) into.real(Number(value));
		else writeInteger(value, into);
	}
}

function integerAt(type: number, bytes: Buffer, at: number): number | bigint {
	if (type >= ZERO) return type - ZERO;
	if (type < INTEGER_64) {
		let value = ((bytes[at] as number) << 24) >> 24;
		for (let nth = 1; nth < (BYTES[type] as number); nth++) value = value * 256 + (bytes[at + nth] as number);
		return value;
	}
	const high = bytes.readInt32BE(at);
	const value = high * 2 ** 32 + bytes.readUInt32BE(at + 4);
	return Number.isSafeInteger(value) ? value : bytes.readBigInt64BE(at);
}

function writeInteger(value: number | bigint, into: RowWriter): void {
	if (typeof value === 'number') into.integer(value);
	else into.bigInteger(value);
}
