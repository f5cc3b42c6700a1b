import type { Asked } from '../exchange';
import type { askerOf } from '../identity-fetch';
import type { Encoding } from './pipeline';

/** A server, and what is asked of it. */
export interface Server {
	/** An `http:` or `https:` URL. */
	readonly url: string;
	readonly authToken: string | undefined;
	readonly ask: ReturnType<typeof askerOf>;
}

/** Sends a request of the protocol, its body given in parts. */
export function post(
	{ url, authToken, ask }: Server,
	{ path, contentType }: Pick<Encoding, 'path' | 'contentType'>,
	body: readonly Uint8Array[],
	onBegun?: Asked['onBegun'],
): Promise<Response> {
	const headers = new Headers({ 'content-type': contentType });
	if (authToken !== undefined) headers.set('authorization', `Bearer ${authToken}`);
	return ask({ url: new URL(path, url).href, method: 'POST', headers, body, onBegun });
}
