import { isUtf8 } from 'node:buffer';
import { isWithin } from '../core/bounded-json';
import { FormatError } from './format-error';
import { type ControlRecord, controlSchema, FORMAT, MAX_COLUMNS, MAX_CONTROL_BYTES } from './records';

const OPEN_OBJECT = 123;
/** The record itself, and one list or object in it; the columns of a table. */
const BOUNDS = { depth: 2, items: MAX_COLUMNS };

/** The first line is not one of this format. Not damage: perhaps a newer format, perhaps no backup at all. */
export class UnknownFormat extends Error {
	override readonly name = 'UnknownFormat';

	constructor(
		/** What the header says, if it is one. */
		readonly format: number | null,
	) {
		super('not a header of this format');
	}
}

/**
 * The line of a record, newline included.
 *
 * @throws TypeError if the record is not one of the format
 */
export function controlLine(record: ControlRecord): Buffer {
	const parsed = controlSchema.safeParse(record);
	if (!parsed.success) throw new TypeError(`not a record of the format: ${parsed.error.message}`);
	const line = Buffer.from(`${JSON.stringify(parsed.data)}\n`);
	if (line.length > MAX_CONTROL_BYTES) throw new TypeError(`a ${record.kind} line of ${line.length} bytes`);
	return line;
}

/**
 * The record in a line that is no row.
 *
 * @param line with its newline
 * @throws FormatError if the format has no such line
 */
export function parseControlLine(line: Buffer): ControlRecord {
	const json = parseJson(line);
	const parsed = controlSchema.safeParse(json);
	if (!parsed.success) throw new FormatError('a line that the format does not have');
	return parsed.data;
}

/**
 * The record in a file's first line, which must be a header of this format.
 *
 * @throws UnknownFormat if it is something else, FormatError if it is a header of this format that is not right
 */
export function parseFirstLine(line: Buffer): ControlRecord {
	let json: unknown;
	try {
		json = parseAnyJson(line);
	} catch (error) {
		throw error instanceof FormatError ? new UnknownFormat(null) : error;
	}
	const { kind, format } = json as { kind?: unknown; format?: unknown };
	if (kind !== 'header' || format !== FORMAT)
		throw new UnknownFormat(kind === 'header' && typeof format === 'number' ? format : null);
	return parseControlLine(line);
}

/**
 * One spelling only: that of `JSON.stringify`. So no parser can take another of two equal names, or read a number in
 * another way.
 */
function parseJson(line: Buffer): unknown {
	const json = parseAnyJson(line);
	if (`${JSON.stringify(json)}\n` !== line.toString()) throw new FormatError('a line that is not in its one spelling');
	return json;
}

function parseAnyJson(line: Buffer): unknown {
	if (line[0] !== OPEN_OBJECT) throw new FormatError('a line that is neither a record nor a row of a table');
	if (line.length > MAX_CONTROL_BYTES) throw new FormatError(`a record of more than ${MAX_CONTROL_BYTES} bytes`);
	if (!isUtf8(line)) throw new FormatError('a line that is not UTF-8', firstMalformed(line));
	if (!isWithin(line, BOUNDS)) throw new FormatError('a record that holds more than any has');
	try {
		return JSON.parse(line.toString());
	} catch {
		throw new FormatError('a line that is not JSON');
	}
}

/** The place of the first byte that is not UTF-8, in bytes that are not. */
export function firstMalformed(bytes: Uint8Array): number {
	for (let at = 0; at < bytes.length; ) {
		const lead = bytes[at] as number;
		const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
		if (length > 1 && !isUtf8(bytes.subarray(at, at + length))) return at;
		at += length;
	}
	return bytes.length;
}
