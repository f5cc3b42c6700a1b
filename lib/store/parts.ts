import type { BodyReader } from './body-reader';

/** A piece of a body. All pieces but the last have the same size. */
export interface BodyPart {
	readonly bytes: Buffer;
	/** No part comes after this one. */
	readonly last: boolean;
}

const FIRST_BUFFER_BYTES = 64 * 1024;

/**
 * Cuts a body into parts of `partBytes` bytes, the last one shorter, or empty for an empty body.
 *
 * Chunks are copied: a small chunk may be a view of a large buffer, which would stay in memory as long as the chunk.
 * Holds one part and one chunk; `seen` is shown every chunk once, in order.
 */
export async function* cutParts(
	reader: BodyReader,
	partBytes: number,
	seen: (chunk: Uint8Array) => void,
): AsyncGenerator<BodyPart, void> {
	let buffer: Buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_BUFFER_BYTES, partBytes));
	let filled = 0;
	for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
		seen(chunk);
		for (let taken = 0; taken < chunk.byteLength; ) {
			if (filled === partBytes) {
				yield { bytes: buffer, last: false };
				buffer = Buffer.allocUnsafeSlow(partBytes);
				filled = 0;
			}
			const wanted = Math.min(partBytes, filled + chunk.byteLength - taken);
			if (wanted > buffer.byteLength) buffer = grow(buffer, filled, wanted, partBytes);
			buffer.set(chunk.subarray(taken, taken + wanted - filled), filled);
			taken += wanted - filled;
			filled = wanted;
		}
	}
	yield { bytes: buffer.subarray(0, filled), last: true };
}

function grow(buffer: Buffer, filled: number, wanted: number, partBytes: number): Buffer {
	const larger = Buffer.allocUnsafeSlow(Math.min(partBytes, Math.max(wanted, buffer.byteLength * 2)));
	larger.set(buffer.subarray(0, filled));
	return larger;
}
