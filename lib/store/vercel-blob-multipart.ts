import { completeMultipartUpload, createMultipartUpload, type Part, uploadPart } from '@vercel/blob';
import type { BodyReader } from './body-reader';
import type { BodyPart } from './parts';
import { withTexts } from './vercel-blob-answers';
import { type BlobSession, callBlob } from './vercel-blob-call';

/**
 * Parts in memory at once, and so on their way. The next is read only once one of them is through: 24 MiB and a chunk
 * are the most that is held of a body.
 */
const PARTS_HELD = 3;

/**
 * Uploads all parts, and returns the call that makes an object of them. Until then nothing is visible; parts that are
 * never put together are swept by Vercel, there is no call for it.
 *
 * The SDK's separate functions, not its `createMultipartUploader`: that takes one signal for the whole upload, and each
 * part has a time limit of its own.
 */
export async function uploadParts(
	session: BlobSession,
	name: string,
	first: BodyPart,
	rest: AsyncIterable<BodyPart>,
	reader: BodyReader,
	contentType: string,
): Promise<() => Promise<{ etag: string }>> {
	const { answerMs, uploadMs } = session.limits;
	const common = { access: 'private', addRandomSuffix: false, allowOverwrite: false, contentType } as const;
	const { key, uploadId } = await callBlob(session, answerMs, reader.signal, async (options) =>
		withTexts(await createMultipartUpload(name, { ...options, ...common }), 'key', 'uploadId'),
	);

	const uploaded: Part[] = [];
	const underway = new Set<Promise<void>>();
	const send = async (part: BodyPart, partNumber: number) => {
		try {
			const done = await callBlob(session, uploadMs, reader.signal, async (options) =>
				withTexts(await uploadPart(name, part.bytes, { ...options, ...common, key, uploadId, partNumber }), 'etag'),
			);
			uploaded.push(done);
		} catch (error) {
			// Stops the reading of the body and the other parts; the loop below throws it.
			reader.abort(error);
		}
	};
	try {
		let partNumber = 0;
		for await (const part of allParts(first, rest)) {
			partNumber += 1;
			const sending = send(part, partNumber).finally(() => underway.delete(sending));
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
	uploaded.sort((a, b) => a.partNumber - b.partNumber);

	return () =>
		callBlob(session, uploadMs, reader.signal, async (options) =>
			withTexts(await completeMultipartUpload(name, uploaded, { ...options, ...common, key, uploadId }), 'etag'),
		);
}

async function* allParts(first: BodyPart, rest: AsyncIterable<BodyPart>): AsyncGenerator<BodyPart, void> {
	yield first;
	yield* rest;
}
