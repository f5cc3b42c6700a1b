import { isDevelopment } from '../config/deployed';
import type { EnvironmentSource } from '../config/environment';
import { isSameOrigin, mustBeSecure } from './own-origin';
import { answerSeeOther, answerText } from './page-answer';
import { endedCookie } from './session-cookie';
import { signInPath } from './sign-in-path';
import { doorOf } from './status-door';

/**
 * Answers `POST /session/end`, the sign-out: takes the cookie away, and sends to the sign-in page. 403 for a form from
 * another site, 404 where there is no page, 405. Never throws.
 */
export function handleSignOut(request: Request, { env }: { readonly env: EnvironmentSource }): Response {
	if (doorOf(env).kind === 'closed') return answerText('there is nothing here', 404);
	if (request.method !== 'POST') return answerText('the method is not POST', 405, { allow: 'POST' });
	if (!isSameOrigin(request.headers)) return answerText('this form was not sent from a page of this site', 403);
	const isSecure = mustBeSecure(request.headers, isDevelopment(env));
	return answerSeeOther(signInPath('/'), { 'set-cookie': endedCookie(isSecure) });
}
