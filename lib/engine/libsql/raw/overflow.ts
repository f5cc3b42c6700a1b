import { LeafChains } from './leaf-chains';
import type { PageSource } from './page-source';
import { Unfit } from './unfit';
import type { Leaf } from './walk';

/** Leaves, and the pages with what their rows have beside them. */
export interface LoadedLeaves {
	readonly leaves: readonly Leaf[];
	readonly overflow: ReadonlyMap<number, Buffer>;
}

/** The rest of a row that is still to be found. */
interface Chain {
	next: number;
	pages: number;
	/** How many pages are taken to follow one another in the file. */
	run: number;
}

const SHORTEST_RUN = 4;

/** Loads what the rows of leaves have on pages of their own, for as many leaves at once as take about one request. */
export async function* withOverflow(
	source: PageSource,
	leaves: AsyncIterable<readonly Leaf[]>,
): AsyncGenerator<LoadedLeaves, void, undefined> {
	const finder = new LeafChains(source.usableBytes);
	for await (const batch of leaves) {
		let group: Leaf[] = [];
		let chains: Chain[] = [];
		let pages = 0;
		for (const leaf of batch) {
			const found = finder.of(leaf.page).map(({ first, pages }) => ({ next: first, pages, run: pages }));
			const more = found.reduce((sum, chain) => sum + chain.pages, 0);
			if (pages > 0 && pages + more > source.perRequest) {
				yield { leaves: group, overflow: await readChains(source, chains) };
				[group, chains, pages] = [[], [], 0];
			}
			group.push(leaf);
			chains.push(...found);
			pages += more;
		}
		yield { leaves: group, overflow: await readChains(source, chains) };
	}
}

/** Follows chains of pages, each of which names the next: mostly they were written one after another, and lie so. */
async function readChains(source: PageSource, chains: readonly Chain[]): Promise<Map<number, Buffer>> {
	const pages = new Map<number, Buffer>();
	for (let open = chains; open.length > 0; open = open.filter((chain) => chain.pages > 0)) {
		const wanted = new Set<number>();
		for (const { next, run } of open)
			for (let number = next; number < next + run && number <= source.pageCount; number++)
				if (!pages.has(number)) wanted.add(number);
		const numbers = [...wanted];
		for (let at = 0; at < numbers.length; at += source.perRequest) {
			const some = numbers.slice(at, at + source.perRequest);
			const found = await source.read(some);
			some.forEach((number, nth) => {
				pages.set(number, found[nth] as Buffer);
			});
		}
		for (const chain of open) follow(chain, pages);
	}
	return pages;
}

function follow(chain: Chain, pages: ReadonlyMap<number, Buffer>): void {
	const before = chain.pages;
	for (let page = pages.get(chain.next); page !== undefined && chain.pages > 0; page = pages.get(chain.next)) {
		chain.next = page.readUInt32BE(0);
		chain.pages--;
	}
	const found = before - chain.pages;
	if (found === 0) throw new Unfit('a row that does not go on');
	chain.run = Math.min(chain.pages, Math.max(SHORTEST_RUN, 2 * found));
}
