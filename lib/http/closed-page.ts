import type { EnvironmentSource } from '../config/environment';
import { answerText } from './page-answer';
import { doorOf } from './status-door';

/** The pages of the status page. */
const PAGES = /^\/(sign-in|backups\/[^/]+)?\/?$/;

/**
 * What is answered where the status page would be while there is none; null: it is there, or `path` is no page of it. The
 * pages say 404 themselves as well, but in words that Next's client would have to write.
 */
export function closedPage(path: string, env: EnvironmentSource): Response | null {
	if (!PAGES.test(path) || doorOf(env).kind !== 'closed') return null;
	return answerText('there is nothing here', 404);
}
