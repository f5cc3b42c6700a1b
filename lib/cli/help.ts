import type { ArgumentSpecs, CommandDefinition, OptionSpec, OptionSpecs } from './definition';

/** Columns of a line at most, where its words allow. */
const COLUMNS = 100;

/** The text of `--help`: how the command is called, what it does, its arguments and its options. */
export function formatHelp(
	definition: Pick<
		CommandDefinition<ArgumentSpecs, OptionSpecs>,
		'name' | 'summary' | 'arguments' | 'options' | 'notes'
	>,
): string {
	const { name, summary, arguments: words = [], options = {}, notes = [] } = definition;
	const usage = words.map((word) => (word.optional ? ` [${word.name}]` : ` <${word.name}>`)).join('');
	const argumentRows = words.map((word): Row => [word.name, word.summary]);
	const optionRows = Object.entries(options).map(([key, spec]): Row => [termOf(key, spec), spec.summary]);
	const width = Math.max(...[...argumentRows, ...optionRows].map(([term]) => term.length));
	return [
		`Usage: ${name} [options]${usage}`,
		fold(summary, COLUMNS).join('\n'),
		...(words.length > 0 ? [`Arguments:\n${rows(argumentRows, width)}`] : []),
		`Options:\n${rows(optionRows, width)}`,
		...(notes.length > 0 ? [notes.join('\n')] : []),
	]
		.join('\n\n')
		.concat('\n');
}

type Row = readonly [term: string, summary: string];

/** The option of a key, as it is typed: `maxRows` is `--max-rows`. */
export function flagOf(key: string): string {
	if (!/^[a-zA-Z]+$/.test(key)) throw new TypeError(`the option ${key} is not in camel case: its value would be lost`);
	return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function termOf(key: string, spec: OptionSpec): string {
	const flag = key === 'help' ? `-h, ${flagOf(key)}` : flagOf(key);
	if (spec.kind === 'flag') return flag;
	return `${flag} <${spec.kind === 'choice' ? spec.choices.join('|') : spec.value}>`;
}

function rows(all: readonly Row[], width: number): string {
	const indent = ' '.repeat(width + 4);
	const lines = all.map(
		([term, summary]) => `  ${term.padEnd(width)}  ${fold(summary, COLUMNS - indent.length).join(`\n${indent}`)}`,
	);
	return lines.join('\n');
}

/** Breaks a text into lines between its words. */
function fold(text: string, columns: number): string[] {
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines;
}
