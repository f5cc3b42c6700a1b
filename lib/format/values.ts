/**
 * One SQLite value as it stands in a row line: its storage class is in the JSON text itself. `lib/format/README.md`
 * is the specification.
 */
export type Cell =
	| { readonly type: 'null' }
	| { readonly type: 'integer'; readonly value: bigint }
	/** `text` is the literal as written: infinities as `9e999` and `-9e999`, minus zero as `-0.0`. */
	| { readonly type: 'real'; readonly text: string }
	| { readonly type: 'text'; readonly value: string }
	/** TEXT that UTF-8 cannot bring back, as bytes in the encoding of the database: README.md says which. */
	| { readonly type: 'rawtext'; readonly bytes: Buffer }
	| { readonly type: 'blob'; readonly bytes: Buffer };

/**
 * The JSON text of a cell, equal to what the database's own SQL (`engine/libsql/cell-sql.ts`) makes of the value.
 *
 * @throws TypeError for text with a lone surrogate: no UTF-8 holds one, so it has to go as `rawtext`
 */
export function cellText(cell: Cell): string {
	switch (cell.type) {
		case 'null':
			return 'null';
		case 'integer':
			return cell.value.toString();
		case 'real':
			return cell.text;
		case 'text':
			if (/\p{Surrogate}/u.test(cell.value)) throw new TypeError('a text with a lone surrogate');
			return JSON.stringify(cell.value);
		case 'rawtext':
			return `{"t":"${hex(cell.bytes)}"}`;
		case 'blob':
			return `{"b":"${hex(cell.bytes)}"}`;
	}
}

/** One row line, newline included. */
export function rowLine(cells: readonly Cell[]): string {
	return `[${cells.map(cellText).join(',')}]\n`;
}

/**
 * Parses a row line that `checkRows` has passed. Numbers are taken from the text, so no digit is lost.
 *
 * @param line with or without its newline
 * @throws TypeError if it is not a row; what else the format does not allow may pass
 */
export function parseRow(line: string): Cell[] {
	return splitRow(line).map(parseCell);
}

/** The JSON texts of a row's cells, as they stand in its line; else as {@link parseRow}. */
export function splitRow(line: string): string[] {
	const cells: string[] = [];
	for (let at = 0; at === 0 || line[at] === ','; ) {
		const start = at + 1;
		at = endOfCell(line, start);
		cells.push(line.slice(start, at));
		if (line[at] !== ',' && line[at] !== ']') throw new TypeError('not a row line');
	}
	return cells;
}

/** The hex digits of `bytes` as SQL's `hex()` writes them. */
export function hex(bytes: Buffer): string {
	return bytes.toString('hex').toUpperCase();
}

/** The value of a cell's JSON text. */
export function parseCell(text: string): Cell {
	if (text === 'null') return { type: 'null' };
	if (text.startsWith('"')) return { type: 'text', value: JSON.parse(text) as string };
	if (!text.startsWith('{')) return isReal(text) ? { type: 'real', text } : { type: 'integer', value: BigInt(text) };
	return { type: text[2] === 'b' ? 'blob' : 'rawtext', bytes: Buffer.from(text.slice(6, -2), 'hex') };
}

function isReal(text: string): boolean {
	return text.includes('.') || text.includes('e');
}

/** The place after the cell that starts at `start`. */
function endOfCell(line: string, start: number): number {
	if (line[start] === '"') return endOfString(line, start);
	if (line[start] === '{') return line.indexOf('}', start) + 1;
	let at = start;
	while (at < line.length && line[at] !== ',' && line[at] !== ']') at++;
	return at;
}

function endOfString(line: string, start: number): number {
	for (let quote = line.indexOf('"', start + 1); quote > 0; quote = line.indexOf('"', quote + 1)) {
		let escapes = 0;
		while (line[quote - 1 - escapes] === '\\') escapes++;
		if (escapes % 2 === 0) return quote + 1;
	}
	return line.length;
}
