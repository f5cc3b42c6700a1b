/** The bytes that the grammar of rows is made of, by name. */
export const ASCII = {
	NEWLINE: 10,
	SPACE: 32,
	QUOTE: 34,
	PLUS: 43,
	COMMA: 44,
	MINUS: 45,
	DOT: 46,
	ZERO: 48,
	ONE: 49,
	NINE: 57,
	COLON: 58,
	OPEN: 91,
	BACKSLASH: 92,
	CLOSE: 93,
	LOWER_B: 98,
	LOWER_E: 101,
	LOWER_L: 108,
	LOWER_N: 110,
	LOWER_T: 116,
	LOWER_U: 117,
	OPEN_TAG: 123,
	CLOSE_TAG: 125,
} as const;

const { ZERO, NINE } = ASCII;

/** The place after the decimal digits that `bytes` have at `start`: `start` itself where there are none. */
export function skipDigits(bytes: Uint8Array, start: number): number {
	let at = start;
	for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number);
	return at;
}

/** A table by byte: 1 for each of `characters`, 0 for all others. */
export function among(characters: string): Uint8Array {
	const table = new Uint8Array(256);
	for (const character of characters) table[character.charCodeAt(0)] = 1;
	return table;
}
