// STUB, until the view helper's file of this name is merged.
export function NotFoundPage() {
	return (
		<main>
			<h1>Not found</h1>
		</main>
	);
}
