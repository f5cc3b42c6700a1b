import { LifeboatError } from '../../core/errors';
import { TimeLimitError } from '../../core/time-limit';
import { INVALID_UTF8 } from './identity-fetch';

/** The shape of what `@libsql/client` throws; anything else reads as no code. */
interface Shape {
	readonly code?: unknown;
	readonly message?: unknown;
	readonly cause?: unknown;
	readonly status?: unknown;
}

const LOST = new Set([
	'STREAM_EXPIRED',
	'TRANSACTION_CLOSED',
	'TRANSACTION_TIMEOUT',
	'HRANA_CLOSED_ERROR',
	'HRANA_PROTO_ERROR',
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
	const status = httpStatus(shape);
	const make = (ours: ConstructorParameters<typeof LifeboatError>[0], what: string, hint: string) =>
		new LifeboatError(ours, `${what} while ${doing}`, {
			hint,
			data: { ...(code === '' ? {} : { databaseCode: code }), ...(status === null ? {} : { status }) },
			cause: error,
		});

	if (status === 401 || status === 403 || code === 'AUTH_JWT_INVALID' || code.startsWith('AUTH_'))
		return make(
			'DATABASE_REFUSED',
			'the database refused the token',
			'check the auth token and that it is for this database',
		);
	if (code === 'BLOCKED' || /\bblocked\b/i.test(code))
		return make('DATABASE_REFUSED', 'the database is blocked', 'its plan may be used up; see the Turso dashboard');
	if (code === 'SQLITE_AUTH' || code === 'SQLITE_READONLY' || code === 'SQL_PARSE_ERROR')
		return make(
			'DATABASE_REFUSED',
			`the database refused a statement: ${detail(shape)}`,
			'check what the token may do',
		);
	// A server that was restarted does not know the stream any more.
	if (LOST.has(code) || (status === 400 && /\bbaton\b/i.test(detail(shape))))
		return make('DATABASE_LOST', 'the connection or its transaction ended', 'try again');
	if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED')
		return make('DATABASE_BUSY', 'the database is locked', 'try again when no other program writes to it');
	if (code === 'SQLITE_FULL')
		return make('DATABASE_FAILED', 'there is no room left for the database', 'free some disk space');
	if (status !== null && (status >= 500 || status === 429 || status === 404))
		return make(
			'DATABASE_UNREACHABLE',
			`the database answered with HTTP status ${status}`,
			'check its URL, or try again later',
		);
	if (isNetworkError(error))
		return make(
			'DATABASE_UNREACHABLE',
			`the database did not answer: ${networkDetail(error)}`,
			'check its URL and the network',
		);
	return make('DATABASE_FAILED', `the database failed: ${detail(shape)}`, 'see the message of the database');
}

/** What the client threw, also when we have wrapped it. */
function original(error: unknown): Shape {
	return ((error instanceof LifeboatError ? error.cause : error) ?? {}) as Shape;
}

function detail({ message }: Shape): string {
	return typeof message === 'string' ? message.slice(0, 300) : 'no message';
}

function httpStatus({ status, cause }: Shape): number | null {
	if (typeof status === 'number') return status;
	const inner = (cause as Shape | undefined)?.status;
	return typeof inner === 'number' ? inner : null;
}

function isNetworkError(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	return (
		error instanceof TimeLimitError ||
		(error instanceof TypeError && /fetch failed|terminated|network/i.test(error.message)) ||
		/^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|UND_ERR)/.test(String((error as Shape).code))
	);
}

function networkDetail(error: unknown): string {
	const cause = (error as Shape).cause as Shape | undefined;
	const code = typeof cause?.code === 'string' ? cause.code : undefined;
	return code ?? (error as Error).name;
}
