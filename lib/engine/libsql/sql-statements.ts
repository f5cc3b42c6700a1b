import { isMark, isWord, scanToken, type Token } from './sql-tokens';

/** A statement of an SQL script, without the comments before it. */
export interface Statement {
	/** Up to the semicolon, as SQLite keeps it of a schema object; of a last one without, up to its last token. */
	readonly sql: string;
	/** The first of them, or all. Their places are in `sql`. */
	readonly tokens: readonly Token[];
	/** How many there are. */
	readonly tokenCount: number;
	/** Where it starts in the script, in lines from 1. */
	readonly line: number;
}

/**
 * Splits an SQL script into statements by SQLite's own rules (sqlite.org/c3ref/complete.html): at semicolons, but not
 * at those in strings, names, comments, and the bodies of triggers.
 */
export class StatementSplitter {
	#rest = '';
	/** Up to where `#rest` has been read. */
	#at = 0;
	#tokens: Token[] = [];
	#tokenCount = 0;
	/** Of the first token, and the end of the last, in `#rest`. */
	#start = 0;
	#end = 0;
	/** Characters of `#rest` before which a token that has not ended is not looked at again. */
	#enough = 0;
	#trigger = new TriggerBody();
	#line = 1;

	/** @param mostTokens that are kept of a statement: each takes about a hundred bytes */
	constructor(readonly mostTokens = Number.POSITIVE_INFINITY) {}

	/** Characters held: of the statement that has not ended yet. */
	get held(): number {
		return this.#rest.length;
	}

	/** Tokens of that statement so far. */
	get tokenCount(): number {
		return this.#tokenCount;
	}

	/** Takes the next part of the script; yields the statements that it ends. */
	*push(text: string): Generator<Statement, void, undefined> {
		this.#rest += text;
		if (this.#rest.length >= this.#enough) yield* this.#scan(false);
	}

	/** Ends the script. The last statement needs no semicolon. */
	*finish(): Generator<Statement, void, undefined> {
		yield* this.#scan(true);
		if (this.#tokenCount > 0) yield this.#take(this.#end, this.#rest.length);
	}

	*#scan(isWhole: boolean): Generator<Statement, void, undefined> {
		while (this.#at < this.#rest.length) {
			const scan = scanToken(this.#rest, this.#at, isWhole);
			if (scan === 'unfinished') {
				// A string or comment that comes in many parts would be read anew with each of them.
				this.#enough = 2 * this.#rest.length - this.#at;
				return;
			}
			const { kind, end } = scan;
			if (kind !== 'blank') {
				if (this.#tokenCount === 0) this.#start = this.#at;
				const token = { kind, text: this.#rest.slice(this.#at, end), at: this.#at - this.#start };
				if (isMark(token, ';') && !this.#trigger.isOpen) {
					const statement = this.#take(this.#at, end);
					if (statement.tokenCount > 0) yield statement;
					continue;
				}
				this.#trigger.see(token);
				if (++this.#tokenCount <= this.mostTokens) this.#tokens.push(token);
				this.#end = end;
			}
			this.#at = end;
		}
	}

	#take(end: number, next: number): Statement {
		const start = this.#tokenCount > 0 ? this.#start : end;
		const statement = {
			sql: this.#rest.slice(start, end),
			tokens: this.#tokens,
			tokenCount: this.#tokenCount,
			line: this.#line + lines(this.#rest, 0, start),
		};
		this.#line = statement.line + lines(this.#rest, start, next);
		this.#rest = this.#rest.slice(next);
		this.#at = 0;
		this.#enough = 0;
		this.#tokens = [];
		this.#tokenCount = 0;
		this.#trigger = new TriggerBody();
		return statement;
	}
}

/** The statements of a whole script. */
export function splitStatements(script: string): Statement[] {
	const splitter = new StatementSplitter();
	return [...splitter.push(script), ...splitter.finish()];
}

/** Whether the statement so far is a trigger's, whose body has not ended: it does with `END` after a semicolon. */
class TriggerBody {
	#words: Token[] = [];
	#last: Token | undefined;
	isOpen = false;

	see(token: Token): void {
		if (this.#words.length < 5) {
			this.#words.push(token);
			if (isTriggerHead(this.#words)) this.isOpen = true;
		}
		if (this.isOpen && isWord(token, 'END') && isMark(this.#last, ';')) this.isOpen = false;
		this.#last = token;
	}
}

function isTriggerHead(tokens: readonly Token[]): boolean {
	let words = tokens;
	if (isWord(words[0], 'EXPLAIN')) words = words.slice(isWord(words[1], 'QUERY') ? 3 : 1);
	if (!isWord(words[0], 'CREATE')) return false;
	return isWord(words[1], 'TRIGGER') || (isWord(words[1], 'TEMP', 'TEMPORARY') && isWord(words[2], 'TRIGGER'));
}

/** Line ends between two places. */
function lines(text: string, from: number, to: number): number {
	// Not past `to`: a line may hold a million statements.
	const part = text.slice(from, to);
	let count = 0;
	for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) count++;
	return count;
}
