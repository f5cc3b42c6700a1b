import { type ErrorCode, LifeboatError } from '../../core/errors';
import { TimeLimitError } from '../../core/time-limit';
import { NoAnswer } from './exchange';
import { HttpFailure, INVALID_UTF8 } from './http-failure';
import { NotOfProtocol } from './not-of-protocol';

/** The shape of what `@libsql/client` throws; anything else reads as no code. */
interface Shape {
	readonly code?: unknown;
	readonly message?: unknown;
}

const LOST = new Set([
	'STREAM_EXPIRED',
	'TRANSACTION_CLOSED',
	'TRANSACTION_TIMEOUT',
	'HRANA_CLOSED_ERROR',
	'CLIENT_CLOSED',
]);

/** Claims that the answer, or a string in it, was past the database's limit: a smaller request may do. */
export function isTooBig(error: unknown): boolean {
	const { code, message } = original(error);
	if (code === 'SQLITE_TOOBIG' || code === 'RESPONSE_TOO_LARGE') return true;
	// sqld wraps both in other codes, depending on where they are noticed.
	return (
		typeof message === 'string' && /string or blob too big|Response is too large|RESPONSE_TOO_LARGE/i.test(message)
	);
}

/** Claims that an answer failed on a TEXT that is not valid UTF-8. The stream that it came by is lost. */
export function isBadText(error: unknown): boolean {
	return original(error).code === INVALID_UTF8;
}

/**
 * Turns a failure of the libSQL client into ours.
 *
 * @param doing what was being done, for the message: `reading table "users"`
 */
export function databaseError(error: unknown, doing: string, signal?: AbortSignal): unknown {
	if (error instanceof LifeboatError) return error;
	if (signal?.aborted) return signal.reason;
	const shape = (error ?? {}) as Shape;
	const code = typeof shape.code === 'string' ? shape.code : '';
	const { status, retryAfterMs } = error instanceof HttpFailure ? error : { status: undefined };
	const make = (ours: ErrorCode, what: string, hint: string) =>
		new LifeboatError(ours, `${what} while ${doing}`, {
			hint,
			data: {
				...(code === '' ? {} : { databaseCode: code }),
				...(status === undefined ? {} : { status }),
				...(retryAfterMs === undefined ? {} : { retryAfterMs }),
			},
			cause: error,
		});

	// It has a status of 403, too, or comes as the failure of a statement.
	if (/\bblocked\b/i.test(code))
		return make(
			'DATABASE_REFUSED',
			`the database is blocked${detail(shape)}`,
			'its plan may be used up; see the Turso dashboard',
		);
	if (status === 401 || status === 403 || code.startsWith('AUTH_'))
		return make(
			'DATABASE_REFUSED',
			`the database refused the token${detail(shape)}`,
			'check the auth token: that it is for this database, has not expired, and what it may do',
		);
	if (code === 'SQLITE_AUTH' || code === 'SQLITE_READONLY' || code === 'SQL_PARSE_ERROR')
		return make(
			'DATABASE_REFUSED',
			`the database refused a statement${detail(shape)}`,
			'check what the token may do, and whether a file may be written',
		);
	// A server that was restarted does not know the stream any more.
	if (LOST.has(code) || (status === 400 && /\bbaton\b/i.test(detail(shape))))
		return make('DATABASE_LOST', 'the connection or its transaction ended', 'try again');
	if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED')
		return make('DATABASE_BUSY', 'the database is locked', 'try again when no other program writes to it');
	if (code === 'SQLITE_FULL')
		return make('DATABASE_FAILED', 'there is no room left for the database', 'free some disk space');
	if (code === 'SQLITE_CANTOPEN')
		return make('DATABASE_FAILED', 'the file cannot be opened', 'check the rights to it and to its folder');
	if (code === INVALID_UTF8) return make('DATABASE_FAILED', 'a text is not valid UTF-8', 'mend the text');
	if (status === 429)
		return make(
			'DATABASE_UNREACHABLE',
			`the database answers no more requests for now (HTTP status 429)${detail(shape)}`,
			'try again later',
		);
	if (status !== undefined && (status >= 500 || status === 404 || status === 408))
		return make(
			'DATABASE_UNREACHABLE',
			`the database answered with HTTP status ${status}${detail(shape)}`,
			'check its URL, or try again later',
		);
	if (isNotOfProtocol(error, code))
		return make(
			'DATABASE_UNREACHABLE',
			`what answered does not speak as a libSQL database${detail(shape)}`,
			'check its URL, or try again later',
		);
	if (isNetworkError(error)) {
		const { what, hint } = networkFailure(error);
		return make('DATABASE_UNREACHABLE', `the database did not answer: ${what}`, hint);
	}
	const answered = status === undefined ? '' : ` with HTTP status ${status}`;
	return make('DATABASE_FAILED', `the database failed${answered}${detail(shape)}`, 'see the message of the database');
}

/** What the client threw, also when we have wrapped it. */
function original(error: unknown): Shape {
	return ((error instanceof LifeboatError ? error.cause : error) ?? {}) as Shape;
}

/** The other side's own words, after a colon. */
function detail({ message }: Shape): string {
	return typeof message === 'string' && message !== '' ? `: ${message.slice(0, 300)}` : '';
}

/** The client reads numbers of any size, and fails on what is none. */
function isNotOfProtocol(error: unknown, code: string): boolean {
	return error instanceof NotOfProtocol || error instanceof SyntaxError || code === 'HRANA_PROTO_ERROR';
}

function isNetworkError(error: unknown): error is Error {
	return error instanceof TimeLimitError || error instanceof NoAnswer;
}

function networkFailure(error: Error): { what: string; hint: string } {
	if (error instanceof TimeLimitError) return { what: error.message, hint: 'try again later' };
	const what = error.message;
	if (/CERT|SIGNATURE|ISSUER/.test(what))
		return {
			what,
			hint: 'its certificate is not trusted: check its URL; an authority of your own is named by NODE_EXTRA_CA_CERTS',
		};
	return { what, hint: 'check its URL and the network' };
}
