import type { Cell } from '../../format/values';

/** Quotes a name of any content as an SQL identifier. */
export function ident(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The SQL literal of a value, bit for bit.
 *
 * TEXT with NUL is put together, as SQL text ends there; malformed TEXT goes by `x'…'`, which takes the bytes for the
 * database's own encoding.
 */
export function literal(cell: Cell): string {
	switch (cell.type) {
		case 'null':
			return 'NULL';
		case 'integer':
			// The smallest integer has no literal: its absolute value is past the largest.
			return cell.value.toString().replace(/^-9223372036854775808$/, '(-9223372036854775807 - 1)');
		case 'real':
			return cell.text;
		case 'text':
			return cell.value.includes('\0')
				? `(${cell.value.split('\0').map(quote).join(' || char(0) || ')})`
				: quote(cell.value);
		case 'rawtext':
			return `CAST(x'${cell.bytes.toString('hex')}' AS TEXT)`;
		case 'blob':
			return `x'${cell.bytes.toString('hex')}'`;
	}
}

/** Joins SQL terms by a binary operator as a balanced tree: SQLite refuses expressions deeper than 1,000. */
export function balanced(terms: readonly string[], operator: string): string {
	if (terms.length <= 2) return terms.length === 1 ? (terms[0] as string) : `(${terms.join(` ${operator} `)})`;
	const half = terms.length >> 1;
	return `(${balanced(terms.slice(0, half), operator)} ${operator} ${balanced(terms.slice(half), operator)})`;
}

function quote(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}
