import { growTo, type Kernel, newKernel } from '../../../wasm/kernel';
import { MOST_RECORD_BYTES, putPage } from './leaf-rows';
import { Unfit } from './unfit';

/** A row of several pages that begins on a leaf. */
export interface Chain {
	/** The first of its other pages, and how many there are. */
	readonly first: number;
	readonly pages: number;
}

/** Finds the rows of several pages. Leaves are looked through ahead of those whose rows are written: in a memory of its own. */
export class LeafChains {
	readonly #kernel: Kernel = newKernel();

	/** @param usableBytes of each page */
	constructor(readonly usableBytes: number) {
		growTo(this.#kernel, this.#kernel.RECORD.value);
	}

	/** Those on a leaf that are not too long to be written. Throws {@link Unfit} for what is no leaf. */
	of(page: Uint8Array): Chain[] {
		const kernel = this.#kernel;
		putPage(kernel, page);
		const count = kernel.listChains(this.usableBytes, MOST_RECORD_BYTES);
		if (count < 0) throw new Unfit('a leaf that cannot be');
		if (count === 0) return [];
		const words = new Uint32Array(kernel.memory.buffer, kernel.CHAINS.value, 2 * count);
		return Array.from({ length: count }, (_, nth) => ({
			first: words[2 * nth] as number,
			pages: words[2 * nth + 1] as number,
		}));
	}
}
