// STUB, until the view helper's file of this name is merged.
import type { PageView } from '../../lib/status/view';

export function StatusPage({ view }: { readonly view: PageView }) {
	return (
		<main>
			<h1>{view.verdict.word}</h1>
			<form method="post" action="/session/end">
				<button type="submit">Sign out</button>
			</form>
		</main>
	);
}
