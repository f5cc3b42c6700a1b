/** What two streams have of one key. One of the lists may be empty. */
export interface Joined<L, R> {
	readonly key: string;
	readonly left: readonly L[];
	readonly right: readonly R[];
}

interface Keyed<T> {
	readonly key: string;
	readonly item: T;
}

/** Joins two streams whose keys come in the order of JavaScript's `<`. Holds what they have of one key. */
export async function* joinSorted<L, R>(
	left: AsyncIterable<Keyed<L>>,
	right: AsyncIterable<Keyed<R>>,
): AsyncGenerator<Joined<L, R>, void, undefined> {
	const lefts = groups(left);
	const rights = groups(right);
	try {
		let [ofLeft, ofRight] = [await lefts.next(), await rights.next()];
		while (!ofLeft.done || !ofRight.done) {
			const key = least(ofLeft.value?.key, ofRight.value?.key);
			const hasLeft = ofLeft.value?.key === key;
			const hasRight = ofRight.value?.key === key;
			yield {
				key,
				left: hasLeft ? (ofLeft.value?.items ?? []) : [],
				right: hasRight ? (ofRight.value?.items ?? []) : [],
			};
			if (hasLeft) ofLeft = await lefts.next();
			if (hasRight) ofRight = await rights.next();
		}
	} finally {
		await lefts.return(undefined);
		await rights.return(undefined);
	}
}

function least(one: string | undefined, other: string | undefined): string {
	if (one === undefined || other === undefined) return (one ?? other) as string;
	return one < other ? one : other;
}

async function* groups<T>(
	source: AsyncIterable<Keyed<T>>,
): AsyncGenerator<{ key: string; items: T[] } | undefined, undefined, undefined> {
	let group: { key: string; items: T[] } | undefined;
	for await (const { key, item } of source) {
		if (group !== undefined && group.key !== key) {
			yield group;
			group = undefined;
		}
		group ??= { key, items: [] };
		group.items.push(item);
	}
	if (group !== undefined) yield group;
	return undefined;
}
