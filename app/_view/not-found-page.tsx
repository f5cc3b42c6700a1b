// STUB, until the view helper's file of this name is merged.
export function NotFoundPage() {
	return (
		<main>
			<h1>There is nothing here</h1>
		</main>
	);
}
