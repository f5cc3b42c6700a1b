import type { FaultProxy } from './fault-proxy';

/**
 * The moments of a run, as far as its servers can tell: each request when it comes, each large one when half of its body
 * has come, and each answer before it goes out, when the work is done.
 */
export class Moments {
	#passed: string[] = [];
	#nth = Number.POSITIVE_INFINITY;
	#act: () => Promise<void> = async () => {};

	/** Watches every exchange that goes through the proxies, which are named in what `passed` says. */
	constructor(proxies: Readonly<Record<string, FaultProxy>>) {
		for (const [name, proxy] of Object.entries(proxies)) {
			const of = ({ method, path }: { method: string; path: string }) => `${name}: ${method} ${path}`;
			proxy.onRequest = (request) => this.pass(`before ${of(request)}`);
			proxy.onHalf = () => this.pass(`amid an upload to ${name}`);
			proxy.onAnswer = (request) => this.pass(`after ${of(request)}`);
		}
	}

	/** What has passed since `watch`, in order. */
	get passed(): readonly string[] {
		return this.#passed;
	}

	/** Counts from 1 again, and calls `act` at the nth moment: nothing of that exchange goes further. */
	watch(nth = Number.POSITIVE_INFINITY, act: () => Promise<void> = async () => {}): void {
		this.#passed = [];
		this.#nth = nth;
		this.#act = act;
	}

	/** Counts a moment that is found out in another way. Throws when this is the one to strike. */
	async pass(what: string): Promise<void> {
		if (this.#passed.push(what) !== this.#nth) return;
		await this.#act();
		throw new Error(`struck ${what}`);
	}
}

/** `count` numbers from 1 to `last`, as evenly as they go, the first and the last among them. */
export function spread(count: number, last: number): number[] {
	return Array.from({ length: count }, (_, index) => 1 + Math.round((index * (last - 1)) / Math.max(1, count - 1)));
}
