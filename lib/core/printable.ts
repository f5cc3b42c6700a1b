/**
 * Makes control characters visible, so that a table's name out of a hostile backup cannot steer the terminal. Line
 * breaks and tabs stay in `block` text; a `line` has them shown too.
 */
export function printable(text: string, shape: 'block' | 'line' = 'block'): string {
	const hidden =
		shape === 'line' ? /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu : /(?![\n\t])[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
	return text.replace(hidden, (character) => {
		if (character === '\n') return '\\n';
		if (character === '\t') return '\\t';
		return `\\u{${character.codePointAt(0)?.toString(16)}}`;
	});
}
