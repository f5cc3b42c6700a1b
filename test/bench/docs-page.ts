import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawChart } from './chart';
import { showMachine } from './machine';
import { NOTES, wireNote } from './notes';
import { contestantSheet, measureSheet, type Sheet, sizeSheet } from './report';
import type { Results } from './results';
import { ROOT } from './tsx';

const PAGE = join(ROOT, 'docs/benchmark.md');
const CHART = join(ROOT, 'docs/benchmark.svg');
/** What is kept from one writing to the next: what was written by hand, and times against size where they are not measured. */
const BY_HAND = [
	'<!-- Written by hand; `npm run bench -- --docs` keeps it. -->',
	'<!-- End of what is kept. -->',
] as const;
const SIZES = ['<!-- Times against size. -->', '<!-- End of times against size. -->'] as const;

/** Writes the page of the results, but for what was written into it by hand, and the chart. */
export async function writeDocs(results: Results): Promise<void> {
	const before = await readFile(PAGE, 'utf8').catch((error) => {
		if (error.code === 'ENOENT') return '';
		throw error;
	});
	await writeFile(CHART, drawChart(results));
	await writeFile(PAGE, page(results, before));
}

function page(results: Results, before: string): string {
	const { machine, runs, minutes } = results;
	const sizes = results.sizes.length > 0 ? `\n${markdown(sizeSheet(results))}\n` : keptOf(before, SIZES);
	return `# Benchmark

What this project takes beside what a user would use instead: the same data, one run, interleaved round by round.
Medians of ${runs} rounds, process start included; what takes over a minute is run less often, as the last column says.

${showMachine(machine)}; took ${Math.round(minutes)} min.

![Seconds to back up and restore, beside other ways](benchmark.svg)

${markdown(measureSheet(results))}

The ratio first: of the two times, of the two peaks, or the figure itself. \`≤\` and \`≥\` say which side of the bar is
met. A peer's runs stand second where they differ. Everything that was run:

${markdown(contestantSheet(results))}

## Time against size

A cost that grows faster than the data would show in the last column.

${SIZES.join(sizes)}

${BY_HAND.join(keptOf(before, BY_HAND))}

## How it is measured

${[...NOTES, ...wireNote(results)].map((note) => `- ${note}`).join('\n')}

## Again

\`\`\`sh
npm run bench                        # all of it: about 40 minutes
npm run bench -- --quick             # a tenth of the data, judged by twice the bars: as in CI
npm run bench -- --only restore      # some of it; --list names the measures
npm run bench -- --json all.json     # every single value
npm run bench -- --docs              # this page, anew
\`\`\`
`;
}

/** What stands between two marks. */
function keptOf(page: string, [from, to]: readonly [string, string]): string {
	const [start, end] = [page.indexOf(from), page.indexOf(to)];
	return start === -1 || end === -1 ? '\n' : page.slice(start + from.length, end);
}

function markdown({ columns, rows }: Sheet): string {
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [
		line(columns.map(({ heading }) => heading)),
		line(columns.map(({ align }) => (align === 'right' ? '--:' : '---'))),
		...rows.map(line),
	].join('\n');
}
