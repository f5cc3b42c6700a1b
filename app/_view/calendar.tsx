import type { ReactNode } from 'react';
import type { CalendarDay, DayStanding } from '../../lib/status/view';
import { type CalendarCell, countStandings, layOutDays } from './calendar-grid';
import { DataTable } from './data-table';
import { CELL, DAY_MARKS, DAY_MEANINGS, DAY_WORDS, tellDay } from './day-standing';
import { backupPath } from './paths';
import { Folded, ScrollRegion } from './section';
import { BackupLink, Code, Count, Day } from './values';

const PITCH = 16;
const HEAD = 18;
const SIDE = 34;
/** Of what is drawn in small. */
const SMALL = 0.55;
const STANDINGS = Object.keys(DAY_WORDS) as DayStanding[];
const WEEKDAYS = [
	[0, 'Mon'],
	[2, 'Wed'],
	[4, 'Fri'],
	[6, 'Sun'],
] as const;

/** The days of a year, a week a column, today at the end; what they are in numbers; and all of it as a table. */
export function Calendar({ days }: { readonly days: readonly CalendarDay[] }): ReactNode {
	const { cells, columns, months } = layOutDays(days);
	const width = columns * PITCH + SIDE;
	const height = HEAD + 7 * PITCH;
	const told = days.filter(({ standing }) => standing !== 'before');
	return (
		<>
			<Legend days={days} />
			<ScrollRegion label="Calendar of days, as a picture; the table below says the same" fromEnd>
				<svg className="calendar" viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
					<defs>
						{STANDINGS.map((standing) => (
							<g key={standing} id={`day-${standing}`} className={`day-${standing}`}>
								{DAY_MARKS[standing]}
							</g>
						))}
					</defs>
					{months.map(({ key, label, column }) => (
						<text key={key} x={column * PITCH} y={HEAD - 7}>
							{label}
						</text>
					))}
					{WEEKDAYS.map(([row, label]) => (
						<text key={label} x={columns * PITCH + 4} y={HEAD + row * PITCH + CELL - 2}>
							{label}
						</text>
					))}
					{cells.map((cell) => (
						<Cell key={cell.day.day} cell={cell} />
					))}
				</svg>
			</ScrollRegion>
			<Folded summary="As a table">
				<DataTable
					id="calendar-table"
					label="The days of the calendar, today first"
					columns={[{ heading: 'Day' }, { heading: 'Standing' }, { heading: 'Backups' }, { heading: 'Last failure' }]}
					rows={[...told].reverse().map((day) => ({
						key: day.day,
						mark: day.standing === 'failed' || day.standing === 'missed' ? 'bad' : undefined,
						cells: [
							<Day key="day" day={day.day} />,
							DAY_WORDS[day.standing],
							day.ids.length > 0 ? <Links key="ids" ids={day.ids} /> : day.isRemoved ? 'removed since' : 'none',
							day.code === null ? null : <Code key="code">{day.code}</Code>,
						],
					}))}
				/>
			</Folded>
		</>
	);
}

function Links({ ids }: { readonly ids: readonly string[] }): ReactNode {
	const [only, ...others] = ids;
	if (only !== undefined && others.length === 0) return <BackupLink id={only} />;
	return (
		<ul className="plain links">
			{ids.map((id) => (
				<li key={id}>
					<BackupLink id={id} />
				</li>
			))}
		</ul>
	);
}

function Cell({ cell: { day, column, row } }: { readonly cell: CalendarCell }): ReactNode {
	const x = column * PITCH;
	const y = HEAD + row * PITCH;
	const newest = day.ids.at(-1);
	if (newest === undefined)
		return <Mark standing={day.standing} x={x} y={y} isSmall={day.isRemoved} title={tellDay(day)} />;
	return (
		// By the keyboard, the table's links lead there: hundreds of stops on the way would be in it.
		<a href={backupPath(newest)} tabIndex={-1}>
			<Mark standing={day.standing} x={x} y={y} isSmall={false} title={tellDay(day)} />
		</a>
	);
}

interface MarkProps {
	readonly standing: DayStanding;
	readonly x: number;
	readonly y: number;
	readonly isSmall: boolean;
	readonly title?: string;
}

function Mark({ standing, x, y, isSmall, title }: MarkProps): ReactNode {
	const inset = (CELL * (1 - SMALL)) / 2;
	const transform = isSmall ? `translate(${round(x + inset)} ${round(y + inset)}) scale(${SMALL})` : undefined;
	return (
		<use href={`#day-${standing}`} {...(isSmall ? { transform } : { x, y })}>
			{title !== undefined && <title>{title}</title>}
		</use>
	);
}

function Legend({ days }: { readonly days: readonly CalendarDay[] }): ReactNode {
	const counts = new Map(countStandings(days));
	const hasRemoved = days.some(({ ids, isRemoved }) => isRemoved && ids.length === 0);
	const told = STANDINGS.filter((standing) => counts.has(standing));
	return (
		<ul className="legend" id="calendar-legend">
			{told.map((standing) => (
				<li key={standing}>
					<LegendMark standing={standing} />
					<span>
						<Count of={counts.get(standing) ?? 0} /> <b>{DAY_WORDS[standing].toLowerCase()}</b>
						<span className="meaning">, {DAY_MEANINGS[standing]}</span>
					</span>
				</li>
			))}
			{hasRemoved && (
				<li>
					<LegendMark standing="proven" isSmall />
					<span>
						<b>removed since</b>
						<span className="meaning">, by retention; the same in small</span>
					</span>
				</li>
			)}
		</ul>
	);
}

function LegendMark({
	standing,
	isSmall = false,
}: {
	readonly standing: DayStanding;
	readonly isSmall?: boolean;
}): ReactNode {
	return (
		<svg className="legend-mark" viewBox={`0 0 ${CELL} ${CELL}`} width={CELL} height={CELL} aria-hidden="true">
			<Mark standing={standing} x={0} y={0} isSmall={isSmall} />
		</svg>
	);
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
