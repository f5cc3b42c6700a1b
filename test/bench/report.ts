import { formatTable, type TableColumn } from '../../lib/cli/table';
import type { Verdict } from './judge';
import { showMachine } from './machine';
import { wireNote } from './notes';
import { type Results, summarizeRuns } from './results';

/** A table: headings, whether each column is of numbers, and the cells. */
export interface Sheet {
	readonly columns: readonly TableColumn[];
	readonly rows: readonly (readonly string[])[];
}

const left = (heading: string): TableColumn => ({ heading });
const right = (heading: string): TableColumn => ({ heading, align: 'right' });

/** The measures, ratios first. */
export function measureSheet(results: Results): Sheet {
	return {
		columns: [
			left('measure'),
			right('ratio'),
			right('bar'),
			left(''),
			right('seconds'),
			right('peer'),
			right('MB/s'),
			right('peak MB'),
			right('runs'),
		],
		rows: results.verdicts.map((verdict) => {
			const { measure, value, bar, isMet, oursSeconds, peerSeconds } = verdict;
			const ours = summarizeRuns(results, measure.ours);
			const peerRuns = measure.peer === undefined ? null : summarizeRuns(results, measure.peer).runs;
			return [
				measure.title,
				showValue(verdict, value),
				bar === null ? '' : `${measure.figure === 'faster' ? '≥' : '≤'} ${showValue(verdict, bar)}`,
				isMet === null ? 'told' : isMet ? 'met' : 'NOT MET',
				showSeconds(oursSeconds),
				showSeconds(peerSeconds),
				showRate(ours.mbPerSecond),
				ours.peakMb?.toFixed(0) ?? '',
				peerRuns === null || peerRuns === ours.runs ? `${ours.runs}` : `${ours.runs}, ${peerRuns}`,
			];
		}),
	};
}

/** Everything that was run. */
export function contestantSheet(results: Results): Sheet {
	return {
		columns: [
			left('run'),
			right('seconds'),
			right('CPU s'),
			right('MB/s'),
			right('peak MB'),
			right('requests'),
			right('runs'),
		],
		rows: [...results.samples.keys()].map((id) => {
			const { title, runs, seconds, cpuSeconds, mbPerSecond, peakMb, requests, part } = summarizeRuns(results, id);
			return [
				part === 1 ? title : `${title} (1/${Math.round(1 / part)} of the rows, scaled)`,
				showSeconds(seconds),
				showSeconds(cpuSeconds),
				showRate(mbPerSecond),
				peakMb?.toFixed(0) ?? '',
				requests === null ? '' : `${requests}`,
				`${runs}`,
			];
		}),
	};
}

/** Time against size. */
export function sizeSheet({ sizes }: Results): Sheet {
	return {
		columns: [left('run'), right('million rows'), right('seconds'), right('a million rows')],
		rows: sizes.map(({ title, millions, seconds }) => [
			title,
			millions.toFixed(millions < 1 ? 3 : 2),
			showSeconds(seconds),
			showSeconds(seconds / millions),
		]),
	};
}

/** All of it, as text. */
export function showResults(results: Results): string {
	const { machine, runs, isQuick, verdicts, sizes, minutes } = results;
	const show = ({ columns, rows }: Sheet) => formatTable(columns, rows);
	const untold = isQuick ? verdicts.filter(({ measure }) => measure.notInQuick) : [];
	return [
		show(measureSheet(results)),
		...untold.map(({ measure }) => `not judged in a quick run: ${measure.title}: ${measure.notInQuick}`),
		'',
		show(contestantSheet(results)),
		...(sizes.length === 0 ? [] : ['', show(sizeSheet(results))]),
		'',
		isQuick ? `a tenth of the data, judged by twice the bars; up to ${runs} runs` : `medians of up to ${runs} runs`,
		...wireNote(results),
		`${showMachine(machine)}; took ${minutes.toFixed(1)} min`,
	].join('\n');
}

/** In the measure's unit. */
export function showValue({ measure: { figure } }: Verdict, value: number): string {
	if (figure === 'seconds') return `${value.toFixed(2)} s`;
	if (figure === 'peak') return `${value.toFixed(0)} MB`;
	return figure === 'faster' ? `${value.toFixed(1)} ×` : value.toFixed(2);
}

function showSeconds(seconds: number | null): string {
	return seconds === null ? '' : seconds.toFixed(seconds < 10 ? 2 : 1);
}

function showRate(mbPerSecond: number | null): string {
	return mbPerSecond === null ? '' : mbPerSecond.toFixed(mbPerSecond < 10 ? 1 : 0);
}
