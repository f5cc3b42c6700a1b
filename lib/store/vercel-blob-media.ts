import { type HeadBlobResult, head } from '@vercel/blob';
import { withBody } from './body-reader';
import type { MediaBlob, MediaStore } from './media-store';
import { checkCredentials, DEFAULT_LIMITS, DEFAULT_RETRY, type VercelBlobStoreOptions } from './vercel-blob';
import { toStoredObject, withTexts } from './vercel-blob-answers';
import { type BlobSession, callBlob, namingFailures } from './vercel-blob-call';
import { listBlobs, openObject } from './vercel-blob-read';
import { createObject } from './vercel-blob-write';

/**
 * Opens the Vercel Blob store of an application's media. Nothing is sent before the first call of a method.
 *
 * @param access of what is uploaded; what is read tells it by its URL
 * @throws LifeboatError `CONFIG_INVALID` if there are no credentials, or the token is not a read-write token
 */
export function openVercelBlobMedia(
	options: Omit<VercelBlobStoreOptions, 'retry' | 'limits'>,
	access: BlobSession['access'],
): MediaStore {
	checkCredentials(options);
	const { token, storeId, clock, random } = options;
	const session = { token, storeId, access, clock, random, retry: DEFAULT_RETRY, limits: DEFAULT_LIMITS };
	return {
		// The id of the store is no secret: it stands in every URL.
		label: `vercel-blob ${token?.reveal().split('_')[3] ?? storeId}`,

		list: ({ signal }) =>
			listBlobs(session, '', (blob) => (blob.pathname.endsWith('/') ? null : toMediaBlob(blob)), signal),

		open({ url, uploadedAt }, { signal }) {
			const isPrivate = new URL(url).hostname.includes('.private.');
			// Past what a CDN has kept of another blob of this name; a private one is asked for past it anyway.
			const fresh = isPrivate ? url : `${url}?v=${uploadedAt.getTime()}`;
			const reading: BlobSession = { ...session, access: isPrivate ? 'private' : 'public' };
			return namingFailures('open a blob', url, () => openObject(reading, fresh, signal));
		},

		put: (pathname, body, { signal }) =>
			withBody(body, signal, (reader) =>
				namingFailures('upload a blob', pathname, async () => {
					await createObject(session, pathname, reader, undefined);
					return callBlob(session, session.limits.answerMs, signal, async (sdkOptions) =>
						toMediaBlob(await head(pathname, sdkOptions)),
					);
				}),
			),
	};
}

function toMediaBlob(blob: Pick<HeadBlobResult, 'pathname' | 'url' | 'size' | 'uploadedAt' | 'etag'>): MediaBlob {
	const { pathname, url } = withTexts(blob, 'pathname', 'url');
	const { bytes, modifiedAt } = toStoredObject(pathname, blob);
	return { pathname, url, bytes, uploadedAt: modifiedAt };
}
