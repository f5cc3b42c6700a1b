import { parseArgs } from 'node:util';
import { LifeboatError } from '../core/errors';
import type {
	ArgumentSpecs,
	ArgumentValues,
	CommandDefinition,
	OptionSpec,
	OptionSpecs,
	OptionValues,
} from './definition';
import { flagOf, formatHelp } from './help';

export type ParsedCommandLine<A extends ArgumentSpecs, O extends OptionSpecs> =
	| { readonly kind: 'help'; readonly text: string }
	| {
			readonly kind: 'run';
			readonly arguments: ArgumentValues<A>;
			readonly options: OptionValues<O>;
	  };

/** Those that every command has. `json` is for the frame of all commands, which looks for it by itself. */
const COMMON: Readonly<Record<string, OptionSpec>> = {
	json: { kind: 'flag', summary: 'print the result as JSON' },
	help: { kind: 'flag', summary: 'show this and do nothing' },
};

/**
 * Parses the words after the script's name. Throws `USAGE_INVALID` for anything that the definition does not have, with
 * no value in the message, as a URL may hold a token.
 */
export function parseCommandLine<A extends ArgumentSpecs, O extends OptionSpecs>(
	definition: CommandDefinition<A, O>,
	words: readonly string[],
): ParsedCommandLine<A, O> {
	const own: OptionSpecs = definition.options ?? {};
	const all = { ...own, ...COMMON };
	const keyOf = new Map(Object.keys(all).map((key) => [flagOf(key), key]));
	const positionals: string[] = [];
	const values = new Map<string, unknown>();
	const { tokens } = splitWords(all, words);
	// Whatever else is wrong with them: who asks for help gets it.
	const asksForHelp = tokens.some((token) => token.kind === 'option' && token.name === 'help');
	if (asksForHelp) return { kind: 'help', text: formatHelp({ ...definition, options: all }) };
	for (const token of tokens) {
		if (token.kind === 'positional') positionals.push(token.value);
		if (token.kind !== 'option') continue;
		const key = keyOf.get(`--${token.name}`);
		// Only as far as it can be a name: what follows may be a value.
		if (key === undefined) throw usage(`unknown option ${/^[^=\s]*/.exec(token.rawName)?.[0]}`);
		values.set(key, readValue(flagOf(key), all[key] as OptionSpec, token.value, values.get(key)));
	}
	return {
		kind: 'run',
		arguments: argumentValues(definition, positionals),
		options: Object.fromEntries(
			Object.entries(own).map(([key, { kind }]) => [key, values.get(key) ?? valueOfNone(kind)]),
		) as OptionValues<O>,
	};
}

/** Words of options and others, told apart. What is wrong with them is ours to say, so that no value is shown. */
function splitWords(specs: OptionSpecs, words: readonly string[]) {
	const options = Object.entries(specs).map(([key, { kind }]) => [
		flagOf(key).slice(2),
		{ type: kind === 'flag' ? ('boolean' as const) : ('string' as const), ...(key === 'help' ? { short: 'h' } : {}) },
	]);
	return parseArgs({
		args: [...words],
		options: Object.fromEntries(options),
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
}

function valueOfNone(kind: OptionSpec['kind']): unknown {
	if (kind === 'flag') return false;
	return kind === 'list' ? [] : undefined;
}

function readValue(flag: string, spec: OptionSpec, text: string | undefined, previous: unknown): unknown {
	if (spec.kind === 'flag') {
		if (text !== undefined) throw usage(`${flag} takes no value`);
		return true;
	}
	// What looks like an option is one whose value was forgotten: `--out --json` must not write a file "--json".
	if (text === undefined || text.trim() === '' || text.startsWith('--')) throw usage(`${flag} needs a value`);
	if (spec.kind === 'list') {
		const items = text.split(',').map((item) => item.trim());
		if (items.includes('')) throw usage(`${flag} has an empty item in its list`);
		return [...((previous as string[] | undefined) ?? []), ...items];
	}
	if (previous !== undefined) throw usage(`${flag} is given twice`);
	if (spec.kind === 'choice' && !spec.choices.includes(text)) {
		throw usage(`${flag} is none of ${spec.choices.join(', ')}`);
	}
	if (spec.kind !== 'count') return text;
	if (!/^[0-9]{1,15}$/.test(text)) throw usage(`${flag} is not a whole number`);
	return Number(text);
}

function argumentValues<A extends ArgumentSpecs>(
	definition: { readonly arguments?: A },
	words: readonly string[],
): ArgumentValues<A> {
	const specs = definition.arguments ?? [];
	if (words.length > specs.length) throw usage('too many arguments');
	const entries = specs.map(({ name, optional }, index) => {
		if (words[index] === undefined && !optional) throw usage(`the argument ${name} is missing`);
		if (words[index]?.trim() === '') throw usage(`the argument ${name} is empty`);
		return [name, words[index]];
	});
	return Object.fromEntries(entries) as ArgumentValues<A>;
}

function usage(message: string): LifeboatError {
	return new LifeboatError('USAGE_INVALID', message, { hint: 'see --help' });
}
