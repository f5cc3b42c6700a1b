const [QUOTE, COMMA, OPEN, BACKSLASH, CLOSE, OPEN_OBJECT, CLOSE_OBJECT] = [34, 44, 91, 92, 93, 123, 125];

/** How much JSON may hold. */
export interface JsonBounds {
	/** Lists and objects within one another. */
	readonly depth: number;
	/** Parts of any one list or object. */
	readonly items: number;
}

/**
 * Claims that JSON text keeps within bounds: parsed, each bracket and comma takes many times its byte, and a text of
 * nothing else would take all the memory.
 */
export function isWithin(json: Uint8Array, { depth, items }: JsonBounds): boolean {
	/** Of each list and object that is open, the commas in it. */
	const open: number[] = [];
	let inString = false;
	for (let at = 0; at < json.length; at++) {
		const byte = json[at];
		if (byte === QUOTE) inString = !inString;
		else if (inString) at += byte === BACKSLASH ? 1 : 0;
		else if (byte === OPEN || byte === OPEN_OBJECT) {
			if (open.push(0) > depth) return false;
		} else if (byte === CLOSE || byte === CLOSE_OBJECT) open.pop();
		else if (byte === COMMA && open.length > 0) {
			const commas = (open.pop() as number) + 1;
			if (commas >= items) return false;
			open.push(commas);
		}
	}
	return true;
}
