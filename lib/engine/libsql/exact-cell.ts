import type { Cell } from '../../format/values';
import { realTextSql } from './cell-sql';
import type { Row } from './connect';
import type { Reader } from './reader';
import { decodeText } from './schema';
import { ident } from './sql';

/** Values past this many bytes are read in pieces, by themselves. */
const INLINE_BYTES = 65_536;

/** Two result columns: the storage class, and the value in a form that every driver hands over unchanged. */
export function exactSql(column: string): string {
	const value = ident(column);
	const inline = (form: string) => `CASE WHEN octet_length(${value}) <= ${INLINE_BYTES} THEN ${form} END`;
	return `typeof(${value}), CASE typeof(${value}) WHEN 'text' THEN ${inline(`CAST(${value} AS BLOB)`)} WHEN 'blob' THEN ${inline(value)} WHEN 'real' THEN ${realTextSql(value)} ELSE ${value} END`;
}

/** The cell in two result columns from `at` on; `undefined` when the value was too long to be inline. */
export function exactCell(row: Row, at: number, reader: Reader): Cell | undefined {
	const [type, value] = [row[at], row[at + 1]];
	switch (type) {
		case 'null':
			return { type };
		case 'integer':
			return { type, value: BigInt(value as bigint) };
		case 'real':
			return { type, text: value as string };
	}
	if (value === null || value === undefined) return undefined;
	const bytes = Buffer.from(value as ArrayBuffer);
	if (type === 'blob') return { type, bytes };
	const text = valueText(bytes, reader.encoding);
	return text === null ? { type: 'rawtext', bytes } : { type: 'text', value: text };
}

/**
 * The string that a TEXT value's bytes are; null where only the bytes can be carried: malformed text, and in a UTF-16
 * database U+FFFE and U+FFFF, of which SQLite makes U+FFFD when it converts text from UTF-8.
 */
export function valueText(bytes: Buffer, encoding: Reader['encoding']): string | null {
	const text = decodeText(bytes, encoding);
	return text !== null && encoding !== 'UTF-8' && /[\ufffe\uffff]/.test(text) ? null : text;
}
