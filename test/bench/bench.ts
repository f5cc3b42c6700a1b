/** `npm run bench`: see options.ts for what it does, measures.ts for what is judged, docs/benchmark.md for the results. */
import { writeFile } from 'node:fs/promises';
import { listenForInterrupts } from '../../lib/cli/interrupts';
import { drawChart } from './chart';
import { CONTESTANTS } from './contestants';
import type { DataName, Reference } from './data';
import { writeDocs } from './docs-page';
import { judge } from './judge';
import { describeMachine } from './machine';
import { MEASURES, type Measure } from './measures';
import { HELP, type Options, parseOptions } from './options';
import { showResults } from './report';
import { type Results, toJson } from './results';
import { finish, PATIENCE, QUICK_PATIENCE, runRounds } from './rounds';
import { SIZE_CONTESTANTS, timesBySize } from './sizes';
import { Stage } from './stage';

const QUICK_SCALE = 0.1;

async function main(): Promise<number> {
	const options = parseOptions(process.argv.slice(2));
	const { isQuick, only, help, list } = options;
	const measures = MEASURES.filter(
		({ id, title, bar, notInQuick }) =>
			(only.test(id) || only.test(title)) && !(isQuick && bar === null && notInQuick !== undefined),
	);
	// It says nothing at a tenth of the size: process start is most of it there.
	const hasSizes = !isQuick && only.test('sizes');
	if (help) return tell(HELP);
	if (list) return tell(measures.map(({ id, title, bar }) => `${id}\t${title}\t${bar ?? ''}\n`).join(''));
	if (measures.length === 0 && !hasSizes) throw new Error('--only matches no measure: see --list');
	const interrupts = listenForInterrupts(process);
	const stage = new Stage(isQuick ? QUICK_SCALE : 1, interrupts.signal, (text) => process.stderr.write(`${text}\n`));
	const closeAtOnce = () => stage.closeAtOnce();
	// However this process ends: a second interrupt and a closed terminal do not wait for what is below.
	process.once('exit', closeAtOnce);
	process.once('SIGHUP', () => process.exit(1));
	try {
		const results = await run(stage, options, measures, hasSizes);
		tell(`${showResults(results)}\n`);
		if (options.json) await writeFile(options.json, toJson(results));
		if (options.svg) await writeFile(options.svg, drawChart(results));
		if (options.docs) await writeDocs(results);
		const missed = results.verdicts.filter(({ isMet }) => isMet === false);
		return isQuick && missed.length > 0 ? 1 : 0;
	} finally {
		await stage.close();
		process.off('exit', closeAtOnce);
		interrupts.close();
	}
}

async function run(
	stage: Stage,
	{ runs, isQuick }: Options,
	measures: readonly Measure[],
	hasSizes: boolean,
): Promise<Results> {
	const startedMs = performance.now();
	const machine = await describeMachine(stage);
	const ids = new Set(measures.flatMap(({ ours, peer }) => [ours, ...(peer === undefined ? [] : [peer])]));
	if (hasSizes) for (const id of SIZE_CONTESTANTS) ids.add(id);
	const contestants = CONTESTANTS.filter(({ id }) => ids.has(id));
	const samples = await runRounds(stage, contestants, runs, isQuick ? QUICK_PATIENCE : PATIENCE);
	await finish(stage);
	const data = new Map<DataName, Reference>();
	for (const name of new Set(contestants.flatMap(({ data }) => (data === null ? [] : [data]))))
		data.set(name, await stage.data(name).reference());
	return {
		machine,
		runs,
		isQuick,
		scale: stage.scale,
		verdicts: measures.map((measure) => judge(measure, samples, isQuick)),
		samples,
		data,
		sizes: hasSizes ? timesBySize(samples, stage.scale) : [],
		minutes: (performance.now() - startedMs) / 60_000,
	};
}

function tell(text: string): number {
	process.stdout.write(text);
	return 0;
}

try {
	process.exitCode = await main();
} catch (error) {
	process.stderr.write(`the benchmark failed: ${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
}
