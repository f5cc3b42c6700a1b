import { createHash } from 'node:crypto';

/** So many of the cases, from all over, and the same ones each time: the first ones by the digests of their titles. */
export function spread<T extends { readonly title: string }>(all: readonly T[], count: number): T[] {
	const digestOf = ({ title }: T) => createHash('sha256').update(title).digest('hex');
	const inOrder = all.map((one) => ({ one, digest: digestOf(one) })).sort((a, b) => (a.digest < b.digest ? -1 : 1));
	return inOrder.slice(0, count).map(({ one }) => one);
}
