import { parseCell } from '../../format/values';

/** Integers of so many characters are exact in every parser. */
const SAFE_CHARS = 15;

/**
 * The JSON of a value, for parsers that make a double of every number: integers past 2^53 - 1 and infinities as
 * strings, REAL in its shortest exact digits, bytes as tagged base64.
 *
 * @param cell its JSON text in a backup
 */
export function jsonValue(cell: string): string {
	const first = cell[0];
	if (first === '"' || first === 'n') return cell;
	if (first !== '{' && cell.length <= SAFE_CHARS && !/[.e]/.test(cell)) return cell;
	const value = parseCell(cell);
	switch (value.type) {
		case 'integer':
			return Number.isSafeInteger(Number(cell)) ? cell : `"${cell}"`;
		case 'real': {
			const real = Number(value.text);
			return Number.isFinite(real) ? realText(real) : `"${real}"`;
		}
		case 'blob':
			return `{"$base64":"${value.bytes.toString('base64')}"}`;
		case 'rawtext':
			return `{"$textBase64":"${value.bytes.toString('base64')}"}`;
		default:
			return cell;
	}
}

/** The shortest digits that lead back to the same double, with a point or an exponent; `Infinity`, `-Infinity`. */
export function realText(value: number): string {
	const text = Object.is(value, -0) ? '-0' : String(value);
	return /[.ey]/.test(text) ? text : `${text}.0`;
}
