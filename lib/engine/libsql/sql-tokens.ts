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

/**
 * The lexical rules of SQLite (sqlite.org/src/file/src/tokenize.c), in the order in which they are tried, but for quotes
 * and comments: a pattern with a choice in its loop overflows the stack at a text of some megabytes.
 */
const RULES: readonly Rule[] = [
	{ kind: 'blank', starts: /[ \t\n\v\f\r\ufeff-]/, pattern: /[ \t\n\v\f\r\ufeff]+|--[^\n]*(?:\n|$)/y },
	{ kind: 'blob', starts: /[xX]/, pattern: /[xX]'[0-9a-fA-F]*'/y },
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

/** What ends a quote, by what starts it. */
const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '[': ']' };

/** A token may go on with what stands up to so many characters after its end: `1` with `e+5`. */
const LOOKAHEAD = 3;

/**
 * The token, white space or comment that starts at `at`. A quote that is never closed is a mark up to the end.
 *
 * @param isWhole whether `sql` ends where it ends; else a token that may go on past its end is `unfinished`
 */
export function scanToken(sql: string, at: number, isWhole: boolean): Scan {
	const { end, kind } = scanEnclosed(sql, at) ?? scanByRule(sql, at);
	if (isWhole) return { end, kind };
	// What opens a blob reads as a word while its end is not there; a quote or a comment ends where the SQL does.
	const opens = kind === 'word' && /^[xX]'/.test(sql.slice(at, at + 2));
	return opens || end + LOOKAHEAD > sql.length ? 'unfinished' : { end, kind };
}

/** What stands in quotes or is a comment of the kind that has an end; else null. */
function scanEnclosed(sql: string, at: number): Exclude<Scan, 'unfinished'> | null {
	if (sql.startsWith('/*', at)) {
		const last = sql.indexOf('*/', at + 2);
		return { end: last < 0 ? sql.length : last + 2, kind: 'blank' };
	}
	const closing = CLOSING[sql[at] as string];
	if (closing === undefined) return null;
	for (let from = at + 1; ; ) {
		const last = sql.indexOf(closing, from);
		if (last < 0) return { end: sql.length, kind: 'mark' };
		if (closing === ']' || sql[last + 1] !== closing)
			return { end: last + 1, kind: closing === "'" ? 'string' : 'name' };
		from = last + 2;
	}
}

function scanByRule(sql: string, at: number): Exclude<Scan, 'unfinished'> {
	for (const { kind, pattern } of RULES_BY_CODE[sql.charCodeAt(at)] ?? RULES) {
		pattern.lastIndex = at;
		if (pattern.test(sql)) return { end: pattern.lastIndex, kind };
	}
	throw new RangeError('scanned past the end');
}

/** The tokens of whole SQL, in order. What is not SQL comes as marks. */
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

/** Claims that this bare keyword, given in upper case, stands anywhere in the SQL. */
export function hasWord(sql: string, word: string): boolean {
	for (const token of tokenize(sql)) if (isWord(token, word)) return true;
	return false;
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
	const others = tokenize(other);
	for (const token of tokenize(one)) {
		const next = others.next();
		if (next.done || meaning(token) !== meaning(next.value)) return false;
	}
	return others.next().done === true;
}

/** In a schema, a string in single quotes may be a name too. */
function meaning(token: Token): string {
	return nameOf(token)?.toLowerCase() ?? token.text;
}
