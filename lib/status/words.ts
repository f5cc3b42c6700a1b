const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** How long something has lasted, for people, rounded down: `less than a minute`, `7 hours`, `3 days`. */
export function ageWords(ms: number): string {
	if (ms < MINUTE_MS) return 'less than a minute';
	if (ms < HOUR_MS) return counted(Math.floor(ms / MINUTE_MS), 'minute');
	if (ms < 2 * DAY_MS) return counted(Math.floor(ms / HOUR_MS), 'hour');
	return counted(Math.floor(ms / DAY_MS), 'day');
}

/** How long something will take, for people, rounded up: `20 seconds`, `2 minutes`, `3 hours`. */
export function spanWords(ms: number): string {
	if (ms <= 90_000) return counted(Math.max(1, Math.ceil(ms / 1000)), 'second');
	if (ms <= 90 * MINUTE_MS) return counted(Math.ceil(ms / MINUTE_MS), 'minute');
	return counted(Math.ceil(ms / HOUR_MS), 'hour');
}

/** A moment, its day only if that is not today: `02:00 UTC`, `02:00 UTC on 20 November`. */
export function momentWords(at: Date, now: Date): string {
	const time = `${at.toISOString().slice(11, 16)} UTC`;
	return at.toISOString().slice(0, 10) === now.toISOString().slice(0, 10) ? time : `${time} on ${dayWords(at, now)}`;
}

/** A day, its year only if that is another: `20 November`, `20 November 2025`. */
export function dayWords(at: Date, now: Date): string {
	const day = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
	return at.getUTCFullYear() === now.getUTCFullYear() ? day : `${day} ${at.getUTCFullYear()}`;
}

/** A number with its noun: `1 day`, `2 days`. */
export function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A clause as the first half of a sentence. */
export function capital(clause: string): string {
	return `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}`;
}

/** A clause as a sentence. */
export function asSentence(clause: string): string {
	return `${capital(clause)}.`;
}
