import { NotOfProtocol } from '../not-of-protocol';
import { type Row, rowsOf } from '../rows';
import type { Answer, Asking, Encoding, Failure, Outcome, Step } from './pipeline';

/** Version 2 of the protocol, in JSON. */
export const JSON_TEXT: Encoding = {
	path: 'v2/pipeline',
	contentType: 'application/json',
	takesBytes: false,
	encode,
	decode,
	placeIn: () => null,
};

interface AnswerJson {
	readonly baton?: string | null;
	readonly base_url?: string | null;
	readonly results?: readonly {
		readonly error?: FailureJson;
		readonly response?: {
			readonly result?: { step_results?: (ResultJson | null)[]; step_errors?: (FailureJson | null)[] };
		};
	}[];
}

interface FailureJson {
	readonly message: string;
	readonly code?: string | null;
}

interface ResultJson {
	readonly cols: readonly unknown[];
	readonly rows: readonly (readonly ValueJson[])[];
}

interface ValueJson {
	readonly type?: string;
	readonly value?: unknown;
	readonly base64?: unknown;
}

function encode({ baton, steps, closes }: Asking): Buffer {
	const batch = { type: 'batch', batch: { steps: steps.map(stepJson) } };
	const requests = [...(steps.length === 0 ? [] : [batch]), ...(closes ? [{ type: 'close' }] : [])];
	return Buffer.from(JSON.stringify({ baton, requests }));
}

function stepJson({ sql, args }: Step, nth: number): object {
	const stmt = { sql, args: args.map((value) => ({ type: 'text', value })), want_rows: true };
	return nth === 0 ? { stmt } : { condition: { type: 'ok', step: nth - 1 }, stmt };
}

function decode(body: Buffer, { steps, closes }: Asking): Answer {
	try {
		const answer = JSON.parse(body.toString()) as AnswerJson;
		const { baton = null, base_url: baseUrl = null, results = [] } = answer;
		if (results.length !== Math.min(1, steps.length) + Number(closes))
			throw new NotOfProtocol('an answer has another number of results than was asked for');
		return { place: { baton, baseUrl }, outcomes: steps.length === 0 ? [] : readResult(results[0], steps.length) };
	} catch (cause) {
		throw cause instanceof NotOfProtocol ? cause : new NotOfProtocol('it is no answer to this', { cause });
	}
}

function readResult(
	result: NonNullable<AnswerJson['results']>[number] | undefined,
	steps: number,
): Outcome[] | Failure {
	if (result?.error) return readFailure(result.error);
	const { step_results: results, step_errors: errors } = result?.response?.result ?? {};
	if (!Array.isArray(results) || !Array.isArray(errors)) throw new NotOfProtocol('an answer lacks its results');
	return Array.from({ length: steps }, (_, step) => {
		const [found, error] = [results[step], errors[step]];
		if (error) return { failure: readFailure(error) };
		return found ? { rows: readRows(found) } : null;
	});
}

function readFailure({ message, code }: FailureJson): Failure {
	return { message, code: code ?? null };
}

function readRows({ cols, rows }: ResultJson): Row[] {
	return rowsOf({ rows: rows.map((row) => row.map(readValue)), columns: cols });
}

function readValue({ type, value, base64 }: ValueJson): unknown {
	switch (type) {
		case 'null':
			return null;
		case 'integer':
			return BigInt(value as string);
		case 'float':
			// An infinity is a null in JSON.
			if (typeof value !== 'number') break;
			return value;
		case 'text':
			if (typeof value !== 'string') break;
			return value;
		case 'blob':
			return Buffer.from(base64 as string, 'base64');
	}
	throw new NotOfProtocol('a value of no known kind');
}
