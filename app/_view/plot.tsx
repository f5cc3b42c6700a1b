import { line, symbol, symbolCircle, symbolSquare, symbolTimes, symbolTriangle } from 'd3-shape';
import type { ReactNode } from 'react';
import { formatDurationMs } from '../../lib/status/display';
import { PLOT, type TimeAxis, type ValueAxis } from './plot-axes';
import { splitAtPauses } from './plot-runs';

export interface PlotPoint {
	readonly key: string;
	readonly atMs: number;
	/** Null: there is none; a cross at the bottom tells of it. */
	readonly value: number | null;
	/** It is no part of the line: another kind of thing than its neighbours. */
	readonly isApart: boolean;
	/** Drawn as a cross: it failed. */
	readonly isFailed: boolean;
	/** What it is, in words. */
	readonly title: string;
}

export interface PlotSeries {
	readonly name: string;
	/** Oldest first. */
	readonly points: readonly PlotPoint[];
}

interface PlotProps {
	/** Two at most. */
	readonly series: readonly PlotSeries[];
	readonly values: ValueAxis;
	readonly times: TimeAxis;
	/** What is to be kept below, in ms; null: nothing of the kind. */
	readonly targetMs?: number | null;
}

/** More points than this are drawn as small dots, all of a line at once. */
const MANY = 60;
/** The line's picture is stretched to the width, whatever that is; of this many units. */
const LINE_WIDTH = 1000;

/**
 * Draws points and lines over time. As wide as there is room, with letters that keep their size. It says nothing aloud:
 * whoever shows it puts the sentence and the table beside it.
 */
export function Plot({ series, values, times, targetMs = null }: PlotProps): ReactNode {
	return (
		<div className="plot">
			<svg className="plot-values" width="62" height={PLOT.height} aria-hidden="true">
				{values.ticks.map(({ at, label }) => (
					<text key={label} x="54" y={at + 4} textAnchor="end">
						{label}
					</text>
				))}
			</svg>
			<svg className="plot-area" width="100%" height={PLOT.height} aria-hidden="true">
				{values.ticks.map(({ at, label }) => (
					<line key={label} x1="0" x2="100%" y1={at} y2={at} className="grid" />
				))}
				{times.ticks.map(({ at, label, anchor }) => (
					<g key={at}>
						<line x1={`${at}%`} x2={`${at}%`} y1={PLOT.bottom} y2={PLOT.bottom + 5} className="grid" />
						<text x={`${at}%`} y={PLOT.height - 8} textAnchor={anchor}>
							{label}
						</text>
					</g>
				))}
				{targetMs !== null && <Target y={values.place(targetMs)} label={`Target ${formatDurationMs(targetMs)}`} />}
				{series.map((one, index) => (
					<g key={one.name} className={`series-${index + 1}`}>
						<Lines points={one.points} values={values} times={times} />
						<Points points={one.points} values={values} times={times} shape={index === 0 ? 'dot' : 'square'} />
					</g>
				))}
			</svg>
		</div>
	);
}

function Target({ y, label }: { readonly y: number; readonly label: string }): ReactNode {
	return (
		<g className="target">
			<line x1="0" x2="100%" y1={y} y2={y} />
			<text x="2" y={y - 4}>
				{label}
			</text>
		</g>
	);
}

interface DrawnProps {
	readonly points: readonly PlotPoint[];
	readonly values: ValueAxis;
	readonly times: TimeAxis;
}

/** The line, and its dots where they are too many to be shapes of their own. */
function Lines({ points, values, times }: DrawnProps): ReactNode {
	const joined = points.filter(isJoined);
	const x = ({ atMs }: PlotPoint) => Math.round(times.place(atMs) * (LINE_WIDTH / 100) * 10) / 10;
	const draw = line<(typeof joined)[number]>()
		.x(x)
		.y(({ value }) => values.place(value))
		.digits(1);
	const path = splitAtPauses(joined)
		.filter((run) => run.length > 1)
		.map((run) => draw(run) ?? '')
		.join('');
	const dots = points
		.filter((point) => isDot(point, points, values))
		.map((point) => `M${x(point)},${values.place(point.value ?? 0)}h0`)
		.join('');
	return (
		<svg
			viewBox={`0 0 ${LINE_WIDTH} ${PLOT.height}`}
			width="100%"
			height={PLOT.height}
			preserveAspectRatio="none"
			aria-hidden="true"
		>
			{path !== '' && <path d={path} className="line" vectorEffect="non-scaling-stroke" />}
			{dots !== '' && <path d={dots} className="dots" vectorEffect="non-scaling-stroke" />}
		</svg>
	);
}

function isJoined(point: PlotPoint): point is PlotPoint & { readonly value: number } {
	return !point.isApart && point.value !== null;
}

function isAbove({ value }: PlotPoint, { cap }: ValueAxis): boolean {
	return value !== null && cap !== null && value > cap;
}

/** Claims that nothing is to be told of a point among many but where it is. */
function isDot(point: PlotPoint, points: readonly PlotPoint[], values: ValueAxis): boolean {
	return points.length > MANY && isJoined(point) && !point.isFailed && !isAbove(point, values);
}

function Points({ points, values, times, shape }: DrawnProps & { readonly shape: 'dot' | 'square' }): ReactNode {
	return points
		.filter((point) => !isDot(point, points, values))
		.map((point) => {
			const { key, atMs, value, isApart, isFailed, title } = point;
			const mark = isFailed ? 'cross' : isAbove(point, values) ? 'above' : isApart ? 'hollow' : shape;
			const y = value === null ? PLOT.bottom : values.place(value);
			return (
				<use
					key={key}
					href={`#point-${mark}`}
					x={`${times.place(atMs)}%`}
					y={y}
					className={isFailed ? 'failed' : undefined}
				>
					<title>{title}</title>
				</use>
			);
		});
}

const FILLED = [
	['dot', symbolCircle, 30],
	['square', symbolSquare, 26],
	['above', symbolTriangle, 44],
] as const;

/** The shapes that points are drawn as; once on a page that has plots. */
export function PointShapes(): ReactNode {
	const draw = symbol().digits(1);
	return (
		<svg className="shapes" width="0" height="0" aria-hidden="true">
			<defs>
				{FILLED.map(([name, type, size]) => (
					<path key={name} id={`point-${name}`} d={draw.type(type).size(size)() ?? ''} />
				))}
				<path id="point-hollow" d={draw.type(symbolCircle).size(36)() ?? ''} className="point-hollow" />
				<path id="point-cross" d={draw.type(symbolTimes).size(52)() ?? ''} className="point-cross" />
			</defs>
		</svg>
	);
}

/** What the lines and marks of a plot mean; each name with its mark. */
export function PlotKey({ names }: { readonly names: readonly (readonly [mark: KeyMark, name: string])[] }): ReactNode {
	return (
		<ul className="key">
			{names.map(([mark, name]) => (
				<li key={name}>
					<svg width="26" height="12" className={mark === 'second' ? 'series-2' : 'series-1'} aria-hidden="true">
						{(mark === 'first' || mark === 'second') && <path d="M1 6H25" className="line" />}
						<use
							href={`#point-${KEY_POINTS[mark]}`}
							x="13"
							y="6"
							className={mark === 'failed' ? 'failed' : undefined}
						/>
					</svg>
					{name}
				</li>
			))}
		</ul>
	);
}

export type KeyMark = 'first' | 'second' | 'apart' | 'above' | 'failed';
const KEY_POINTS: Readonly<Record<KeyMark, string>> = {
	first: 'dot',
	second: 'square',
	apart: 'hollow',
	above: 'above',
	failed: 'cross',
};
