import { type Cell, parseRow } from '../../format/values';
import type { Affinity } from './cell-sql';
import type { KeyPart, TableShape } from './schema';
import { ident, literal } from './sql';

/** A place in a table between two rows. */
export interface Position {
	/** Rows before it. */
	readonly offset: number;
	/** The key of the last row before it: its rowid, or its primary key's values. Null at the start. */
	readonly key: readonly Cell[] | null;
}

export const START: Position = { offset: 0, key: null };

/** A key that is longer in a query, or has more parts, is not put there: the place is then found by counting. */
const KEY_CHARS = 200_000;
const KEY_PARTS = 100;

/** The place after a page of `rows` row lines, of which `bytes` are at least the last one. */
export function positionAfter(
	table: TableShape,
	before: Position,
	rows: number,
	lastRowid: bigint | null,
	bytes: Buffer,
): Position {
	const offset = before.offset + rows;
	if (table.paging.by === 'offset') return { offset, key: null };
	if (table.paging.by === 'rowid') return { offset, key: [{ type: 'integer', value: lastRowid as bigint }] };
	const start = bytes.lastIndexOf(10, bytes.length - 2) + 1;
	const cells = parseRow(bytes.toString('utf8', start));
	return keyPosition(table, offset, cells);
}

/** The place after the row with these cells, for a table that is paged by key. */
export function keyPosition(table: TableShape, offset: number, cells: readonly Cell[]): Position {
	if (table.paging.by !== 'key' || table.paging.parts.length > KEY_PARTS) return { offset, key: null };
	const places = table.paging.parts.map((part) => table.columns.indexOf(part.column));
	const key = places.map((place) => cells[place] as Cell);
	if (places.some((place, nth) => isConverted(key[nth] as Cell, table.affinities[place]))) return { offset, key: null };
	const chars = key.reduce((sum, cell) => sum + literal(cell).length, 0);
	return { offset, key: chars * key.length > KEY_CHARS ? null : key };
}

/**
 * Claims that SQLite might convert the value when it compares it with its own column: ALTER COLUMN can give a column
 * another affinity than its values have, and rows between the two would be passed over.
 */
function isConverted(cell: Cell, affinity: Affinity | undefined): boolean {
	if (affinity === 'text') return cell.type === 'integer' || cell.type === 'real';
	return cell.type === 'text' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(cell.value);
}

/** The clauses that select up to `limit` rows after `at`. */
export function whereSql(
	table: TableShape,
	at: Position,
	limit: number,
): { where: string; order: string; slice: string } {
	const { paging } = table;
	const byPlace = ` LIMIT ${limit} OFFSET ${at.offset}`;
	if (paging.by === 'offset') return { where: '', order: '', slice: byPlace };
	if (paging.by === 'rowid') {
		// Without a lower bound at the start: the smallest rowid of all has none below it.
		const where = at.key === null ? '' : ` WHERE ${paging.name} > ${literal(at.key[0] as Cell)}`;
		return { where, order: ` ORDER BY ${paging.name}`, slice: ` LIMIT ${limit}` };
	}
	const order = ` ORDER BY ${paging.parts.map(orderTerm).join(', ')}`;
	if (at.offset === 0) return { where: '', order, slice: ` LIMIT ${limit}` };
	if (at.key === null) return { where: '', order, slice: byPlace };
	return { where: ` WHERE ${afterKey(paging.parts, at.key)}`, order, slice: ` LIMIT ${limit}` };
}

/** `a >= x AND (a > x OR a = x AND b > y OR …)`, each part in its own direction: the first term bounds the search. */
function afterKey(parts: readonly KeyPart[], key: readonly Cell[]): string {
	const terms = parts.map((part, nth) => {
		const [column, value] = [`${ident(part.column)} COLLATE ${ident(part.collation)}`, literal(key[nth] as Cell)];
		const past = part.descending ? '<' : '>';
		return { equal: `${column} = ${value}`, past: `${column} ${past} ${value}`, from: `${column} ${past}= ${value}` };
	});
	const [first] = terms as [(typeof terms)[number]];
	if (terms.length === 1) return first.past;
	// Not nested: SQLite's parser takes brackets only so deep.
	const after = terms.map(({ past }, nth) => [...terms.slice(0, nth).map(({ equal }) => equal), past].join(' AND '));
	return `${first.from} AND (${after.join(' OR ')})`;
}

function orderTerm(part: KeyPart): string {
	return `${ident(part.column)} COLLATE ${ident(part.collation)}${part.descending ? ' DESC' : ''}`;
}

/** The table itself, never an index that happens to cover it: rows come in their own order. */
export function sourceSql(table: TableShape): string {
	return table.paging.by === 'key' ? ident(table.name) : `${ident(table.name)} NOT INDEXED`;
}
