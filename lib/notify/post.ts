import { LifeboatError } from '../core/errors';
import { type RetryContext, type RetryPolicy, retry } from '../core/retry';
import type { Secret } from '../core/secret';
import { TimeLimitError, withTimeLimit } from '../core/time-limit';

/** How long a server may take to answer one try, in ms. */
const TRY_MS = 4_000;
const POLICY: RetryPolicy = { tries: 3, baseMs: 500, capMs: 2_000 };
/** What may be otherwise the next time, beside every 5xx. */
const PASSING: readonly number[] = [408, 425, 429];

export interface Post {
	/** Whom it is for: `slack`, `heartbeat` and so on. */
	readonly to: string;
	/** As a whole a secret: whoever knows it can post to it. */
	readonly url: Secret;
	/** Made anew for every try, as they may tell of its time. */
	readonly headersAt: (now: Date) => Readonly<Record<string, string>>;
	readonly body: string;
	/** Three by default. */
	readonly tries?: number;
}

/** The server has answered that it did not take it. */
class Refused extends Error {
	constructor(readonly status: number) {
		super(`it answered ${status}`);
	}
}

/**
 * Posts to a server of other people, and tries again what may pass, until it has answered with a 2xx. Redirects are not followed:
 * they would take the secret elsewhere. What it answers is not read.
 *
 * @throws LifeboatError `CHANNEL_FAILED`, with nothing of the URL in it
 */
export async function post(
	{ to, url, headersAt, body, tries = POLICY.tries }: Post,
	context: RetryContext,
): Promise<void> {
	try {
		await retry({ ...POLICY, tries }, context, judge, () =>
			withTimeLimit(TRY_MS, context.signal, async (signal) => {
				const headers = { 'user-agent': 'lifeboat', ...headersAt(context.clock.now()) };
				const answer = await fetch(url.reveal(), { method: 'POST', headers, body, redirect: 'manual', signal });
				await answer.body?.cancel();
				if (!answer.ok) throw new Refused(answer.status);
			}),
		);
	} catch (error) {
		throw new LifeboatError('CHANNEL_FAILED', `${to} did not take the message: ${reasonOf(error)}`, {
			hint: `see whether the variables for ${to} are right, and whether its server is up; docs/alerts.md`,
			data: { channel: to, status: error instanceof Refused ? error.status : null },
		});
	}
}

function judge(error: unknown): { retry: boolean } {
	return { retry: !(error instanceof Refused) || error.status >= 500 || PASSING.includes(error.status) };
}

/** In words of our own: those of `fetch` may have the URL in them. */
function reasonOf(error: unknown): string {
	if (error instanceof Refused || error instanceof TimeLimitError) return error.message;
	if (error instanceof LifeboatError) return 'there was no time left';
	const code = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
	return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code)
		? `it could not be reached (${code})`
		: 'it could not be reached';
}
