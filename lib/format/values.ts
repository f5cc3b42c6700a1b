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
	/** TEXT whose bytes, in the database's encoding, are not well-formed. */
	| { readonly type: 'rawtext'; readonly bytes: Buffer }
	| { readonly type: 'blob'; readonly bytes: Buffer };

/** The JSON text of a cell, equal to what the database's own SQL (`engine/libsql/cell-sql.ts`) makes of the value. */
export function cellText(cell: Cell): string {
	switch (cell.type) {
		case 'null':
			return 'null';
		case 'integer':
			return cell.value.toString();
		case 'real':
			return cell.text;
		case 'text':
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
 * Parses a row line that {@link checkRows} has passed. Numbers are taken from the text, so no digit is lost.
 *
 * @param line with or without its newline
 */
export function parseRow(line: string): Cell[] {
	const cells: Cell[] = [];
	let at = 1;
	while (line[at] !== ']' && at < line.length) {
		const start = at;
		const first = line[at];
		if (first === '"') {
			at = endOfString(line, at);
			cells.push({ type: 'text', value: JSON.parse(line.slice(start, at)) as string });
		} else if (first === '{') {
			at = line.indexOf('}', at) + 1;
			const bytes = Buffer.from(line.slice(start + 6, at - 2), 'hex');
			cells.push({ type: line[start + 2] === 'b' ? 'blob' : 'rawtext', bytes });
		} else {
			while (line[at] !== ',' && line[at] !== ']') at++;
			cells.push(parseScalar(line.slice(start, at)));
		}
		if (line[at] === ',') at++;
	}
	return cells;
}

/** The hex digits of `bytes` as SQL's `hex()` writes them. */
export function hex(bytes: Buffer): string {
	return bytes.toString('hex').toUpperCase();
}

function parseScalar(text: string): Cell {
	if (text === 'null') return { type: 'null' };
	return /[.e]/.test(text) ? { type: 'real', text } : { type: 'integer', value: BigInt(text) };
}

function endOfString(line: string, start: number): number {
	let at = start + 1;
	while (line[at] !== '"') at += line[at] === '\\' ? 2 : 1;
	return at + 1;
}
