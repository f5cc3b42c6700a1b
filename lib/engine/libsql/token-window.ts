import { type Token, tokenize } from './sql-tokens';

/** How many tokens that have been read are kept before they are let go together. */
const KEPT = 1_000;

/** The tokens of SQL by their number, read as they are asked for: SQL of many megabytes is never held as tokens. */
export class TokenWindow {
	readonly #source: Iterator<Token>;
	#tokens: Token[] = [];
	#first = 0;

	constructor(sql: string) {
		this.#source = tokenize(sql);
	}

	/** The token of that number; undefined past the end. It must not have been let go. */
	get(at: number): Token | undefined {
		while (at >= this.#first + this.#tokens.length) {
			const { value, done } = this.#source.next();
			if (done) return undefined;
			this.#tokens.push(value);
		}
		return this.#tokens[at - this.#first];
	}

	/** Lets go of the tokens before that number. */
	release(at: number): void {
		if (at - this.#first < KEPT) return;
		this.#tokens = this.#tokens.slice(at - this.#first);
		this.#first = at;
	}
}
