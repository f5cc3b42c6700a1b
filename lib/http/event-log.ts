import { LifeboatError } from '../core/errors';

/** Writes events as JSON, one a line. */
export type EventLog = (event: Readonly<Record<string, unknown>>) => void;

/** Vercel keeps 256 lines and 1 MB of a request. */
const MOST_EVENTS = 200;
/** Beside those, of failures. */
const MOST_LINES = 250;
const LONGEST_LINE = 4000;

/** The end of a request, which the log has whatever came before. */
const LAST: readonly unknown[] = ['backup.answered', 'backup.failed', 'drill.answered', 'drill.failed'];

export interface EventLogOptions {
	/** Takes one line. */
	readonly write: (line: string) => void;
	/** Takes secrets out. */
	readonly redact: (text: string) => string;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
}

/**
 * Makes the log of one request: a JSON object a line, with `event`, `level` and `at` first. Events past the first 200 are
 * dropped, save failures, and those that end the request.
 */
export function createEventLog({ write, redact, now }: EventLogOptions): EventLog {
	let written = 0;
	return ({ event, ...facts }) => {
		const level = levelOf(String(event));
		if (written >= (level === 'info' ? MOST_EVENTS : MOST_LINES) && !LAST.includes(event)) return;
		written++;
		const head = { event, level, at: new Date(now()).toISOString() };
		const whole = { ...head, ...facts };
		const line = redact(JSON.stringify(whole, (_, part) => (typeof part === 'bigint' ? String(part) : part)));
		write(line.length <= LONGEST_LINE ? line : JSON.stringify({ ...head, cut: line.slice(0, LONGEST_LINE) }));
	};
}

function levelOf(event: string): 'info' | 'warn' | 'error' {
	if (event.endsWith('.failed')) return 'error';
	return /\.(failing|not-kept|left|again)$/.test(event) ? 'warn' : 'info';
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
