import type { BodyReader } from './body-reader';
import type { BodyPart } from './parts';

/**
 * Parts in memory at once, and so on their way. The next is read only once one of them is through: 24 MiB and a chunk
 * are the most that is held of a body that is cut into parts of 8 MiB.
 */
const PARTS_HELD = 3;

/**
 * Sends all parts, numbered from 1, several at once, and returns what `send` made of them, in order of the parts. A
 * part that fails stops the reading of the body, and the others; its error is thrown when nothing is underway any more.
 */
export async function sendParts<T>(
	first: BodyPart,
	rest: AsyncIterable<BodyPart>,
	reader: BodyReader,
	send: (part: BodyPart, partNumber: number) => Promise<T>,
): Promise<T[]> {
	const sent: T[] = [];
	const underway = new Set<Promise<void>>();
	const start = async (part: BodyPart, partNumber: number) => {
		try {
			sent[partNumber - 1] = await send(part, partNumber);
		} catch (error) {
			// Stops the reading of the body and the other parts; the loop below throws it.
			reader.abort(error);
		}
	};
	try {
		let partNumber = 0;
		for await (const part of allParts(first, rest)) {
			partNumber += 1;
			const sending = start(part, partNumber).finally(() => underway.delete(sending));
			underway.add(sending);
			if (underway.size >= PARTS_HELD) await Promise.race(underway);
		}
		await Promise.all(underway);
		reader.signal.throwIfAborted();
	} catch (error) {
		reader.abort(error);
		await Promise.all(underway);
		throw error;
	}
	return sent;
}

async function* allParts(first: BodyPart, rest: AsyncIterable<BodyPart>): AsyncGenerator<BodyPart, void> {
	yield first;
	yield* rest;
}
