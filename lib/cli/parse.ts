import { Command, CommanderError, Option } from 'commander';
import { LifeboatError } from '../core/errors';
import type {
	ArgumentSpecs,
	ArgumentValues,
	CommandDefinition,
	OptionSpec,
	OptionSpecs,
	OptionValues,
} from './definition';

export type ParsedCommandLine<A extends ArgumentSpecs, O extends OptionSpecs> =
	| { readonly kind: 'help'; readonly text: string }
	| {
			readonly kind: 'run';
			readonly arguments: ArgumentValues<A>;
			readonly options: OptionValues<O>;
	  };

/**
 * Parses the words after the script's name. Throws `USAGE_INVALID` for anything that the definition does not have, with
 * no value in the message, as a URL may hold a token.
 */
export function parseCommandLine<A extends ArgumentSpecs, O extends OptionSpecs>(
	definition: CommandDefinition<A, O>,
	words: readonly string[],
): ParsedCommandLine<A, O> {
	const help: string[] = [];
	const command = new Command(definition.name)
		.description(definition.summary)
		.helpOption('-h, --help', 'show this and do nothing')
		.exitOverride()
		.configureOutput({ writeOut: (text) => void help.push(text), writeErr: () => {}, getOutHelpWidth: () => 100 });
	for (const { name, summary, optional } of definition.arguments ?? []) {
		command.argument(optional ? `[${name}]` : `<${name}>`, summary);
	}
	const options = Object.entries(definition.options ?? {}).map(([key, spec]) => ({
		key,
		kind: spec.kind,
		option: toOption(key, spec),
	}));
	for (const { option } of options) command.addOption(option);
	command.option('--json', 'print the result as JSON');
	if (definition.notes) command.addHelpText('after', `\n${definition.notes.join('\n')}`);

	try {
		command.parse([...words], { from: 'user' });
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (error.exitCode === 0) return { kind: 'help', text: help.join('') };
		throw toUsageError(error);
	}
	const values = command.opts();
	return {
		kind: 'run',
		arguments: argumentValues(definition, command.args),
		options: Object.fromEntries(
			options.map(({ key, kind, option }) => {
				const value = values[option.attributeName()];
				// Commander takes `--no-x` for the opposite of an option `x`.
				if (option.negate) return [key, value === false];
				return [key, value ?? (kind === 'flag' ? false : kind === 'list' ? [] : undefined)];
			}),
		) as OptionValues<O>,
	};
}

function toOption(key: string, spec: OptionSpec): Option {
	if (!/^[a-zA-Z]+$/.test(key)) throw new TypeError(`the option ${key} is not in camel case: its value would be lost`);
	const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
	if (spec.kind === 'flag') return new Option(flag, spec.summary);
	const value = spec.kind === 'choice' ? spec.choices.join('|') : spec.value;
	return new Option(`${flag} <${value}>`, spec.summary).argParser((text, previous: unknown) => {
		// What looks like an option is one whose value was forgotten: `--out --json` must not write a file "--json".
		if (text.trim() === '' || text.startsWith('--')) throw usage(`${flag} needs a value`);
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
	});
}

function argumentValues<A extends ArgumentSpecs>(
	definition: { readonly arguments?: A },
	words: readonly string[],
): ArgumentValues<A> {
	const entries = (definition.arguments ?? []).map(({ name }, index) => {
		if (words[index]?.trim() === '') throw usage(`the argument ${name} is empty`);
		return [name, words[index]];
	});
	return Object.fromEntries(entries) as ArgumentValues<A>;
}

function toUsageError(error: CommanderError): LifeboatError {
	switch (error.code) {
		case 'commander.unknownOption':
			return usage(`unknown option ${/'(-[^'=\s]*)/.exec(error.message)?.[1] ?? ''}`.trimEnd());
		case 'commander.excessArguments':
			return usage('too many arguments');
		default:
			return usage(error.message.replace(/^error: /, ''));
	}
}

function usage(message: string): LifeboatError {
	return new LifeboatError('USAGE_INVALID', message, { hint: 'see --help' });
}
