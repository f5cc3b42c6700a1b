import type { Clock, Random } from '../../core/clock';
import { hasCode, LifeboatError } from '../../core/errors';
import { type RetryPolicy, type RetryVerdict, retry } from '../../core/retry';
import type { Secret } from '../../core/secret';
import { TimeLimitError, withTimeLimit } from '../../core/time-limit';

export interface PlatformAccess {
	/** The origin of the API. */
	readonly url: string;
	readonly organization: string;
	readonly token: Secret;
	readonly clock: Clock;
	readonly random: Random;
}

export interface PlatformCall {
	readonly method: 'GET' | 'POST' | 'DELETE';
	/** After `/v1/organizations/NAME/`; parts that come from elsewhere are encoded. */
	readonly path: string;
	readonly body?: unknown;
	/** What is being done, for messages: "making the database x". */
	readonly doing: string;
	/** May be tried again though it may have been done: it does no more the second time. */
	readonly isRepeatable: boolean;
	readonly signal?: AbortSignal;
}

/** Longest wait for one answer, in ms: a branch is made while it is waited for. */
const ANSWER_MS = 60_000;
/** A longer answer is not one of the API's: it lists some ten thousand databases in it. */
const MAX_BYTES = 16 * 1024 * 1024;
const POLICY: RetryPolicy = { tries: 4, baseMs: 500, capMs: 8_000 };
/** Whoever asks for a longer wait, in ms, is not waited for. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Calls Turso's Platform API, and tries again where that does no harm.
 *
 * @returns the JSON of the answer; null for 404
 * @throws LifeboatError `DATABASE_EXISTS` for 409; `DATABASE_REFUSED`, `DATABASE_UNREACHABLE`, `DATABASE_FAILED`
 */
export async function callPlatform(access: PlatformAccess, call: PlatformCall): Promise<unknown> {
	const judge = (error: unknown): RetryVerdict => {
		if (!hasCode(error, 'DATABASE_UNREACHABLE')) return { retry: false };
		const afterMs = Number(error.data.retryAfterMs ?? 0);
		const wasRefused = error.data.status === 429;
		return (call.isRepeatable || wasRefused) && afterMs <= LONGEST_WAIT_MS
			? { retry: true, afterMs }
			: { retry: false };
	};
	return retry(POLICY, { ...access, signal: call.signal }, judge, () => callOnce(access, call));
}

async function callOnce({ url, organization, token }: PlatformAccess, call: PlatformCall): Promise<unknown> {
	const { method, path, body, doing, signal } = call;
	const target = `${url}/v1/organizations/${encodeURIComponent(organization)}/${path}`;
	try {
		return await withTimeLimit(ANSWER_MS, signal, async (limited) => {
			const response = await fetch(target, {
				method,
				headers: {
					authorization: `Bearer ${token.reveal()}`,
					...(body === undefined ? {} : { 'content-type': 'application/json' }),
				},
				body: body === undefined ? undefined : JSON.stringify(body),
				// The token is for this origin alone.
				redirect: 'manual',
				signal: limited,
			});
			const text = await readText(response);
			if (response.ok) return parse(text, doing);
			if (response.status === 404) return null;
			throw refusalOf(response, text, doing);
		});
	} catch (error) {
		signal?.throwIfAborted();
		if (error instanceof LifeboatError) throw error;
		const why = error instanceof TimeLimitError ? error.message : 'no connection';
		throw new LifeboatError('DATABASE_UNREACHABLE', `${doing} failed: Turso's API did not answer: ${why}`, {
			hint: 'see https://status.turso.tech, and try again',
			cause: error,
		});
	}
}

/** What a status that is not of success means. The words of the API are in its `error`. */
function refusalOf({ status, headers }: Response, text: string, doing: string): LifeboatError {
	const words = wordsOf(text);
	const message = `${doing} failed: Turso's API answered ${status}${words === null ? '' : `: ${words}`}`;
	const data = { status };
	if (status === 409) return new LifeboatError('DATABASE_EXISTS', message, { hint: 'choose another name', data });
	if (status === 401 || status === 402 || status === 403)
		return new LifeboatError('DATABASE_REFUSED', message, {
			hint:
				status === 402
					? 'see to the subscription'
					: 'set TURSO_API_TOKEN to one that may do this, and see that TURSO_ORGANIZATION is right',
			data,
		});
	if (status !== 429 && status < 500) return new LifeboatError('DATABASE_FAILED', message, { data });
	const seconds = Number(headers.get('retry-after'));
	return new LifeboatError('DATABASE_UNREACHABLE', message, {
		hint: 'try again later',
		data: { ...data, ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}) },
	});
}

const LONGEST_WORDS = 300;

function wordsOf(text: string): string | null {
	try {
		const { error } = JSON.parse(text);
		return typeof error === 'string' ? error.slice(0, LONGEST_WORDS) : null;
	} catch {
		return null;
	}
}

function parse(text: string, doing: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw notOfApi(doing, cause);
	}
}

/** `DATABASE_FAILED` for an answer that is none of the API's. */
export function notOfApi(doing: string, cause?: unknown): LifeboatError {
	return new LifeboatError('DATABASE_FAILED', `${doing} failed: what answered is not Turso's API as it is known`, {
		hint: 'see whether TURSO_API_URL is right; a newer version of Lifeboat may know it',
		cause,
	});
}

async function readText(response: Response): Promise<string> {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of response.body ?? []) {
		bytes += chunk.byteLength;
		if (bytes > MAX_BYTES) throw new Error('the answer is too long');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}
