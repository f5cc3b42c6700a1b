import { createHash } from 'node:crypto';
import { LifeboatError } from '../../lib/core/errors';
import { type DecodedEvent, Decoder } from '../../lib/format/decoder';
import { Encoder } from '../../lib/format/encoder';
import { below } from './mutate';

/** What a reader says of a file: that it is whole, with what it holds; or what is wrong, and where. */
export type DecodedOutcome =
	| { readonly whole: true /** Of the file that is written anew from what was read. */; readonly sha256: string }
	| { readonly whole: false; readonly code: string; readonly line: unknown; readonly offset: unknown };

/** Decodes the chunks. Throws whatever is no error of Lifeboat's. */
export function decodedOutcome(chunks: Iterable<Buffer>): DecodedOutcome {
	const decoder = new Decoder();
	const again = new Rewriter();
	try {
		for (const chunk of chunks) for (const event of decoder.push(chunk)) again.take(event);
		decoder.finish();
		return { whole: true, sha256: again.sha256() };
	} catch (error) {
		if (!(error instanceof LifeboatError)) throw error;
		return { whole: false, code: error.code, line: error.data.line, offset: error.data.offset };
	}
}

/** Writes the events of a file as a new file, and keeps its digest. */
export class Rewriter {
	readonly #encoder = new Encoder();
	readonly #digest = createHash('sha256');
	/** Events taken. */
	events = 0;

	take(event: DecodedEvent): void {
		this.events++;
		const bytes = this.#written(event);
		if (bytes !== null) this.#digest.update(bytes);
	}

	/** In hex. */
	sha256(): string {
		return this.#digest.copy().digest('hex');
	}

	/** The encoder writes omissions at the end of their table by itself. */
	#written(event: DecodedEvent): Uint8Array | null {
		switch (event.kind) {
			case 'header':
				return this.#encoder.header(withoutKind(event));
			case 'schema':
				return this.#encoder.schema(withoutKind(event));
			case 'table':
				return this.#encoder.open(withoutKind(event));
			case 'rows':
				this.#encoder.rows(event);
				return event.bytes;
			case 'omitted':
				this.#encoder.omit(event);
				return null;
			case 'end':
				// Past the hundredth, omissions are only counted.
				for (let more = 100; more < event.omitted; more++) this.#encoder.omit({ row: '', reason: '' });
				return this.#encoder.close().bytes;
			case 'trailer':
				return this.#encoder.trailer().bytes;
		}
	}
}

function withoutKind<T extends { readonly kind: string }>({ kind: _, ...rest }: T): Omit<T, 'kind'> {
	return rest;
}

/** `bytes` in pieces of chance lengths, some of them empty. */
export function* randomChunks(bytes: Uint8Array, random: () => number): Generator<Buffer> {
	for (let at = 0; at < bytes.length; ) {
		const length = random() < 0.1 ? 0 : 1 + below(random, random() < 0.5 ? 4 : 400);
		yield Buffer.from(bytes.subarray(at, at + length));
		at += length;
	}
}
