/** What the sign-in page says: asks, or why it asks again. */
export type SignInState = 'ask' | 'wrong' | 'limited';

/** The query of a page, as Next hands it over. */
export type PageQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

const BACKUP_PAGE = /^\/backups\/backup-\d{8}T\d{6}Z-[0-9a-f]{4}$/;

/** Where to go after signing in: a page of this site that is known by its form, and in all other cases `/`. */
export function nextPathOf(given: unknown): string {
	return typeof given === 'string' && BACKUP_PAGE.test(given) ? given : '/';
}

/** The path of the sign-in page. */
export function signInPath(next: string, state: SignInState = 'ask'): string {
	const known = nextPathOf(next);
	const query = [...(state === 'ask' ? [] : [state]), ...(known === '/' ? [] : [`next=${known}`])];
	return query.length === 0 ? '/sign-in' : `/sign-in?${query.join('&')}`;
}

/** What the query of the sign-in page says. */
export function readSignIn(query: PageQuery): { readonly state: SignInState; readonly next: string } {
	const state = 'limited' in query ? 'limited' : 'wrong' in query ? 'wrong' : 'ask';
	return { state, next: nextPathOf(query.next) };
}
