import { TimeLimitError, withTimeLimit } from '../core/time-limit';

export interface FormBounds {
	readonly bytes: number;
	/** How long it may take to come, in ms. */
	readonly limitMs: number;
}

/** Reads the form that a request carries; null if it carries none, or one that is too long or too slow. */
export async function readForm(request: Request, { bytes, limitMs }: FormBounds): Promise<URLSearchParams | null> {
	const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
	if (type !== 'application/x-www-form-urlencoded' || request.body === null) return null;
	const reader = request.body.getReader();
	try {
		return await withTimeLimit(limitMs, undefined, async () => {
			const chunks: Uint8Array[] = [];
			let length = 0;
			for (let read = await reader.read(); !read.done; read = await reader.read()) {
				length += read.value.byteLength;
				if (length > bytes) return null;
				chunks.push(read.value);
			}
			return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
		});
	} catch (error) {
		if (error instanceof TimeLimitError) return null;
		throw error;
	} finally {
		// Of a body that was read to its end nothing is left to cancel.
		reader.cancel().catch(() => {});
	}
}
