import { realText } from '../../format/real-text';
import type { Cell } from '../../format/values';
import { decodeText } from './list-tables';
import type { Reader } from './reader';
import type { Row } from './rows';
import { ident } from './sql';

/** Values past this many bytes are read in pieces, by themselves. */
const INLINE_BYTES = 65_536;

/** The largest finite double, with which SQLite compares as it has no `isinf()`. */
const LARGEST = '1.7976931348623157e308';

type Able = Pick<Reader, 'encodesRows' | 'encoding'>;

/**
 * Two result columns: the storage class, and the value in a form that every driver hands over unchanged. A REAL comes
 * as the double that it is; an infinity as its literal, as a server cannot send it.
 */
export function exactSql(column: string, reader: Able): string {
	const value = ident(column);
	const inline = (form: string) => `CASE WHEN ${bytesSql(column, reader)} <= ${INLINE_BYTES} THEN ${form} END`;
	const real = `CASE WHEN +${value} > ${LARGEST} THEN '9e999' WHEN +${value} < -${LARGEST} THEN '-9e999' ELSE ${value} END`;
	return `typeof(${value}), CASE typeof(${value}) WHEN 'text' THEN ${inline(`CAST(${value} AS BLOB)`)} WHEN 'blob' THEN ${inline(value)} WHEN 'real' THEN ${real} ELSE ${value} END`;
}

/** How many bytes a TEXT or a BLOB takes; without `octet_length()`, a TEXT has to be loaded for that. */
export function bytesSql(column: string, reader: Able): string {
	const value = ident(column);
	return reader.encodesRows
		? `octet_length(${value})`
		: `CASE typeof(${value}) WHEN 'blob' THEN length(${value}) ELSE length(CAST(${value} AS BLOB)) END`;
}

/** The cell in two result columns from `at` on; `undefined` when the value was too long to be inline. */
export function exactCell(row: Row, at: number, reader: Able): Cell | undefined {
	const [type, value] = [row[at], row[at + 1]];
	switch (type) {
		case 'null':
			return { type };
		case 'integer':
			return { type, value: BigInt(value as bigint) };
		case 'real':
			return { type, text: typeof value === 'number' ? realText(value) : (value as string) };
	}
	if (value === null || value === undefined) return undefined;
	const bytes = value as Buffer;
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
