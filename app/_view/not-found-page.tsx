import type { ReactNode } from 'react';
import { Frame } from './frame';

/** What is said where there is nothing; the same to everyone. */
export function NotFoundPage(): ReactNode {
	return (
		<Frame database={null} isSignedIn={false}>
			<div className="narrow">
				<h1>Not found</h1>
				<p>There is no such page.</p>
			</div>
		</Frame>
	);
}
