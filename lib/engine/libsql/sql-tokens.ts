/** What a token of SQL is. `word` is a bare keyword or name, `name` one in quotes of any of the three kinds. */
export type TokenKind = 'word' | 'name' | 'string' | 'blob' | 'number' | 'variable' | 'mark';

/** A token of SQL: never white space, never a comment. */
export interface Token {
	readonly kind: TokenKind;
	/** As it stands in the SQL. */
	readonly text: string;
	/** Where it starts, in characters. */
	readonly at: number;
}

/** What the next token is, or that its end has not come yet. */
export type Scan = { readonly end: number; readonly kind: TokenKind | 'blank' } | 'unfinished';

interface Rule {
	readonly kind: TokenKind | 'blank';
	/** What it may start with. */
	readonly starts: RegExp;
	readonly pattern: RegExp;
}

/** The lexical rules of SQLite (sqlite.org/src/file/src/tokenize.c), in the order in which they are tried. */
const RULES: readonly Rule[] = [
	{
		kind: 'blank',
		starts: /[ \t\n\v\f\r\ufeff/-]/,
		pattern: /[ \t\n\v\f\r\ufeff]+|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)/y,
	},
	{ kind: 'string', starts: /'/, pattern: /'(?:[^']|'')*'/y },
	{ kind: 'blob', starts: /[xX]/, pattern: /[xX]'[0-9a-fA-F]*'/y },
	{ kind: 'name', starts: /["`[]/, pattern: /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y },
	{
		kind: 'number',
		starts: /[\d.]/,
		pattern: /0[xX][0-9a-fA-F]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y,
	},
	{ kind: 'word', starts: /[A-Za-z_\u0080-\uffff]/, pattern: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y },
	{ kind: 'variable', starts: /[?:@#$]/, pattern: /\?\d*|[:@#$][\w$:\u0080-\uffff]+/y },
	{ kind: 'mark', starts: /[\s\S]/, pattern: /->>?|\|\||<<|>>|<=|>=|<>|==|!=|[\s\S]/y },
];

/** The rules that fit a first character, by its code: a script of a million statements is read token by token. */
const RULES_BY_CODE: readonly (readonly Rule[])[] = Array.from({ length: 128 }, (_, code) =>
	RULES.filter(({ starts }) => starts.test(String.fromCharCode(code))),
);

/** A token may go on with what stands up to so many characters after its end: `1` with `e+5`. */
const LOOKAHEAD = 3;

/** What starts one of these may go on to the end of what is there. */
const OPENING = /^(?:['"`[]|[xX]'|\/\*)/;

/**
 * The token, white space or comment that starts at `at`.
 *
 * @param isWhole whether `sql` ends where it ends; else a token that may go on past its end is `unfinished`
 */
export function scanToken(sql: string, at: number, isWhole: boolean): Scan {
	for (const { kind, pattern } of RULES_BY_CODE[sql.charCodeAt(at)] ?? RULES) {
		pattern.lastIndex = at;
		if (!pattern.test(sql)) continue;
		const end = pattern.lastIndex;
		if (isWhole) return { end, kind };
		// A quote that opens reads as a mark, or an `x`, while its end is not there.
		const opens = (kind === 'mark' || kind === 'word') && OPENING.test(sql.slice(at, at + 2));
		return opens || end + LOOKAHEAD > sql.length ? 'unfinished' : { end, kind };
	}
	throw new RangeError('scanned past the end');
}

/** The tokens of whole SQL, in order. What is not SQL comes as marks of one character. */
export function* tokenize(sql: string): Generator<Token, void, undefined> {
	for (let at = 0; at < sql.length; ) {
		const { end, kind } = scanToken(sql, at, true) as Exclude<Scan, 'unfinished'>;
		if (kind !== 'blank') yield { kind, text: sql.slice(at, end), at };
		at = end;
	}
}

/** Claims that `token` is this bare keyword, given in upper case. */
export function isWord(token: Token | undefined, ...words: string[]): boolean {
	if (token?.kind !== 'word') return false;
	// Most words are compared with one of another length.
	return words.some((word) => word.length === token.text.length && word === token.text.toUpperCase());
}

/** Claims that `token` is this mark. */
export function isMark(token: Token | undefined, mark: string): boolean {
	return token?.kind === 'mark' && token.text === mark;
}

/** The name that a token stands for, its quotes taken off; null if it is none. SQLite takes strings for names too. */
export function nameOf(token: Token | undefined): string | null {
	if (token?.kind === 'word') return token.text;
	if (token?.kind !== 'name' && token?.kind !== 'string') return null;
	const quote = token.text[0] as string;
	const inner = token.text.slice(1, -1);
	return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
}

/** Claims that two SQL texts are the same but for white space, comments, the case of keywords, and quotes round names. */
export function sameMeaning(one: string | null, other: string | null): boolean {
	if (one === other) return true;
	if (one === null || other === null) return false;
	const [first, second] = [[...tokenize(one)], [...tokenize(other)]];
	return first.length === second.length && first.every((token, at) => meaning(token) === meaning(second[at]));
}

/** In a schema, a string in single quotes may be a name too. */
function meaning(token: Token | undefined): string | undefined {
	return nameOf(token)?.toLowerCase() ?? token?.text;
}
