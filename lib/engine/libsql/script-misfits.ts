import type { SchemaObject } from '../../format/records';
import { KIND } from '../../format/value-kinds';
import type { Refusal, RowFacts } from '../engine';
import { type ColumnDefinition, isNotNull, isRowidAlias, parseTable, typeOf } from './column-definitions';
import { affinityOf, refusedKinds } from './declared';
import { hasCheckOf, type Trial } from './script-trial';

/**
 * What a script does with a table that has rows which break its own definition, as `ALTER COLUMN`, pragmas and
 * `writable_schema` can have made them: no SQL that every database takes brings them back.
 */
export interface Misfits {
	/** Rows that the table's constraints refuse are left out. */
	readonly leavesOut: boolean;
	/** By cell of a row, the {@link KIND}s of value for which a STRICT table refuses it; null: it is not STRICT. */
	readonly strict: readonly number[] | null;
	readonly notes: readonly Refusal[];
}

/** What stands out of a table's definition and its rows. */
export interface Suspicion {
	readonly isStrict: boolean;
	/** By cell of a row, the {@link KIND}s of value that the column refuses or converts. */
	readonly cells: readonly number[];
	/** Columns with values that they refuse. */
	readonly refusing: readonly string[];
	/** Columns with values that they may convert, and the affinity by which they do. */
	readonly converting: readonly { readonly name: string; readonly affinity: string }[];
	readonly hasCheck: boolean;
}

/** Compares a table's rows with its definition. */
export function suspect({ sql }: Pick<SchemaObject, 'sql'>, { table, kinds }: RowFacts): Suspicion {
	const { columns, isStrict } = parseTable(sql ?? '');
	const first = table.rowid === null ? 0 : 1;
	const known = new Map(columns.filter((column) => !isRowidAlias(column)).map((column) => [column.name, column]));
	const refusedBy = (name: string) => {
		const column = known.get(name);
		return column === undefined ? 0 : refusedKinds(typeOf(column), isStrict, isNotNull(column));
	};
	const cells = [...Array<number>(first).fill(0), ...table.columns.map(refusedBy)];
	const found = (mask: number) =>
		table.columns.filter((_, nth) => ((cells[first + nth] ?? 0) & (kinds[first + nth] ?? 0) & mask) !== 0);
	const typeNamed = (name: string) => typeOf(known.get(name) as ColumnDefinition);
	return {
		isStrict,
		cells,
		refusing: found(isStrict ? ~0 : KIND.null),
		converting: isStrict ? [] : found(~KIND.null).map((name) => ({ name, affinity: affinityOf(typeNamed(name)) })),
		hasCheck: hasCheckOf({ sql }),
	};
}

/** Claims that only a database can tell what is so. */
export function isUncertain({ converting, hasCheck }: Suspicion): boolean {
	return converting.length > 0 || hasCheck;
}

/** What comes of a suspicion when a database has told; null if all rows can be inserted as they are. */
export function misfitsOf(
	table: string,
	{ isStrict, cells, refusing }: Suspicion,
	{ breaksCheck, converted }: Trial = NO_TRIAL,
): Misfits | null {
	const broken = [...refusing.map((name) => `column ${JSON.stringify(name)}`), ...(breaksCheck ? ['a CHECK'] : [])];
	const notes = [
		...(broken.length > 0 ? [`rows that break the table's own definition are left out: ${broken.join(', ')}`] : []),
		...(converted.length > 0 ? [`values are converted to the type of their column: ${list(converted)}`] : []),
	];
	if (notes.length === 0) return null;
	return {
		leavesOut: broken.length > 0,
		strict: isStrict ? cells : null,
		notes: notes.map((reason) => ({ type: 'table', object: table, reason })),
	};
}

const NO_TRIAL: Trial = { breaksCheck: false, converted: [] };

function list(names: readonly string[]): string {
	return names.map((name) => JSON.stringify(name)).join(', ');
}
