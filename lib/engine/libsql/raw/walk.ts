import type { PageSource } from './page-source';
import { Unfit } from './unfit';

/** A leaf of one of the trees. */
export interface Leaf {
	/** Which of the trees, by its place among the roots. */
	readonly tree: number;
	readonly page: Buffer;
}

/** A page that is to be visited, the request by which it comes, and the page itself once it has come. */
interface Node {
	readonly tree: number;
	readonly number: number;
	/** Steps from the root. */
	readonly depth: number;
	coming: Promise<void> | null;
	page: Buffer | null;
}

const [INTERIOR, LEAF] = [5, 13];
const INTERIOR_HEADER = 12;
/** SQLite's own limit is 20. */
const MOST_DEPTH = 20;

/**
 * Walks table b-trees one after another, and gives their leaves in order (sqlite.org/fileformat2.html, section 1.6).
 * Holds some pages of each level; pages are asked for across trees, so that many small ones take few requests, and while
 * others are still on their way.
 */
export class Walk {
	/** What is still to be visited, the next one last. */
	readonly #stack: Node[];
	/** Taken off it, and asked for: they come before it. */
	#queue: Node[] = [];
	readonly #skipped = new Set<number>();
	#visited = 0;

	constructor(
		readonly source: PageSource,
		roots: readonly number[],
	) {
		this.#stack = roots.map((number, tree) => ({ tree, number, depth: 0, coming: null, page: null })).reverse();
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
		for (;;) {
			this.#ask();
			const [first] = this.#queue;
			if (first === undefined) return;
			await first.coming;
			// What is below an inner page comes before what follows it.
			if (first.page?.[0] === INTERIOR) {
				for (const node of this.#queue.splice(0).reverse()) this.#stack.push(node);
				continue;
			}
			const end = this.#queue.findIndex(({ coming, page }) => coming !== first.coming || page?.[0] === INTERIOR);
			const nodes = this.#queue.splice(0, end < 0 ? this.#queue.length : end);
			yield nodes.filter(({ tree }) => !this.#skipped.has(tree)).map(leafOf);
		}
	}

	/** Asks for the next pages, as far ahead as the source allows. */
	#ask(): void {
		while (new Set(this.#queue.map(({ coming }) => coming)).size < this.source.requestsAhead) {
			const nodes = this.#front();
			if (nodes.length === 0) return;
			this.#queue.push(...nodes);
			const missing = nodes.filter(({ coming }) => coming === null);
			const coming = this.#load(missing);
			// Whoever stops early leaves it alone.
			coming.catch(() => {});
			for (const node of missing) node.coming = coming;
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
			if (node.coming === null) missing++;
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
		return numbers.map((number) => ({ tree, number, depth: depth + 1, coming: null, page: null }));
	}

	async #load(nodes: readonly Node[]): Promise<void> {
		this.#visited += nodes.length;
		if (this.#visited > this.source.pageCount) throw new Unfit('a tree that has no end');
		const pages = await this.source.read(nodes.map(({ number }) => number));
		nodes.forEach((node, nth) => {
			const page = pages[nth] as Buffer;
			if (node.depth > MOST_DEPTH) throw new Unfit('a tree that has no end');
			// An inner page may be kept for long, and would keep all that came with it.
			node.page = page[0] === INTERIOR ? Buffer.from(page) : page;
		});
	}
}

function leafOf({ tree, page }: Node): Leaf {
	if (page?.[0] !== LEAF) throw new Unfit('a page that is none of a table');
	return { tree, page };
}
