import { LifeboatError } from '../core/errors';

/** Writes events as JSON, one a line. */
export type EventLog = (event: Readonly<Record<string, unknown>>) => void;

/** Vercel keeps 256 lines and 1 MB of a request. */
const MOST_EVENTS = 200;
const LONGEST_LINE = 4000;

/** Makes the log of one request. Events past the first 200 are dropped, save those that end the request. */
export function createEventLog(write: (line: string) => void, redact: (text: string) => string): EventLog {
	let count = 0;
	return (event) => {
		count++;
		const isLast = event.event === 'backup.answered' || event.event === 'backup.failed';
		if (count > MOST_EVENTS && !isLast) return;
		const line = redact(JSON.stringify(event, (_, part) => (typeof part === 'bigint' ? String(part) : part)));
		write(
			line.length <= LONGEST_LINE ? line : JSON.stringify({ event: event.event, cut: line.slice(0, LONGEST_LINE) }),
		);
	};
}

/** What the log says of an error, and of what caused it, five deep at most. */
export function describeForLog(error: unknown, depth = 0): Record<string, unknown> {
	if (!(error instanceof Error)) return { message: String(error) };
	return {
		...(error instanceof LifeboatError ? { code: error.code, data: error.data } : { name: error.name }),
		message: error.message,
		...(error instanceof LifeboatError ? {} : { stack: error.stack?.split('\n').slice(1, 6) }),
		...(error.cause === undefined || depth >= 4 ? {} : { cause: describeForLog(error.cause, depth + 1) }),
	};
}
