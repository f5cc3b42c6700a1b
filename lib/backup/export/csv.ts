import type { DecodedEvent } from '../../format/decoder';
import { rowLines } from '../../format/row-lines';
import { hex, parseCell, splitRow } from '../../format/values';
import { csvFileName } from './csv-file-name';
import { realText } from './json-value';

/** Pieces of about so many characters are yielded. */
const PIECE_CHARS = 64 * 1024;

/** A table's file. Its body is to be read to the end before the next file is asked for. */
export interface CsvFile {
	readonly table: string;
	readonly file: string;
	readonly body: AsyncIterable<string>;
}

/** A backup as files of comma-separated values by RFC 4180, one a table; `docs/export.md` has the value rules. */
export async function* writeCsv(events: AsyncIterable<DecodedEvent>): AsyncGenerator<CsvFile, void, undefined> {
	const iterator = events[Symbol.asyncIterator]();
	try {
		for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
			const event = next.value;
			if (event.kind !== 'table') continue;
			const skip = event.rowid === null ? 0 : 1;
			yield { table: event.name, file: csvFileName(event.name), body: fileBody(iterator, event.columns, skip) };
		}
	} finally {
		await iterator.return?.();
	}
}

async function* fileBody(
	events: AsyncIterator<DecodedEvent>,
	columns: readonly string[],
	skip: number,
): AsyncGenerator<string> {
	let piece = `${columns.map(quote).join(',')}\r\n`;
	for (let next = await events.next(); !next.done && next.value.kind !== 'end'; next = await events.next()) {
		if (next.value.kind !== 'rows') continue;
		for (const line of rowLines(next.value.bytes)) {
			const cells = splitRow(line);
			piece += `${(skip === 0 ? cells : cells.slice(skip)).map(csvField).join(',')}\r\n`;
			if (piece.length < PIECE_CHARS) continue;
			yield piece;
			piece = '';
		}
	}
	yield piece;
}

/** The field of a value: TEXT always in quotes, anything else never, so that NULL is not the empty text. */
export function csvField(cell: string): string {
	const value = parseCell(cell);
	switch (value.type) {
		case 'null':
			return '';
		case 'integer':
			return cell;
		case 'real':
			return realText(Number(value.text));
		case 'text':
			return quote(value.value);
		case 'blob':
			return `x'${hex(value.bytes)}'`;
		case 'rawtext':
			return `t'${hex(value.bytes)}'`;
	}
}

function quote(text: string): string {
	return `"${text.replaceAll('"', '""')}"`;
}
