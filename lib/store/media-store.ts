import type { OpenObject } from './store';

/** A blob that an application shows to its users. */
export interface MediaBlob {
	/** Any text: unlike the names in a `Store`. */
	readonly pathname: string;
	readonly url: string;
	readonly bytes: number;
	readonly uploadedAt: Date;
}

/**
 * The Blob store of an application's media, public or private. It is the application's: nothing in it is ever written over
 * or deleted. All methods throw `LifeboatError` as those of a `Store` do; none waits without a time limit of its own.
 */
export interface MediaStore {
	/** What to call it in messages. No secret in it. */
	readonly label: string;

	/** Every blob, in no order that can be relied on, page by page; folders are no blobs. */
	list(options: { readonly signal?: AbortSignal }): AsyncIterable<MediaBlob>;

	/** Opens a blob that was listed; null if it is gone. As `get` of a `Store`, but a CDN may lag behind for a minute. */
	open(blob: MediaBlob, options: { readonly signal?: AbortSignal }): Promise<OpenObject | null>;

	/** Uploads a new blob; its media type is taken from the name's ending. Create-only, as `put` of a `Store`. */
	put(
		pathname: string,
		body: AsyncIterable<Uint8Array>,
		options: { readonly signal?: AbortSignal },
	): Promise<MediaBlob>;
}
