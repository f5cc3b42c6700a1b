import { type InValue, LibsqlBatchError, LibsqlError } from '@libsql/client/http';
import { NotOfProtocol } from './http-failure';
import type { Statement } from './statement';

/** A part of a request: JSON text, or row lines to be written as a JSON string. */
type Part = string | readonly Buffer[];

/** What a server answers to a batch (libSQL's "Hrana over HTTP", version 2). */
interface Answer {
	readonly results?: readonly {
		readonly error?: Failure;
		readonly response?: {
			readonly result?: {
				readonly step_results?: readonly (object | null)[];
				readonly step_errors?: readonly (Failure | null)[];
			};
		};
	}[];
}

interface Failure {
	readonly message: string;
	readonly code?: string | null;
}

const [QUOTE, BACKSLASH, NEWLINE, COMMA, CLOSE] = [34, 92, 10, 44, 93];

/**
 * Runs statements as one transaction with foreign keys off, as the libSQL client's `migrate` does, and fails as that
 * does. Pages go from bytes to bytes: through the client, each would be five strings and buffers on its way, and what
 * is garbage of a megabyte lies about until the memory of a restore is half of that.
 *
 * @param post sends a request's body, of which it takes a copy at once, and returns the answer's, parsed
 */
export async function migrateOverHttp(
	post: (body: Uint8Array) => Promise<unknown>,
	statements: readonly Statement[],
): Promise<void> {
	const answer = (await post(encodeRequest(statements))) as Answer | null;
	const [first] = answer?.results ?? [];
	if (first?.error) throw new LibsqlError(first.error.message, first.error.code ?? 'UNKNOWN');
	const { step_errors: errors, step_results: results } = first?.response?.result ?? {};
	if (!Array.isArray(errors) || !Array.isArray(results)) throw new NotOfProtocol('an answer lacks its results');
	// Before the statements, foreign keys are put off, and the transaction begun; the one after them ends it.
	errors.slice(0, statements.length + 3).forEach((failure: Failure | null, step) => {
		if (failure === null) return;
		const code = failure.code ?? 'UNKNOWN';
		const nth = step - 2;
		const error = new LibsqlError(failure.message, code);
		throw nth < 0 || nth === statements.length ? error : new LibsqlBatchError(error.message, nth, code);
	});
	if (!results[statements.length + 2]) throw new NotOfProtocol('it does not say that the transaction was ended');
}

function encodeRequest(statements: readonly Statement[]): Uint8Array {
	const parts: Part[] = ['{"baton":null,"requests":[{"type":"batch","batch":{"steps":['];
	let step = 0;
	const add = (statement: Statement, condition: object | null) => {
		parts.push(step++ === 0 ? '{' : ',{');
		if (condition !== null) parts.push(`"condition":${JSON.stringify(condition)},`);
		parts.push('"stmt":{', ...statementParts(statement), ',"want_rows":false}}');
		return { type: 'ok', step: step - 1 };
	};
	add('PRAGMA foreign_keys=off', null);
	let before = add('BEGIN DEFERRED', null);
	for (const statement of statements) before = add(statement, before);
	const commit = add('COMMIT', before);
	add('ROLLBACK', { type: 'not', cond: commit });
	add('PRAGMA foreign_keys=on', null);
	parts.push(']}},{"type":"close"}]}');
	return joinParts(parts);
}

function statementParts(statement: Statement): Part[] {
	if (typeof statement === 'string') return [`"sql":${JSON.stringify(statement)}`];
	const sql = `"sql":${JSON.stringify(statement.sql)}`;
	if ('page' in statement) return [sql, ',"args":[{"type":"text","value":', statement.page, '}]'];
	const args = (statement.args ?? []) as InValue[];
	return [sql, `,"args":${JSON.stringify(args.map(valueJson))}`];
}

/** A value as the protocol has it. */
function valueJson(value: InValue): object {
	switch (typeof value) {
		case 'string':
			return { type: 'text', value };
		case 'bigint':
			return { type: 'integer', value: String(value) };
		case 'number':
			if (!Number.isFinite(value) || Object.is(value, -0)) throw new TypeError('a number that JSON does not have');
			return { type: 'float', value };
	}
	if (value === null) return { type: 'null' };
	if (value instanceof Uint8Array) return { type: 'blob', base64: Buffer.from(value).toString('base64') };
	throw new TypeError('a value of another type');
}

/** Where requests are put together: large buffers that are made anew each time are not collected soon. */
let scratch = Buffer.alloc(0);

function joinParts(parts: readonly Part[]): Uint8Array {
	// Each byte may be escaped, and the array has its brackets.
	const most = parts.reduce(
		(sum, part) =>
			sum + (typeof part === 'string' ? Buffer.byteLength(part) : part.reduce((of, { length }) => of + 2 * length, 3)),
		0,
	);
	if (scratch.length < most) scratch = Buffer.alloc(most);
	let at = 0;
	for (const part of parts) at = typeof part === 'string' ? at + scratch.write(part, at) : writeRows(part, scratch, at);
	return scratch.subarray(0, at);
}

/** Writes the JSON string of the JSON array `[row,row,…]`. A newline stands in row lines only at a row's end. */
function writeRows(page: readonly Buffer[], to: Buffer, start: number): number {
	let at = start + to.write('"[', start);
	for (const lines of page) at = writeEscaped(lines, to, at);
	to[at - 1] = CLOSE;
	to[at] = QUOTE;
	return at + 1;
}

function writeEscaped(lines: Uint8Array, to: Uint8Array, start: number): number {
	const { length } = lines;
	let at = start;
	for (let from = 0; from < length; from++) {
		const byte = lines[from] as number;
		if (byte === QUOTE || byte === BACKSLASH) to[at++] = BACKSLASH;
		to[at++] = byte === NEWLINE ? COMMA : byte;
	}
	return at;
}
