import type { Sample } from './contestant';
import { contestant, LINE_BYTES_PER_SECOND } from './contestants';
import type { Measure } from './measures';

/** All runs so far, by the contestant's id. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

export interface Verdict {
	readonly measure: Measure;
	/** In the measure's own unit. */
	readonly value: number;
	/** The one that it is judged by: in a quick run, a looser one. Null: it is not judged. */
	readonly bar: number | null;
	/** Null: it is not judged. */
	readonly isMet: boolean | null;
	/** Medians, scaled up to all of the data. Null: there is no such time. */
	readonly oursSeconds: number | null;
	readonly peerSeconds: number | null;
}

/** Judges one by what was measured. With `isQuick`, loosely: by twice the bar. */
export function judge(measure: Measure, samples: Samples, isQuick: boolean): Verdict {
	const value = figureOf(measure, samples);
	const isJudged = measure.bar !== null && !(isQuick && measure.notInQuick);
	const bar = isJudged && measure.bar !== null ? (isQuick ? loosened(measure.figure, measure.bar) : measure.bar) : null;
	return {
		measure,
		value,
		bar,
		isMet: bar === null ? null : measure.figure === 'faster' ? value >= bar : value <= bar,
		oursSeconds: secondsOf(measure.ours, samples),
		peerSeconds:
			measure.figure === 'wire'
				? median(of(measure.ours, samples).map(wireSeconds))
				: measure.peer === undefined
					? null
					: secondsOf(measure.peer, samples),
	};
}

/** The median time of a contestant in seconds; if it is given a part of the data, scaled up to all of it. */
export function secondsOf(id: string, samples: Samples): number {
	return median(of(id, samples).map(({ seconds }) => seconds)) / (contestant(id).part ?? 1);
}

/** The highest of its runs, in MB. Null: not known. */
export function peakOf(id: string, samples: Samples): number | null {
	const peaks = of(id, samples).flatMap(({ peakMb }) => (peakMb === null ? [] : [peakMb]));
	return peaks.length === 0 ? null : Math.max(...peaks);
}

/** The middle one; of an even number the mean of both. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
	return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

function figureOf({ figure, ours, peer = '' }: Measure, samples: Samples): number {
	switch (figure) {
		case 'ratio':
			return secondsOf(ours, samples) / secondsOf(peer, samples);
		case 'faster':
			return secondsOf(peer, samples) / secondsOf(ours, samples);
		case 'wire':
			return median(of(ours, samples).map((sample) => sample.seconds / wireSeconds(sample)));
		case 'seconds':
			return secondsOf(ours, samples);
		case 'peak':
			return peakOf(ours, samples) ?? Number.NaN;
		case 'growth':
			return (peakOf(ours, samples) ?? Number.NaN) / (peakOf(peer, samples) ?? Number.NaN);
	}
}

/** How long the line of 200 Mbit/s takes for what was asked and answered, in whichever direction was more. */
function wireSeconds({ wire }: Sample): number {
	return Math.max(wire?.asked ?? 0, wire?.answered ?? 0) / LINE_BYTES_PER_SECOND;
}

function loosened(figure: Measure['figure'], bar: number): number {
	if (figure === 'faster') return bar / 2;
	// Twice the growth.
	return figure === 'growth' ? 1 + (bar - 1) * 2 : bar * 2;
}

function of(id: string, samples: Samples): readonly Sample[] {
	return samples.get(id) ?? [];
}
