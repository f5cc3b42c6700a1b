import { completeMultipartUpload, createMultipartUpload, uploadPart } from '@vercel/blob';
import type { BodyReader } from './body-reader';
import type { BodyPart } from './parts';
import { sendParts } from './send-parts';
import { withTexts } from './vercel-blob-answers';
import { type BlobSession, callBlob } from './vercel-blob-call';

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
	contentType: string | undefined,
): Promise<() => Promise<{ etag: string }>> {
	const { answerMs, uploadMs } = session.limits;
	const common = { access: session.access, addRandomSuffix: false, allowOverwrite: false, contentType } as const;
	const { key, uploadId } = await callBlob(session, answerMs, reader.signal, async (options) =>
		withTexts(await createMultipartUpload(name, { ...options, ...common }), 'key', 'uploadId'),
	);
	const uploaded = await sendParts(first, rest, reader, (part, partNumber) =>
		callBlob(session, uploadMs, reader.signal, async (options) =>
			withTexts(await uploadPart(name, part.bytes, { ...options, ...common, key, uploadId, partNumber }), 'etag'),
		),
	);
	return () =>
		callBlob(session, uploadMs, reader.signal, async (options) =>
			withTexts(await completeMultipartUpload(name, uploaded, { ...options, ...common, key, uploadId }), 'etag'),
		);
}
