import type { ReactNode } from 'react';
import type { CalendarDay, DayStanding } from '../../lib/status/view';

/** A cell of the calendar, in user units of its picture. */
export const CELL = 13;

/** How each standing of a day is called, best first; `before` is not told of. */
export const DAY_WORDS: Readonly<Record<DayStanding, string>> = {
	proven: 'Proven',
	read: 'Read only',
	unproven: 'Unproven',
	failed: 'Failed',
	missed: 'Missed',
	pending: 'Not yet due',
	before: 'Before the first backup',
};

/** What each means, for the legend. */
export const DAY_MEANINGS: Readonly<Record<DayStanding, string>> = {
	proven: 'restored and compared',
	read: 'read back only',
	unproven: 'neither restored nor read back',
	failed: 'attempted, and none was made',
	missed: 'no run left a trace',
	pending: "today's backup is yet to come",
	before: '',
};

/**
 * The marks by which days differ without colour: a full square, a half-full one, a hollow one with a dot, a cross, a
 * ring, a dashed outline. Of a backup that retention has removed, the same in small.
 */
export const DAY_MARKS: Readonly<Record<DayStanding, ReactNode>> = {
	proven: <rect width={CELL} height={CELL} rx="2.5" className="mark-fill" />,
	read: (
		<>
			<rect x=".75" y=".75" width={CELL - 1.5} height={CELL - 1.5} rx="2" className="mark-line" />
			<path d={`M1 ${CELL / 2}h${CELL - 2}v${CELL / 2 - 2}a1 1 0 0 1-1 1H2a1 1 0 0 1-1-1Z`} className="mark-fill" />
		</>
	),
	unproven: (
		<>
			<rect x=".75" y=".75" width={CELL - 1.5} height={CELL - 1.5} rx="2" className="mark-line" />
			<circle cx={CELL / 2} cy={CELL / 2} r="2" className="mark-fill" />
		</>
	),
	failed: (
		<>
			<rect width={CELL} height={CELL} rx="2.5" className="mark-fill" />
			<path d="m3.5 3.5 6 6m0-6-6 6" className="mark-sign" />
		</>
	),
	missed: <circle cx={CELL / 2} cy={CELL / 2} r={CELL / 2 - 1.25} className="mark-line thick" />,
	pending: (
		<rect
			x=".75"
			y=".75"
			width={CELL - 1.5}
			height={CELL - 1.5}
			rx="2"
			className="mark-line"
			strokeDasharray="2.2 2.2"
		/>
	),
	before: <circle cx={CELL / 2} cy={CELL / 2} r="1" className="mark-fill" />,
};

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Tells a day in a line: `2026-11-20, Friday: proven; backup-20261120T020000Z-7f3a`. */
export function tellDay({ day, standing, ids, isRemoved, code }: CalendarDay): string {
	const word = DAY_WORDS[standing].toLowerCase();
	const remarks = [
		`${day}, ${WEEKDAYS[new Date(day).getUTCDay()]}: ${word}`,
		...ids,
		...(isRemoved && ids.length === 0 ? ['removed since'] : []),
		...(code === null ? [] : [`last failure ${code}`]),
	];
	return remarks.join('; ');
}
