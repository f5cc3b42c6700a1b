import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run bench -- [options]

Measure this project beside what a user would use instead, on the same data, in one run, interleaved.
Needs bash, sqlite3, curl and gzip, 5 GB in the temporary folder, and about 40 minutes; --quick a few.

Options:
  --quick          a tenth of the data and twice the bars; exit code 1 if one is not met
  --runs N         rounds (5; with --quick 3); what takes long is run less often, as the table says
  --only PATTERN   only measures whose id or title matches this regular expression
  --list           show the measures and their bars, and do nothing
  --json FILE      write every single value
  --svg FILE       write a chart of the medians
  --docs           write docs/benchmark.md and docs/benchmark.svg; times against size are kept if not measured
  -h, --help       show this and do nothing
`;

const QUICK_RUNS = 3;
const RUNS = 5;

/** What the benchmark was asked for. */
export interface Options {
	readonly isQuick: boolean;
	readonly runs: number;
	readonly only: RegExp;
	readonly list: boolean;
	readonly json?: string;
	readonly svg?: string;
	readonly docs: boolean;
	readonly help: boolean;
}

/** Throws at whatever it does not know. */
export function parseOptions(words: string[]): Options {
	const { values } = parseArgs({
		args: words,
		options: {
			quick: { type: 'boolean', default: false },
			runs: { type: 'string' },
			only: { type: 'string', default: '' },
			list: { type: 'boolean', default: false },
			json: { type: 'string' },
			svg: { type: 'string' },
			docs: { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	const runs = Number(values.runs ?? (values.quick ? QUICK_RUNS : RUNS));
	if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs wants a whole number from 1');
	if (values.docs && values.quick) throw new Error('--docs wants data of the full size');
	return {
		isQuick: values.quick,
		runs,
		only: new RegExp(values.only, 'i'),
		list: values.list,
		json: values.json,
		svg: values.svg,
		docs: values.docs,
		help: values.help,
	};
}
