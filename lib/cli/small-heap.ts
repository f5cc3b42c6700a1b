import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often it is looked how much lies about, in ms. */
const LOOK_MS = 10;
/** From so many bytes of buffers on, V8 is to look for what nobody uses any more: among what is new, or all there is. */
const [NEW_BYTES, ALL_BYTES] = [16_000_000, 26_000_000];
/** What is in use is not looked through again before so much has come on top, in bytes. */
const MORE_BYTES = 8_000_000;
/** V8 lets strings and objects of no more use lie about until there are 64 MB of them; here, so many bytes. */
const HEAP_BYTES = 26_000_000;

/**
 * Keeps a command's memory small. Pages and batches of a megabyte live for moments, and lie outside of V8's heap; V8
 * answers a stream of them by letting its young generation grow to 48 MB, and up to 64 MB of buffers lie about before it
 * looks for those that are of no more use. Neither can be set while it runs; but it can be asked to look.
 */
export function keepHeapSmall(): void {
	setFlagsFromString('--semi-space-growth-factor=1');
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
	let usedBytes = 0;
	let usedHeapBytes = 0;
	setInterval(() => {
		const { arrayBuffers, heapUsed } = process.memoryUsage();
		const isMuch = arrayBuffers > Math.max(ALL_BYTES, usedBytes + MORE_BYTES);
		if (isMuch || heapUsed > Math.max(HEAP_BYTES, usedHeapBytes + MORE_BYTES)) {
			collect();
			const left = process.memoryUsage();
			[usedBytes, usedHeapBytes] = [left.arrayBuffers, left.heapUsed];
		} else if (arrayBuffers > NEW_BYTES) collect({ type: 'minor' });
	}, LOOK_MS).unref();
}
