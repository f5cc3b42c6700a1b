import type { ReactNode } from 'react';
import { Frame } from './frame';

interface SignInPageProps {
	/** `wrong`: that was not the password. `limited`: too many were tried, and none is looked at for a while. */
	readonly state: 'ask' | 'wrong' | 'limited';
	/** Where to go afterwards: a path of this site. Whoever takes the form in checks it again. */
	readonly next: string;
}

const ERRORS = {
	wrong: 'That is not the password.',
	limited: 'Too many wrong passwords were tried. Wait 15 minutes, then try again.',
} as const;

/** Asks for the password. It tells nothing of what is behind it. */
export function SignInPage({ state, next }: SignInPageProps): ReactNode {
	const isRefused = state !== 'ask';
	return (
		<Frame database={null} isSignedIn={false}>
			<div className="narrow">
				<h1>Sign in</h1>
				<p>The status of this site's backups is for its operators.</p>
				<form method="post" action="/session" className="sign-in">
					{isRefused && (
						<p role="alert" id="sign-in-error" className="callout is-bad">
							{ERRORS[state]}
						</p>
					)}
					<input type="hidden" name="next" value={next} />
					<label htmlFor="password">Password</label>
					<input
						id="password"
						type="password"
						name="password"
						required
						autoComplete="current-password"
						aria-invalid={state === 'wrong' ? true : undefined}
						aria-describedby={isRefused ? 'sign-in-error' : undefined}
					/>
					<button type="submit">Sign in</button>
				</form>
				<p className="hint">
					It is the value of <code>STATUS_PASSWORD</code>, in the settings of the project.
				</p>
			</div>
		</Frame>
	);
}
