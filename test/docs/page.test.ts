import { expect, it } from 'vitest';
import { anchorOf, readSections, showsWhat, withOutputs } from './page';

const PAGE = `# Page

## Provider's region (down)

\`\`\`sh
a --b
\`\`\`

\`\`\`text
one
\`\`\`

\`\`\`sh
c  # exit code 4
\`\`\`

\`\`\`console
turso x
\`\`\`

## Another
`;

it('reads what a page has its reader do', () => {
	const [first, second] = readSections(PAGE);
	expect(first).toMatchObject({
		anchor: 'providers-region-down',
		runs: [
			{ command: 'a --b', exit: 0, shown: 'one' },
			{ command: 'c  # exit code 4', exit: 4, shown: null },
		],
		notRun: ['turso x'],
	});
	expect(second).toMatchObject({ title: 'Another', runs: [] });
	expect(anchorOf('How long will it take?')).toBe('how-long-will-it-take');
});

it('puts other outputs in the place of those that are shown', () => {
	const [run] = readSections(PAGE)[0]?.runs ?? [];
	const page = withOutputs(PAGE, new Map(run ? [[run, 'two\nthree']] : []));
	expect(page).toBe(PAGE.replace('one', 'two\nthree'));
});

it.each([
	['the same', 'a\nb', 'a\nb\n', true],
	['another word', 'a\nb', 'a\nc\n', false],
	['a line more', 'a', 'a\nb\n', false],
	['a line less', 'a\nb', 'a\n', false],
	['lines that are left out', 'a\n…\nd', 'a\nb\nc\nd\n', true],
	['none where lines are left out', 'a\n…\nd', 'a\nd\n', true],
	['what is not among the lines that are left out', 'a\n…\ne', 'a\nb\nd\n', false],
	['a part of a line', '{"a":1,…}', '{"a":1,"b":2}\n', true],
	['a part of a line that is another', '{"a":1,…}', '{"a":2,"b":2}\n', false],
	[
		'another id, time, size and width',
		'backup-20261120T020000Z-7f3a  2.1 kB  1.5 s',
		'backup-20261121T030000Z-0000  12 B  340 ms',
		true,
	],
	['another number of rows', '3 tables, 161 rows', '3 tables, 160 rows', false],
	['a character that means something in a pattern', 'a.b(c)', 'axb(c)', false],
])('holds what is shown against what is printed: %s', (_, shown, printed, isSame) => {
	expect(showsWhat(shown, printed)).toBe(isSame);
});
