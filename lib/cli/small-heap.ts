import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often it is looked how much lies about, in ms. */
const LOOK_MS = 10;
/** What the process is to take, in bytes: the nearer it is, the fewer buffers may lie about before they are collected. */
const PROCESS_BYTES = 146_000_000;
const [LEAST_BYTES, MOST_BYTES] = [9_000_000, 24_000_000];
/** What is in use is not looked through again before so much has come on top, in bytes. */
const MORE_BYTES = 8_000_000;
/** From so many bytes too many on, all there is is looked through, and not only what is new. */
const ALL_BYTES = 12_000_000;
/** V8 lets strings and objects of no more use lie about until there are 64 MB of them; here, so many bytes. */
const HEAP_BYTES = 26_000_000;

/**
 * Keeps a command's memory small; called first of all, before modules are loaded and the heap has grown for them. Pages
 * and batches of a megabyte live for moments, and lie outside of V8's heap; V8 answers a stream of them by letting its
 * young generation grow to 48 MB, and up to 64 MB of buffers lie about before it looks for those that are of no more
 * use. Neither can be set while it runs; but it can be asked to look.
 */
export function keepHeapSmall(): void {
	setFlagsFromString('--semi-space-growth-factor=1');
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
	let leftBytes = 0;
	let usedHeapBytes = 0;
	setInterval(() => {
		const { rss, arrayBuffers, heapUsed } = process.memoryUsage();
		leftBytes = Math.min(leftBytes, arrayBuffers);
		const allowedBytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, PROCESS_BYTES - (rss - arrayBuffers)));
		const isHeapLarge = heapUsed > Math.max(HEAP_BYTES, usedHeapBytes + MORE_BYTES);
		if (!isHeapLarge && arrayBuffers < Math.max(allowedBytes, leftBytes + MORE_BYTES)) return;
		if (isHeapLarge || arrayBuffers > allowedBytes + ALL_BYTES) {
			collect();
			usedHeapBytes = process.memoryUsage().heapUsed;
		} else collect({ type: 'minor' });
		leftBytes = process.memoryUsage().arrayBuffers;
	}, LOOK_MS).unref();
}
