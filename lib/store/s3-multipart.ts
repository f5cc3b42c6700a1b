import {
	AbortMultipartUploadCommand,
	CompleteMultipartUploadCommand,
	CreateMultipartUploadCommand,
	UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { BodyReader } from './body-reader';
import type { BodyPart } from './parts';
import { callS3, type S3Session } from './s3-call';
import { notUnderstood } from './s3-errors';
import { type Keeping, md5Of } from './s3-keeping';
import { sendParts } from './send-parts';

/** An upload by parts, all of which are in the store. */
export interface UploadedParts {
	/** Makes an object of them; create-only where the server knows conditions for that. */
	complete(ifNoneMatch: '*' | undefined): Promise<{ readonly etag: string }>;
	/** Has the server forget them. Never throws: what cannot be dropped is left to the bucket's lifecycle rule. */
	drop(): Promise<void>;
}

/** Time to tell the server to forget parts, in ms. */
const DROP_MS = 4_000;

/** Uploads all parts. Until they are put together nothing is visible. On failure the server is told to forget them. */
export async function uploadParts(
	session: S3Session,
	name: string,
	first: BodyPart,
	rest: AsyncIterable<BodyPart>,
	reader: BodyReader,
	keeping: Keeping,
): Promise<UploadedParts> {
	const { answerMs, uploadMs } = session.limits;
	const at = { Bucket: session.bucket, Key: name };
	const UploadId = await callS3(session, answerMs, reader.signal, async (client, options) => {
		const created = await client.send(new CreateMultipartUploadCommand({ ...at, ...keeping }), options);
		return textOf(created.UploadId);
	});
	const drop = async () => {
		const command = new AbortMultipartUploadCommand({ ...at, UploadId });
		// Not the caller's signal: that may be why it is dropped, and little time may be left.
		const signal = AbortSignal.timeout(DROP_MS);
		await callS3(session, answerMs, signal, (client, options) => client.send(command, options)).catch(() => {});
	};
	let parts: { PartNumber: number; ETag: string }[];
	try {
		parts = await sendParts(first, rest, reader, (part, PartNumber) => {
			const body = { Body: part.bytes, ContentLength: part.bytes.byteLength, ContentMD5: md5Of(part.bytes) };
			return callS3(session, uploadMs, reader.signal, async (client, options) => {
				const sent = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, ...body }), options);
				return { PartNumber, ETag: textOf(sent.ETag) };
			});
		});
	} catch (error) {
		await drop();
		throw error;
	}
	return {
		complete: (ifNoneMatch) =>
			callS3(session, uploadMs, reader.signal, async (client, options) => {
				const conditions = { MultipartUpload: { Parts: parts }, IfNoneMatch: ifNoneMatch };
				const made = await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, ...conditions }), options);
				// An answer of a proxy in between lacks what every one has. The etag may be empty: Ceph gives it only later.
				if (made.Key === undefined && !made.ETag) throw notUnderstood();
				return { etag: made.ETag ?? '' };
			}),
		drop,
	};
}

function textOf(text: string | undefined): string {
	if (text) return text;
	throw notUnderstood();
}
