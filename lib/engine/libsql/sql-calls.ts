import { type Frame, newFrame, PAST_FROM, PAST_TYPE, SCHEMA_LINE, SCHEMA_TABLES, SYNTAX } from './sql-syntax';
import { isMark, isWord, nameOf, type Token } from './sql-tokens';
import { TokenWindow } from './token-window';

/** What SQL makes use of by name. */
export interface Call {
	/**
	 * - `function`: a function or table-valued function, by its parentheses
	 * - `module`: of a virtual table
	 * - `table`: what a statement reads from or writes to, which may be a module by itself
	 * - `pragma`: of a statement `PRAGMA name`
	 * - `statement`: what is no call, but refused as one: `attach`, `vacuum_into`, `create_…`, `too_deep`
	 * - `schema`: SQL that a script writes into the schema table
	 */
	readonly kind: 'function' | 'module' | 'table' | 'pragma' | 'statement' | 'schema';
	readonly name: string;
}

/** SQLite takes no expression as deep as this. */
const MAX_DEPTH = 100_000;

/**
 * Finds whatever SQL may call, by one walk over its tokens. A name before a parenthesis is a call unless SQLite's grammar
 * has none in that place; so what is no SQL may come as calls too.
 */
export class CallFinder {
	readonly #tokens: TokenWindow;
	#calls: Call[] = [];
	#frames: Frame[] = [newFrame('sql')];
	/** Kind of the frame that the next token opens. */
	#opens: Frame['kind'] = 'sql';
	/** Whether the token before this one ended a CTE's query. */
	#isPastBody = false;
	#isStart = true;
	#isVacuum = false;
	#isSchemaLine = false;

	constructor(sql: string) {
		this.#tokens = new TokenWindow(sql);
	}

	/** To be taken once. */
	*find(): Generator<Call, void, undefined> {
		for (let at = 0; this.#tokens.get(at) !== undefined; this.#tokens.release(at)) {
			at = this.#isStart ? this.#start(at) : this.#step(at);
			yield* this.#calls;
			this.#calls = [];
			if (this.#frames.length > MAX_DEPTH) return yield { kind: 'statement', name: 'too_deep' };
		}
	}

	get #frame(): Frame {
		return this.#frames.at(-1) as Frame;
	}

	#found(kind: Call['kind'], at: number): void {
		const name = nameOf(this.#tokens.get(at));
		if (name !== null) this.#calls.push({ kind, name });
	}

	#isWord(at: number, ...words: string[]): boolean {
		return isWord(this.#tokens.get(at), ...words);
	}

	#isMark(at: number, mark: string): boolean {
		return isMark(this.#tokens.get(at), mark);
	}

