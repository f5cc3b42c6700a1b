import type { ConfigWith } from '../config/config';
import { isDevelopment } from '../config/deployed';
import type { EnvironmentSource } from '../config/environment';
import { loadConfig } from '../config/load';
import { redactSecrets } from '../config/redact';
import { hasCode } from '../core/errors';
import type { Secret } from '../core/secret';
import type { AttemptOptions } from '../jobs/sign-in-attempts';
import type { AttemptVerdict } from '../jobs/sign-in-limit';
import type { AttemptMemory } from '../jobs/sign-in-memory';
import { callerOf } from './caller';
import { createEventLog, describeForLog, type EventLog } from './event-log';
import { isSecret } from './is-secret';
import { isSameOrigin, mustBeSecure } from './own-origin';
import { answerSeeOther, answerText } from './page-answer';
import { problemAnswer } from './problem';
import { readForm } from './read-form';
import { sessionCookie } from './session-cookie';
import { nextPathOf, signInPath } from './sign-in-path';
import { doorOf } from './status-door';
import { statusKeysOf } from './status-keys';
import { sealSession } from './status-session';

export interface SignInDeps {
	readonly env: EnvironmentSource;
	countAttempt(options: AttemptOptions): Promise<AttemptVerdict>;
	forgetAttempts(options: AttemptOptions): Promise<void>;
	readonly memory: AttemptMemory;
	/** Takes one line of the log; stdout by default. */
	readonly writeLog?: (line: string) => void;
	/** Milliseconds since the epoch. */
	readonly now?: () => number;
}

/** 512 characters, each of which a form writes as up to nine, and the rest. */
const FORM_BOUNDS = { bytes: 8192, limitMs: 5_000 } as const;

/**
 * Answers `POST /session`, the form of the sign-in page: fields `password` and `next`. 303 to the page that was asked for,
 * with the cookie of a session; or back to the sign-in page, which says what was wrong. 400 for what is not that form,
 * 403 for one from another site, 404 where there is no page, 405. Never rejects.
 */
export async function handleSignIn(request: Request, deps: SignInDeps): Promise<Response> {
	const { env, writeLog = console.log, now = Date.now } = deps;
	const redact = (text: string) => redactSecrets(text, env);
	const log = createEventLog({ write: writeLog, redact, now });
	try {
		const door = doorOf(env, writeLog);
		if (door.kind === 'closed') return answerText('there is nothing here', 404);
		if (request.method !== 'POST') return answerText('the method is not POST', 405, { allow: 'POST' });
		if (!isSameOrigin(request.headers)) return answerText('this form was not sent from a page of this site', 403);
		const form = await readForm(request, FORM_BOUNDS);
		if (form === null) return answerText('this is not the form of the sign-in page', 400);
		const next = nextPathOf(form.get('next'));
		if (door.kind === 'open') return answerSeeOther(next);
		return await judge(request.headers, door.password, form.get('password') ?? '', next, { ...deps, log, now });
	} catch (error) {
		log({ event: 'sign-in.failed', error: describeForLog(error) });
		return problemAnswer(error, { redact });
	}
}

async function judge(
	headers: Headers,
	password: Secret,
	given: string,
	next: string,
	{ env, memory, countAttempt, forgetAttempts, log, now }: SignInDeps & { log: EventLog; now: () => number },
): Promise<Response> {
	const { callers } = await statusKeysOf(password);
	const attempt: AttemptOptions = {
		config: configOrNull(env),
		who: callerOf(headers, env, callers),
		memory,
		onUnkept: (error) => log({ event: 'sign-in.not-kept', error: describeForLog(error) }),
	};
	const { isAllowed, retryAfterMs } = await countAttempt(attempt);
	if (!isAllowed) {
		log({ event: 'sign-in.answered', result: 'limited' });
		return answerSeeOther(signInPath(next, 'limited'), { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) });
	}
	const isRight = isSecret(given.trim().normalize('NFC'), password);
	log({ event: 'sign-in.answered', result: isRight ? 'right' : 'wrong' });
	if (!isRight) return answerSeeOther(signInPath(next, 'wrong'));
	await forgetAttempts(attempt);
	const seal = await sealSession(password, now());
	return answerSeeOther(next, { 'set-cookie': sessionCookie(seal, mustBeSecure(headers, isDevelopment(env))) });
}

/** Who cannot be told by the page what is wrong with the configuration could not put it right. */
function configOrNull(env: EnvironmentSource): ConfigWith<'store' | 'name'> | null {
	try {
		return loadConfig(env, { need: ['store', 'name'] });
	} catch (error) {
		if (hasCode(error, 'CONFIG_INVALID')) return null;
		throw error;
	}
}
