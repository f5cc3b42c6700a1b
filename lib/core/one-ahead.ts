/** Passes a stream on, and asks for each item while the one before it is being used. */
export async function* oneAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
	const iterator = source[Symbol.asyncIterator]();
	let next = iterator.next();
	try {
		for (;;) {
			const item = await next;
			if (item.done) return;
			next = iterator.next();
			// Whoever stops early leaves it alone.
			next.catch(() => {});
			yield item.value;
		}
	} finally {
		await next.catch(() => {});
		await iterator.return?.();
	}
}
