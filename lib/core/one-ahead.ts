import { setImmediate as turn } from 'node:timers/promises';

/** Turns of the event loop in which a request that has been made is on its way: its body is a stream, too. */
const TURNS = 4;

/**
 * Passes a stream on, and asks for each item while the one before it is being used. What was asked for is let go out
 * first: whoever uses an item may keep the event loop to himself.
 */
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
			for (let nth = 0; nth < TURNS; nth++) await turn();
			yield item.value;
		}
	} finally {
		await next.catch(() => {});
		await iterator.return?.();
	}
}
