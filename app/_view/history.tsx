import type { ReactNode } from 'react';
import { formatBytes, formatDurationMs, formatMoment } from '../../lib/status/display';
import type { BackupPoint } from '../../lib/status/view';
import { BackupsTable } from './backups-table';
import { HISTORY_TABLE } from './paths';
import { type KeyMark, Plot, PlotKey, type PlotPoint, type PlotSeries } from './plot';
import { linearAxis, type Quantity, timeAxis } from './plot-axes';
import { Folded } from './section';

/** So many of the newest are shown without being asked for. */
const NEWEST = 5;

/** The size and the duration of backups over time, and the backups. There is at least one; they are newest first. */
export function History({ backups }: { readonly backups: readonly BackupPoint[] }): ReactNode {
	const oldestFirst = [...backups].reverse();
	return (
		<>
			<div className="figures-beside">
				<HistoryFigure
					id="size"
					title="Size"
					quantity="bytes"
					backups={oldestFirst}
					measures={[{ name: 'Stored', of: ({ bytes }) => bytes }]}
				/>
				<HistoryFigure
					id="duration"
					title="Duration"
					quantity="duration"
					backups={oldestFirst}
					measures={[
						{ name: 'The whole run', of: ({ durationMs }) => durationMs },
						{ name: 'of it the proof', of: ({ proofMs }) => proofMs },
					]}
				/>
			</div>
			<Folded summary="Size and duration as a table">
				<BackupsTable id={HISTORY_TABLE} label="Backups of the last year, newest first" backups={backups} />
			</Folded>
			<h3>Newest</h3>
			<BackupsTable label="The newest backups" backups={backups.slice(0, NEWEST)} />
		</>
	);
}

interface Measure {
	readonly name: string;
	readonly of: (backup: BackupPoint) => number;
}

interface HistoryFigureProps {
	readonly id: string;
	readonly title: string;
	readonly quantity: Quantity;
	/** Oldest first. */
	readonly backups: readonly BackupPoint[];
	/** The first is the one that the sentence is about. */
	readonly measures: readonly [Measure, ...Measure[]];
}

function HistoryFigure({ id, title, quantity, backups, measures }: HistoryFigureProps): ReactNode {
	const format = quantity === 'bytes' ? formatBytes : formatDurationMs;
	const axis = linearAxis(backups.map(measures[0].of), quantity);
	const series = measures.map((measure): PlotSeries => {
		const points = backups.map((backup) => pointOf(backup, measure, format));
		return { name: measure.name, points };
	});
	const values = backups.map(measures[0].of);
	// The size of some tables is no size of a backup.
	const whole = backups.filter(({ isPartial }) => !isPartial);
	const above = axis.cap === null ? 0 : values.filter((value) => value > (axis.cap ?? 0)).length;
	const names: [KeyMark, string][] = measures.map(({ name }, index) => [index === 0 ? 'first' : 'second', name]);
	if (backups.some(({ isPartial }) => isPartial)) names.push(['apart', 'rows of some tables only']);
	if (above > 0) names.push(['above', `off the axis: up to ${format(Math.max(...values))}`]);
	return (
		<figure id={`${id}-plot`} aria-labelledby={`${id}-plot-title`} aria-details={HISTORY_TABLE}>
			<figcaption>
				<h3 id={`${id}-plot-title`}>{title}</h3>
				<p className="summary">{summarize(whole.length > 0 ? whole.map(measures[0].of) : values, format)}</p>
			</figcaption>
			<Plot series={series} values={axis} times={timeAxis(backups.map(({ createdAt }) => Date.parse(createdAt)))} />
			{names.length > 1 && <PlotKey names={names} />}
		</figure>
	);
}

function pointOf(backup: BackupPoint, { name, of }: Measure, format: (value: number) => string): PlotPoint {
	const value = of(backup);
	const remark = backup.isPartial ? ', rows of some tables only' : '';
	return {
		key: backup.id,
		atMs: Date.parse(backup.createdAt),
		value,
		isApart: backup.isPartial,
		isFailed: false,
		title: `${formatMoment(backup.createdAt)}: ${name.toLowerCase()} ${format(value)}${remark}`,
	};
}

/** `Now 2.1 MB; between 1.8 MB and 2.1 MB over 365 backups.` */
function summarize(values: readonly number[], format: (value: number) => string): string {
	const now = format(values.at(-1) ?? 0);
	if (values.length === 1) return `${now}, of one backup.`;
	const [least, most] = [format(Math.min(...values)), format(Math.max(...values))];
	const range = least === most ? 'the same' : `${least} to ${most}`;
	return `Now ${now}; ${range} over ${values.length} backups.`;
}
