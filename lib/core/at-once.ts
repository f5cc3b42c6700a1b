/** How much is done at once. */
export interface AtOnce {
	readonly items: number;
	/** The sum of what `weigh` gives for them; one that is heavier goes alone. */
	readonly weight: number;
}

/**
 * Does `work` on every item, several at once within `limits`, begun in their order. When one fails, none is begun any more,
 * and that failure is thrown once those under way have ended.
 */
export async function eachAtOnce<T>(
	items: Iterable<T>,
	limits: AtOnce,
	weigh: (item: T) => number,
	work: (item: T) => Promise<void>,
): Promise<void> {
	const running = new Set<Promise<void>>();
	let weight = 0;
	let failure: { readonly error: unknown } | null = null;
	for (const item of items) {
		const itsWeight = weigh(item);
		while (running.size > 0 && (running.size >= limits.items || weight + itsWeight > limits.weight))
			await Promise.race(running);
		if (failure !== null) break;
		weight += itsWeight;
		const one = work(item)
			.catch((error) => {
				failure ??= { error };
			})
			.finally(() => {
				weight -= itsWeight;
				running.delete(one);
			});
		running.add(one);
	}
	await Promise.all(running);
	if (failure !== null) throw (failure as { error: unknown }).error;
}
