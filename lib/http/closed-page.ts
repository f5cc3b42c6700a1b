import type { EnvironmentSource } from '../config/environment';
import { answerText } from './page-answer';

/** The pages of the status page. */
const PAGES = /^\/(sign-in|backups\/[^/]+)?\/?$/;

/**
 * What is answered where the status page would be while there is none; null: it is there, or `path` is no page of it. The
 * pages say 404 themselves as well, but in words that Next's client would have to write.
 */
export async function closedPage(path: string, env: EnvironmentSource): Promise<Response | null> {
	if (!PAGES.test(path)) return null;
	// Only now: `next start` loads what stands before the pages for the first call of the API as well.
	const { doorOf } = await import('./status-door');
	return doorOf(env).kind === 'closed' ? answerText('there is nothing here', 404) : null;
}
