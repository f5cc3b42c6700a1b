import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../lib/cli/parse';
import { LifeboatError } from '../../lib/core/errors';

const definition = {
	name: 'fixture',
	summary: 'does what it is told',
	arguments: [
		{ name: 'deed', summary: 'what to do' },
		{ name: 'extra', summary: 'more', optional: true },
	],
	options: {
		confirm: { kind: 'flag', summary: 'do it' },
		to: { kind: 'text', value: 'URL', summary: 'the target' },
		proof: { kind: 'choice', choices: ['restore', 'read', 'none'], summary: 'the proof' },
		tables: { kind: 'list', value: 'a,b', summary: 'tables' },
		maxRows: { kind: 'count', value: 'N', summary: 'a bound' },
	},
	run: async () => ({ data: null, text: '' }),
} as const;

describe('parseCommandLine', () => {
	it('has a value for every option', () => {
		expect(parseCommandLine(definition, ['act'])).toEqual({
			kind: 'run',
			arguments: { deed: 'act', extra: undefined },
			options: { confirm: false, to: undefined, proof: undefined, tables: [], maxRows: undefined },
		});
	});

	it.each([[['--help']], [['-h', 'a', 'b', 'c']], [['--nonsense', '--to', '--help', '--help']]])(
		'helps for %j',
		(words) => {
			const long = { ...definition, summary: 'word '.repeat(40).trim(), notes: ['a note'] };
			const line = parseCommandLine(long, words);
			if (line.kind !== 'help') throw new Error('no help');
			expect(line.text.split('\n').filter((text) => text.length > 100)).toEqual([]);
			for (const told of ['fixture [options] <deed> [extra]', '--to <URL>', '--max-rows <N>', '-h, --help', 'a note'])
				expect(line.text).toContain(told);
		},
	);

	it('takes what comes after -- as it is', () => {
		expect(parseCommandLine(definition, ['--confirm', '--', '--json'])).toMatchObject({
			arguments: { deed: '--json' },
			options: { confirm: true },
		});
	});

	it.each([
		[[], 'deed'],
		[['act', 'b', 'hunter2'], 'too many'],
		[[''], 'empty'],
		[['act', '--hunter=hunter2'], '--hunter'],
		[['act', '--conf'], '--conf'],
		[['act', '-x'], '-x'],
		[['act', '--confirm=hunter2'], '--confirm'],
		[['act', '--to'], '--to'],
		[['act', '--to', '--confirm'], '--to'],
		[['act', '--to='], '--to'],
		[['act', '--to', 'a', '--to', 'hunter2'], 'twice'],
		[['act', '--proof', 'hunter2'], 'restore, read, none'],
		[['act', '--max-rows', '1e3'], '--max-rows'],
		[['act', '--max-rows', '-1'], '--max-rows'],
		[['act', '--tables', 'a,,b'], '--tables'],
	])('refuses %j, and says no value', (words, told) => {
		let error: unknown;
		try {
			parseCommandLine(definition, words);
		} catch (caught) {
			error = caught;
		}
		expect(error).toBeInstanceOf(LifeboatError);
		const { code, message } = error as LifeboatError;
		expect(code).toBe('USAGE_INVALID');
		expect(message).toContain(told);
		expect(message).not.toMatch(/hunter2|\n/);
	});
});
