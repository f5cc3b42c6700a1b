import type { Header } from '../../format/records';
import type { Cell } from '../../format/values';
import { balanced, literal } from './sql';

/** A text in more pieces than this goes as hex. */
const MOST_PIECES = 200;

/**
 * The SQL literal of a value in a script: as {@link literal}, and in TEXT every carriage return apart too, since the
 * shells that read scripts drop the one before a line feed.
 */
export function scriptLiteral(cell: Cell, encoding: Header['encoding']): string {
	if (cell.type !== 'text' || !/[\0\r]/.test(cell.value)) return literal(cell);
	const pieces = cell.value.split(/([\0\r])/).filter((piece) => piece !== '');
	if (pieces.length > MOST_PIECES) return literal({ type: 'rawtext', bytes: encoded(cell.value, encoding) });
	const terms = pieces.map((piece) =>
		piece === '\0' || piece === '\r' ? `char(${piece.charCodeAt(0)})` : literal({ type: 'text', value: piece }),
	);
	return balanced(terms, '||');
}

function encoded(text: string, encoding: Header['encoding']): Buffer {
	if (encoding === 'UTF-8') return Buffer.from(text);
	const bytes = Buffer.from(text, 'utf16le');
	return encoding === 'UTF-16le' ? bytes : bytes.swap16();
}
