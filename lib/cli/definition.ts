import type { Config, ConfigNeed, ConfigWith } from '../config/config';
import type { CommandResult } from './output';
import type { Progress } from './progress';

/** One word of the command line. Only the last may be left out. */
export interface ArgumentSpec {
	readonly name: string;
	readonly summary: string;
	/** May be left out; `undefined` then. */
	readonly optional?: true;
}

/**
 * One option, named after its key: `maxRows` is `--max-rows`. All may be left out: a flag is then false, a list empty,
 * any other undefined. None but a list may be given twice; an empty value is refused.
 */
export type OptionSpec =
	| { readonly kind: 'flag'; readonly summary: string }
	| { readonly kind: 'text'; readonly value: string; readonly summary: string }
	| { readonly kind: 'choice'; readonly choices: readonly string[]; readonly summary: string }
	/** Comma-separated, and may be given more than once. */
	| { readonly kind: 'list'; readonly value: string; readonly summary: string }
	/** A whole number of zero or more. */
	| { readonly kind: 'count'; readonly value: string; readonly summary: string };

type OptionValue<S extends OptionSpec> = S extends { kind: 'flag' }
	? boolean
	: S extends { kind: 'choice'; choices: readonly (infer C)[] }
		? C | undefined
		: S extends { kind: 'list' }
			? readonly string[]
			: S extends { kind: 'count' }
				? number | undefined
				: string | undefined;

export type ArgumentSpecs = readonly ArgumentSpec[];
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type ArgumentValues<A extends ArgumentSpecs> = {
	readonly [S in A[number] as S['name']]: S extends { optional: true } ? string | undefined : string;
};
export type OptionValues<O extends OptionSpecs> = { readonly [K in keyof O]: OptionValue<O[K]> };

/** What a command is given to work with. */
export interface CommandContext<A extends ArgumentSpecs, O extends OptionSpecs> {
	readonly arguments: ArgumentValues<A>;
	readonly options: OptionValues<O>;
	/** Aborts with `ABORTED` at SIGINT or SIGTERM; a second one ends the process at once. */
	readonly signal: AbortSignal;
	readonly progress: Progress;
	/** The working directory, where relative paths start. */
	readonly cwd: string;
	/** Errors of promises that nobody waited for, so far. They end nothing. */
	readonly backgroundFailures: readonly unknown[];
	/** The config, with the parts that this command needs. Rejects with `CONFIG_INVALID`. */
	config(): Promise<Config>;
	config<const N extends ConfigNeed>(...need: N[]): Promise<ConfigWith<N>>;
	/** Asks for a passphrase on the terminal; null where there is none. */
	ask(question: string): Promise<string | null>;
	/** Says something to stderr. */
	say(text: string): void;
	/** Takes the secrets of the environment out of what is told to others. */
	redact(text: string): string;
	/** Whether `--json` was given. */
	readonly isJson: boolean;
	/** Writes a part of the result to stdout as it is, before the rest; resolves when there is room for more. */
	write(text: string): Promise<void>;
}

export interface CommandDefinition<A extends ArgumentSpecs, O extends OptionSpecs> {
	/** As it is called: `npx tsx scripts/list-backups.ts`. */
	readonly name: string;
	readonly summary: string;
	readonly arguments?: A;
	/** `help` and `json` are there by themselves. */
	readonly options?: O;
	/** Lines after the options in `--help`. */
	readonly notes?: readonly string[];
	run(context: CommandContext<A, O>): Promise<CommandResult>;
}
