import type { Sample } from './contestant';
import { contestant } from './contestants';
import type { DataName, Reference } from './data';
import { peakOf, secondsOf, type Verdict } from './judge';
import type { Machine } from './machine';
import type { SizeTime } from './sizes';

/** All that a run of the benchmark has found. */
export interface Results {
	readonly machine: Machine;
	/** Rounds; contestants that take long have fewer runs. */
	readonly runs: number;
	readonly isQuick: boolean;
	/** 1: the full size. */
	readonly scale: number;
	readonly verdicts: readonly Verdict[];
	readonly samples: ReadonlyMap<string, readonly Sample[]>;
	readonly data: ReadonlyMap<DataName, Reference>;
	/** Empty: not measured. */
	readonly sizes: readonly SizeTime[];
	/** Of the whole benchmark. */
	readonly minutes: number;
}

/** One that was run, in the figures that tables show. */
export interface Summary {
	readonly title: string;
	readonly runs: number;
	/** The median, scaled up to all of the data. */
	readonly seconds: number;
	/** Of the CPU, median or not known; scaled up likewise. */
	readonly cpuSeconds: number | null;
	/** Megabytes (10^6) of row text a second. */
	readonly mbPerSecond: number | null;
	readonly peakMb: number | null;
	/** HTTP requests of the last run, if they were counted. */
	readonly requests: number | null;
	/** The share of the rows that it was given. */
	readonly part: number;
}

/** Sums up the runs of one contestant. */
export function summarizeRuns({ samples, data }: Results, id: string): Summary {
	const { title, data: name, part = 1 } = contestant(id);
	const own = samples.get(id) ?? [];
	const seconds = secondsOf(id, samples);
	const textBytes = name === null ? undefined : data.get(name)?.textBytes;
	const cpus = own.flatMap(({ cpuSeconds }) => (cpuSeconds === null ? [] : [cpuSeconds])).sort((a, b) => a - b);
	return {
		title,
		runs: own.length,
		seconds,
		cpuSeconds: cpus.length === 0 ? null : (cpus[Math.floor(cpus.length / 2)] ?? 0) / part,
		mbPerSecond: textBytes === undefined ? null : textBytes / 1e6 / seconds,
		peakMb: peakOf(id, samples),
		requests: own.at(-1)?.wire?.requests ?? null,
		part,
	};
}

/** For machines: every single value, and what was made of them. */
export function toJson(results: Results): string {
	const { verdicts, samples, data, ...rest } = results;
	const measures = verdicts.map(
		({ measure: { id, title, figure, ours, peer, bar: fullBar, notInQuick }, ...verdict }) => ({
			id,
			title,
			figure,
			ours,
			peer: peer ?? null,
			fullBar,
			...verdict,
			notJudged: results.isQuick ? (notInQuick ?? null) : null,
		}),
	);
	const contestants = [...samples].map(([id, runs]) => ({ id, ...summarizeRuns(results, id), samples: runs }));
	const datasets = [...data].map(([name, { rows, textBytes }]) => ({ name, rows, textBytes }));
	return `${JSON.stringify({ ...rest, measures, contestants, datasets }, null, '\t')}\n`;
}
