import type { CalendarDay, DayStanding } from '../../lib/status/view';

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface CalendarCell {
	readonly day: CalendarDay;
	/** The week, from 0. */
	readonly column: number;
	/** Monday is 0. */
	readonly row: number;
}

export interface CalendarGrid {
	readonly cells: readonly CalendarCell[];
	readonly columns: number;
	/** Above the week in which a month's first day is. */
	readonly months: readonly { readonly key: string; readonly label: string; readonly column: number }[];
}

/** Lays days out as weeks, from Monday to Sunday; days that are not among them leave their place empty. */
export function layOutDays(days: readonly CalendarDay[]): CalendarGrid {
	const firstMs = Date.parse(days[0]?.day ?? '1970-01-05');
	const offset = weekdayOf(firstMs);
	const cells = days.map((day): CalendarCell => {
		const atMs = Date.parse(day.day);
		const column = Math.floor((Math.round((atMs - firstMs) / DAY_MS) + offset) / 7);
		return { day, column, row: weekdayOf(atMs) };
	});
	const columns = (cells.at(-1)?.column ?? -1) + 1;
	const months = cells
		.filter(({ day }) => day.day.endsWith('-01'))
		.map(({ day, column }) => ({ key: day.day, label: monthLabel(day.day), column }))
		// At the end there is no room for a name.
		.filter(({ column }) => column <= columns - 2);
	return { cells, columns, months };
}

/** How many days there are of each standing; those before the first backup do not count. */
export function countStandings(days: readonly CalendarDay[]): [standing: DayStanding, count: number][] {
	const counts = new Map<DayStanding, number>();
	for (const { standing } of days) counts.set(standing, (counts.get(standing) ?? 0) + 1);
	counts.delete('before');
	return [...counts];
}

/** `Mar`; of January the year, which begins there. */
function monthLabel(day: string): string {
	const month = Number(day.slice(5, 7)) - 1;
	return month === 0 ? day.slice(0, 4) : (MONTHS[month] as string);
}

function weekdayOf(atMs: number): number {
	return (new Date(atMs).getUTCDay() + 6) % 7;
}
