// STUB, until the view helper's file of this name is merged.
import type { SignInState } from '../../lib/http/sign-in-path';

export function SignInPage({ state, next }: { readonly state: SignInState; readonly next: string }) {
	return (
		<main>
			<h1>Sign in</h1>
			{state === 'wrong' && <p role="alert">That is not the password.</p>}
			{state === 'limited' && <p role="alert">Too many attempts. Wait 15 minutes.</p>}
			<form method="post" action="/session">
				<input type="hidden" name="next" value={next} />
				<label htmlFor="password">Password</label>
				<input id="password" name="password" type="password" autoComplete="current-password" required />
				<button type="submit">Sign in</button>
			</form>
		</main>
	);
}
