import type { DecodedEvent } from '../../format/decoder';
import { rowLines } from '../../format/row-lines';
import { splitRow } from '../../format/values';
import { jsonValue } from './json-value';

const MEDIA = /^mediaasset$/i;
const INVENTORY = 'mediaAssetInventory';
/** Pieces of about so many characters are yielded. */
const PIECE_CHARS = 64 * 1024;

/** The rows of the media table once more, under a name that is known. */
export interface InventoryPlan {
	/** The table whose rows the inventory is. */
	readonly table: string;
	/** The name of its array: `mediaAssetInventory`, with `_` after it while a table has that name. */
	readonly key: string;
}

/** Plans the media inventory of a document; null without a table `MediaAsset`. */
export function planInventory(tables: readonly string[]): InventoryPlan | null {
	const table = tables.find((name) => MEDIA.test(name));
	if (table === undefined) return null;
	let key = INVENTORY;
	while (tables.includes(key)) key += '_';
	return { table, key };
}

/**
 * A backup as one JSON document, `{ "Table": [ {column: value} ] }`, in pieces. `docs/export.md` has the value rules.
 *
 * @param open reads the backup's events; a second time for the inventory
 */
export async function* writeJson(
	open: () => AsyncIterable<DecodedEvent>,
	inventory: InventoryPlan | null,
): AsyncGenerator<string, void, undefined> {
	yield '{';
	yield* arrays(open(), (name) => name, '');
	if (inventory !== null) yield* arrays(open(), (name) => (name === inventory.table ? inventory.key : null), ',');
	yield '\n}\n';
}

/** The members `"key": [rows]` of the tables that `keyOf` gives a key. */
async function* arrays(
	events: AsyncIterable<DecodedEvent>,
	keyOf: (table: string) => string | null,
	before: string,
): AsyncGenerator<string> {
	let piece = '';
	let separator = before;
	let names: string[] = [];
	let skip = 0;
	let key: string | null = null;
	let isFirst = true;
	for await (const event of events) {
		if (event.kind === 'table') {
			key = keyOf(event.name);
			skip = event.rowid === null ? 0 : 1;
			names = event.columns.map((column) => JSON.stringify(column));
			isFirst = true;
			if (key !== null) piece += `${separator}\n${JSON.stringify(key)}: [`;
		}
		if (key === null) continue;
		if (event.kind === 'rows')
			for (const line of rowLines(event.bytes)) {
				const cells = splitRow(line);
				const members = names.map((name, nth) => `${name}:${jsonValue(cells[nth + skip] as string)}`);
				piece += `${isFirst ? '\n' : ',\n'}{${members.join(',')}}`;
				isFirst = false;
				if (piece.length < PIECE_CHARS) continue;
				yield piece;
				piece = '';
			}
		if (event.kind === 'end') {
			piece += isFirst ? ']' : '\n]';
			separator = ',';
			key = null;
		}
	}
	yield piece;
}