	/** Where the name that starts at `at`, maybe with its database's before it, has its last part. */
	#lastPart(at: number): number {
		return this.#isMark(at + 1, '.') ? at + 2 : at;
	}

	/** The beginning of a statement, up to and with the name of what it makes or alters. Returns what comes next. */
	#start(at: number): number {
		if (this.#isWord(at, 'EXPLAIN')) return this.#isWord(at + 1, 'QUERY') ? at + 3 : at + 1;
		this.#isStart = false;
		this.#isVacuum = this.#isWord(at, 'VACUUM');
		if (this.#isWord(at, 'ATTACH')) this.#found('statement', at);
		if (this.#isWord(at, 'CREATE')) return this.#create(at + 1);
		if (this.#isWord(at, 'PRAGMA')) {
			const last = this.#lastPart(at + 1);
			this.#found('pragma', last);
			return last + 1;
		}
		if (this.#isWord(at, 'ALTER') && this.#isWord(at + 1, 'TABLE')) {
			this.#frames = [newFrame('columns', 'past')];
			return this.#lastPart(at + 2) + 1;
		}
		return this.#step(at);
	}

	#create(at: number): number {
		let next = at;
		while (this.#isWord(next, 'TEMP', 'TEMPORARY', 'UNIQUE', 'VIRTUAL')) next++;
		const what = next++;
		if (!this.#isWord(what, 'TABLE', 'INDEX', 'VIEW', 'TRIGGER')) {
			this.#calls.push({ kind: 'statement', name: `create_${nameOf(this.#tokens.get(what)) ?? ''}` });
			return what;
		}
		const isGuarded = this.#isWord(next, 'IF') && this.#isWord(next + 1, 'NOT') && this.#isWord(next + 2, 'EXISTS');
		next = this.#lastPart(isGuarded ? next + 3 : next) + 1;
		if (this.#isWord(what, 'TABLE') && this.#isMark(next, '(')) this.#opens = 'columns';
		if (this.#isWord(what, 'INDEX') && this.#isWord(next, 'ON')) return next + 2;
		if (!this.#isWord(next, 'USING')) return next;
		this.#found('module', next + 1);
		if (this.#isMark(next + 2, '(')) this.#opens = 'module';
		return next + 2;
	}

	/** A token within a statement, and those after it that belong to it. Returns what comes next. */
	#step(at: number): number {
		const token = this.#tokens.get(at) as Token;
		const isPastBody = this.#isPastBody;
		this.#isPastBody = false;
		if (isPastBody && !isMark(token, ',')) this.#frame.isWith = false;
		if (this.#isSchemaLine) this.#checkSchemaLine(at);
		if (token.kind === 'mark') {
			this.#punctuate(token.text);
			return isPastBody && isMark(token, ',') && this.#isDeclared(at + 1) ? at + 2 : at + 1;
		}
		if (nameOf(token) === null) return at + 1;
		if (this.#frame.kind === 'module') {
			// FTS3 and FTS4 call these on every row.
			if (isWord(token, 'COMPRESS', 'UNCOMPRESS') && this.#isMark(at + 1, '=')) this.#found('function', at + 2);
			return at + 1;
		}
		const next = token.kind === 'word' ? this.#keyword(at, token.text.toUpperCase()) : null;
		return next ?? this.#name(at);
	}

	#punctuate(mark: string): void {
		if (mark === '(') {
			const { kind, isFrom } = this.#frame;
			this.#frames.push(
				newFrame(kind === 'module' ? kind : this.#opens, this.#opens === 'columns' ? 'start' : 'past', isFrom),
			);
			this.#opens = 'sql';
		} else if (mark === ')' && this.#frames.length > 1) {
			this.#isPastBody = this.#frames.pop()?.kind === 'body';
		} else if (mark === ',') {
			this.#frame.definition = 'start';
		} else if (mark === ';') {
			this.#frames = [newFrame('sql')];
			this.#isStart = true;
			this.#isSchemaLine = false;
		}
	}

	/** Returns what comes next, or null if the word is to be seen as a name too. */
	#keyword(at: number, word: string): number | null {
		const frame = this.#frame;
		if (word === 'FROM' || word === 'JOIN') frame.isFrom = true;
		else if (PAST_FROM.has(word)) frame.isFrom = false;
		switch (word) {
			case 'INTO':
				return this.#into(at);
			case 'REFERENCES':
				frame.definition = 'past';
				return at + 2;
			case 'WITH': {
				const name = this.#isWord(at + 1, 'RECURSIVE') ? at + 2 : at + 1;
				if (!this.#isDeclared(name)) return null;
				frame.isWith = true;
				return name + 1;
			}
			case 'UPDATE':
			case 'IN': {
				const last = this.#lastPart(this.#isWord(at + 1, 'OR') ? at + 3 : at + 1);
				if (!this.#isMark(last + 1, '(')) this.#found('table', last);
				if (word === 'UPDATE' && this.#isSchemaTable(last)) this.#found('statement', last);
				return null;
			}
			case 'ADD':
			case 'TO':
				// Of ALTER TABLE; elsewhere a table's column may be of such a name.
				if (this.#frames.length > 1 || frame.kind !== 'columns') return null;
				frame.definition = 'start';
				return this.#isWord(at + 1, 'COLUMN') ? at + 2 : at + 1;
			default:
				return null;
		}
	}

	/** INTO with its table, and that one's other name. */
	#into(at: number): number {
		if (this.#isVacuum) {
			this.#calls.push({ kind: 'statement', name: 'vacuum_into' });
			return at + 1;
		}
		const last = this.#lastPart(at + 1);
		this.#found('table', last);
		this.#isSchemaLine = this.#isSchemaTable(last);
		return this.#isWord(last + 1, 'AS') ? last + 3 : last + 1;
	}

	/** A name, or a word that may be one. */
	#name(at: number): number {
		const frame = this.#frame;
		const token = this.#tokens.get(at) as Token;
		const word = token.kind === 'word' ? token.text.toUpperCase() : '';
		if (frame.kind === 'cast' && word === 'AS') frame.definition = 'named';
		else if (PAST_TYPE.has(word)) frame.definition = 'past';
		else if (frame.definition === 'start') frame.definition = 'named';
		else if (frame.definition === 'named') frame.definition = 'typed';
		if (!this.#isMark(at + 1, '(')) {
			if (frame.isFrom && !this.#isMark(at + 1, '.')) this.#found('table', at);
			return at + 1;
		}
		if (frame.definition === 'typed' && (frame.kind === 'columns' || frame.kind === 'cast')) {
			const past = this.#pastNumbers(at + 2);
			if (past !== null) return past;
		}
		if (word === 'CAST') this.#opens = 'cast';
		else if (frame.isWith && (word === 'AS' || word === 'MATERIALIZED')) this.#opens = 'body';
		else if (!SYNTAX.has(word)) this.#found('function', at);
		return at + 1;
	}

	/** Claims that a CTE's name stands there. */
	#isDeclared(at: number): boolean {
		return nameOf(this.#tokens.get(at)) !== null && (this.#isMark(at + 1, '(') || this.#isWord(at + 1, 'AS'));
	}

	/** Where `10, -2)` ends that starts at `at`; null if something else is there. */
	#pastNumbers(at: number): number | null {
		for (let next = at, n = 0; n < 2; n++) {
			if (this.#isMark(next, '+') || this.#isMark(next, '-')) next++;
			if (this.#tokens.get(next++)?.kind !== 'number') return null;
			if (this.#isMark(next, ')')) return next + 1;
			if (!this.#isMark(next++, ',')) return null;
		}
		return null;
	}

	#isSchemaTable(at: number): boolean {
		return SCHEMA_TABLES.has((nameOf(this.#tokens.get(at)) ?? '').toUpperCase());
	}

	/** SQL written into the schema table has to stand there as it is, or it cannot be told what it will be. */
	#checkSchemaLine(at: number): void {
		const token = this.#tokens.get(at) as Token;
		if (token.kind === 'string') this.#found('schema', at);
		else if (token.kind !== 'number' && !SCHEMA_LINE.has(token.text.toUpperCase())) {
			this.#calls.push({ kind: 'statement', name: 'sqlite_schema' });
			this.#isSchemaLine = false;
		}
	}
}
