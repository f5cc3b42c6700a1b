import type { MediaRow } from './media-rows';

/** Where every Vercel Blob store is served. */
const BLOB_HOST = '.blob.vercel-storage.com';

/**
 * The pathname of the Blob object that a row names: by its URL, if that is one of a Blob store, else by its own pathname,
 * which an application may have noted without the suffix that the store has put to it. Null: it names none.
 */
export function mediaKey({ url, pathname }: Pick<MediaRow, 'url' | 'pathname'>): string | null {
	const parsed = blobUrl(url);
	if (parsed === null) return pathname || null;
	try {
		return decodeURIComponent(parsed.pathname.slice(1)) || null;
	} catch {
		return null;
	}
}

/** Claims that a row's URL leads to the blob of this URL, as far as it tells: one that is of no Blob store may. */
export function leadsTo(url: string | null, blob: string): boolean {
	const host = blobUrl(url)?.host;
	return host === undefined || host === blobUrl(blob)?.host;
}

function blobUrl(text: string | null): URL | null {
	const url = text !== null && URL.canParse(text) ? new URL(text) : null;
	return url?.hostname.endsWith(BLOB_HOST) ? url : null;
}
