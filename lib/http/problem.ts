import { type ErrorCode, LifeboatError } from '../core/errors';
import { answerJson } from './answer';

const STATUS_OF: Partial<Record<ErrorCode, number>> = { LEASE_HELD: 409, CONFIG_INVALID: 503 };

export interface ProblemOptions {
	/** Instead of the status that the error's code stands for. */
	readonly status?: number;
	/** Takes secrets out of the texts. */
	readonly redact?: (text: string) => string;
	/** Goes into the answer beside the error. */
	readonly beside?: Readonly<object>;
}

/**
 * The answer to a request that failed: `{ "error": { code, message, hint? } }` with 409 for a held lease, 503 for a
 * wrong configuration, 500 for all else. What an error that is not ours says stays in the log.
 */
export function problemAnswer(
	error: unknown,
	{ status, redact = (text) => text, beside }: ProblemOptions = {},
): Response {
	if (!(error instanceof LifeboatError) || error.code === 'INTERNAL') {
		const hint = "look at the function's log";
		return answerJson({ error: { code: 'INTERNAL', message: 'unexpected failure', hint }, ...beside }, status ?? 500);
	}
	const { code, message, hint } = error;
	const body = { error: { code, message: redact(message), ...(hint === undefined ? {} : { hint: redact(hint) }) } };
	return answerJson({ ...body, ...beside }, status ?? STATUS_OF[code] ?? 500);
}

/** 401, the same whatever was wrong. `UNAUTHORIZED` is no error of a run, and so is not among the error codes. */
export function unauthorizedAnswer(secret: 'CRON_SECRET' | 'HEALTH_SECRET' = 'CRON_SECRET'): Response {
	const error = {
		code: 'UNAUTHORIZED',
		message: 'the request does not carry the right bearer token',
		hint: `send Authorization: Bearer $${secret}`,
	};
	return answerJson({ error }, 401, { 'www-authenticate': 'Bearer' });
}

/** 405. Next answers HEAD by the handler of GET; a run must not come of that. */
export function methodAnswer(): Response {
	const error = { code: 'USAGE_INVALID', message: 'the method is not GET' };
	return answerJson({ error }, 405, { allow: 'GET' });
}
