import { type InStatement, type InValue, LibsqlBatchError, LibsqlError } from '@libsql/client/http';
import { NotOfProtocol } from './not-of-protocol';
import { type Statement, withoutLastComma } from './statement';

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

/**
 * Runs statements as one transaction with foreign keys off, as the libSQL client's `migrate` does, and fails as that
 * does. Pages are sent as they are: through the client, each would be five strings and buffers on its way, and what is
 * garbage of a megabyte lies about until the memory of a restore is half of that.
 *
 * @param post sends a request's body, given in parts, and returns the answer's, parsed
 */
export async function migrateOverHttp(
	post: (body: readonly Buffer[]) => Promise<unknown>,
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

function encodeRequest(statements: readonly Statement[]): Buffer[] {
	const body: Buffer[] = [];
	let text = '{"baton":null,"requests":[{"type":"batch","batch":{"steps":[';
	let step = 0;
	const add = (statement: Statement, condition: object | null) => {
		text += step++ === 0 ? '{' : ',{';
		if (condition !== null) text += `"condition":${JSON.stringify(condition)},`;
		text += `"stmt":{"sql":${JSON.stringify(typeof statement === 'string' ? statement : statement.sql)},"args":`;
		if (typeof statement === 'object' && 'page' in statement) {
			body.push(Buffer.from(`${text}[{"type":"text","value":"[`), ...withoutLastComma(statement.page));
			text = ']"}]';
		} else text += JSON.stringify(argsOf(statement).map(valueJson));
		text += ',"want_rows":false}}';
		return { type: 'ok', step: step - 1 };
	};
	add('PRAGMA foreign_keys=off', null);
	let before = add('BEGIN DEFERRED', null);
	for (const statement of statements) before = add(statement, before);
	const commit = add('COMMIT', before);
	add('ROLLBACK', { type: 'not', cond: commit });
	add('PRAGMA foreign_keys=on', null);
	body.push(Buffer.from(`${text}]}},{"type":"close"}]}`));
	return body;
}

function argsOf(statement: InStatement): InValue[] {
	return typeof statement === 'string' ? [] : ((statement.args ?? []) as InValue[]);
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
