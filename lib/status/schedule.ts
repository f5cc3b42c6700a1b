/** The hour of the nightly run in `vercel.json`, UTC. */
export const HOUR_OF_RUN = 2;
/** A schedule is not exact: Vercel calls within the hour. A run that has not made its backup by then did not come. */
const GRACE_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** When the schedule calls on a day, `YYYY-MM-DD`. */
export function runOfDay(day: string): Date {
	return new Date(Date.parse(`${day}T00:00:00Z`) + HOUR_OF_RUN * 3_600_000);
}

/** When it calls next. */
export function nextRunAfter(now: Date): Date {
	const today = runOfDay(now.toISOString().slice(0, 10));
	return today > now ? today : new Date(today.getTime() + DAY_MS);
}

/** Claims that the backup of a day should be there by now. */
export function isDue(day: string, now: Date): boolean {
	return now.getTime() >= runOfDay(day).getTime() + GRACE_MS;
}
