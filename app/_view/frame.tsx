import type { ReactNode } from 'react';
import { Name } from './values';

interface FrameProps {
	/** What the page is of; null: that is not known, or nobody's business yet. */
	readonly database: string | null;
	/** There is a session to end. */
	readonly isSignedIn?: boolean;
	readonly children: ReactNode;
}

/** What is round every page: the way past the header, the header, the content. */
export function Frame({ database, isSignedIn = true, children }: FrameProps): ReactNode {
	return (
		<>
			<a href="#content" className="skip">
				Skip to content
			</a>
			<header className="top">
				<p className="brand">
					<a href="/">
						<BrandSign />
						Lifeboat
					</a>
					{database !== null && (
						<span className="database">
							<span className="unseen">Backups of </span>
							<Name>{database}</Name>
						</span>
					)}
				</p>
				{isSignedIn && (
					<form method="post" action="/session/end">
						<button type="submit" className="quiet">
							Sign out
						</button>
					</form>
				)}
			</header>
			<main id="content" tabIndex={-1}>
				{children}
			</main>
		</>
	);
}

/** A lifebuoy. */
function BrandSign(): ReactNode {
	return (
		<svg className="brand-sign" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
			<circle cx="12" cy="12" r="7.5" className="buoy" />
			<circle cx="12" cy="12" r="7.5" className="buoy-bands" strokeDasharray="5.89 5.89" strokeDashoffset="2.945" />
		</svg>
	);
}
