import type { PageSource } from './page-source';
import { Unfit } from './unfit';

/** A leaf of one of the trees. */
export interface Leaf {
	/** Which of the trees, by its place among the roots. */
	readonly tree: number;
	readonly page: Buffer;
}

/** A page that is to be visited, and the page itself where it has come already. */
interface Node {
	readonly tree: number;
	readonly number: number;
	/** Steps from the root. */
	readonly depth: number;
	page: Buffer | null;
}

const [INTERIOR, LEAF] = [5, 13];
const INTERIOR_HEADER = 12;
/** SQLite's own limit is 20. */
const MOST_DEPTH = 20;

/**
 * Walks table b-trees one after another, and gives their leaves in order (sqlite.org/fileformat2.html, section 1.6).
 * Holds some pages of each level; pages are asked for across trees, so that many small ones take few requests.
 */
export class Walk {
	/** What is still to be visited, the next one last. */
	readonly #stack: Node[];
	readonly #skipped = new Set<number>();
	#visited = 0;

	constructor(
		readonly source: PageSource,
		roots: readonly number[],
	) {
		this.#stack = roots.map((number, tree) => ({ tree, number, depth: 0, page: null })).reverse();
	}

	/** Leaves out what is left of a tree. */
	skip(tree: number): void {
		this.#skipped.add(tree);
	}

	/**
	 * The leaves, as many at once as come together.
	 *
	 * @throws Unfit for trees that are not as they should be
	 */
	async *leaves(): AsyncGenerator<Leaf[], void, undefined> {
		while (this.#stack.length > 0) {
			const nodes = this.#front();
			await this.#load(nodes);
			// What is below an inner page comes before what follows it.
			const inner = nodes.findIndex(({ page }) => page !== null && page[0] === INTERIOR);
			const whole = inner < 0 ? nodes : nodes.slice(0, inner);
			for (const node of nodes.slice(whole.length).reverse()) this.#stack.push(node);
			if (whole.length > 0) yield whole.map(leafOf);
		}
	}

	/** Takes the next nodes off the stack, inner pages replaced by those below them. */
	#front(): Node[] {
		const { perRequest } = this.source;
		const taken: Node[] = [];
		for (let missing = 0; missing < perRequest && taken.length < 2 * perRequest; ) {
			const node = this.#stack.pop();
			if (node === undefined) break;
			if (this.#skipped.has(node.tree)) continue;
			if (node.page?.[0] === INTERIOR) {
				this.#stack.push(...this.#below(node, node.page).reverse());
				continue;
			}
			taken.push(node);
			if (node.page === null) missing++;
		}
		return taken;
	}

	#below({ tree, depth }: Node, page: Buffer): Node[] {
		const count = page.readUInt16BE(3);
		if (INTERIOR_HEADER + 2 * count > this.source.usableBytes) throw new Unfit('an inner page of too many cells');
		const numbers: number[] = [];
		for (let nth = 0; nth < count; nth++) {
			const cell = page.readUInt16BE(INTERIOR_HEADER + 2 * nth);
			if (cell + 4 > this.source.usableBytes) throw new Unfit('a cell past its page');
			numbers.push(page.readUInt32BE(cell));
		}
		numbers.push(page.readUInt32BE(8));
		return numbers.map((number) => ({ tree, number, depth: depth + 1, page: null }));
	}

	async #load(nodes: readonly Node[]): Promise<void> {
		const missing = nodes.filter(({ page }) => page === null);
		this.#visited += missing.length;
		const pages = await this.source.read(missing.map(({ number }) => number));
		missing.forEach((node, nth) => {
			const page = pages[nth] as Buffer;
			if (node.depth > MOST_DEPTH || this.#visited > this.source.pageCount) throw new Unfit('a tree that has no end');
			// An inner page may be kept for long, and would keep all that came with it.
			node.page = page[0] === INTERIOR ? Buffer.from(page) : page;
		});
	}
}

function leafOf({ tree, page }: Node): Leaf {
	if (page?.[0] !== LEAF) throw new Unfit('a page that is none of a table');
	return { tree, page };
}
