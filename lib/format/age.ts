import { LifeboatError } from '../core/errors';

/** Gives the age identities that a person has, in their textual form; is asked only about a backup that is sealed. */
export interface Keys {
	(): Promise<readonly string[]>;
	/** What to call the recipients that it is sealed to, where they are known: for whoever has none of their identities. */
	readonly sealedTo?: readonly string[];
}

/** What every age file begins with (age-encryption.org/v1). */
const MAGIC = Buffer.from('age-encryption.org/');
/** An armored file, which is text. */
const ARMOR = Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----');
/** The stanzas of a file are read whole: a post-quantum one has some 2 KB, and there are not many. */
const MAX_HEAD_BYTES = 1024 * 1024;

/**
 * Seals a stream to age recipients: whoever has an identity of one of them can open it, and nobody else.
 *
 * @param recipients `age1…`, one at least
 * @throws LifeboatError `CONFIG_INVALID` for a recipient that is none, by its place, before anything of the stream is read
 */
export async function openSealer(
	recipients: readonly string[],
): Promise<(body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>> {
	const { Encrypter } = await import('age-encryption');
	const encrypter = new Encrypter();
	recipients.forEach((recipient, nth) => {
		try {
			encrypter.addRecipient(recipient);
		} catch (cause) {
			throw new LifeboatError('CONFIG_INVALID', `recipient ${nth + 1} of BACKUP_AGE_RECIPIENTS is not one of age's`, {
				hint: 'keys.ts prints the recipient of a key that it makes',
				data: { variables: ['BACKUP_AGE_RECIPIENTS'] },
				cause,
			});
		}
	});
	return async function* (body) {
		const source = new Source(body);
		try {
			yield* await encrypter.encrypt(streamOf(source.rest()));
		} finally {
			await source.close();
		}
	};
}

/**
 * Opens a stream that may be sealed; one that is not passes through as it is.
 *
 * @throws LifeboatError `KEY_NEEDED` without keys, `KEY_WRONG` if none opens it or one is none, `BACKUP_DAMAGED`
 */
export async function* openSealed(
	stored: AsyncIterable<Uint8Array>,
	keys: Keys | null,
): AsyncGenerator<Uint8Array, void, undefined> {
	const source = new Source(stored);
	try {
		const start = await source.peek(MAGIC.length);
		if (start.equals(ARMOR.subarray(0, MAGIC.length)))
			throw new LifeboatError('FORMAT_UNKNOWN', 'the file is an armored age file', {
				hint: 'open it by the age tool first: age --decrypt -i IDENTITY -o backup.ndjson.gz FILE',
			});
		if (start.equals(MAGIC)) yield* decrypt(source, keys);
		else yield* source.rest();
	} finally {
		await source.close();
	}
}

async function* decrypt(source: Source, keys: Keys | null): AsyncGenerator<Uint8Array, void, undefined> {
	const { Decrypter } = await import('age-encryption');
	const decrypter = new Decrypter();
	const identities = (await keys?.()) ?? [];
	if (identities.length === 0)
		throw new LifeboatError('KEY_NEEDED', 'the backup is sealed, and there is no identity to open it with', {
			hint: `say --identity FILE, or set BACKUP_AGE_IDENTITY, with ${wantedOf(keys)}`,
			data: { recipients: keys?.sealedTo ?? null },
		});
	for (const identity of identities) {
		try {
			decrypter.addIdentity(identity);
		} catch {
			// Not its cause: the identity is in it.
			throw new LifeboatError('KEY_WRONG', "an identity is not one of age's", {
				hint: 'an identity is AGE-SECRET-KEY-1… or AGE-SECRET-KEY-PQ-1…, one a line, as keys.ts and age-keygen write it',
			});
		}
	}
	source.limitBytes = MAX_HEAD_BYTES;
	try {
		const opened = await decrypter.decrypt(streamOf(source.rest()));
		source.limitBytes = Number.POSITIVE_INFINITY;
		yield* opened;
	} catch (error) {
		if (source.failure !== null) throw source.failure.error;
		if (/no identity matched/.test((error as Error).message))
			throw new LifeboatError('KEY_WRONG', 'no identity that was given opens the backup', {
				hint: `give ${wantedOf(keys)}`,
				data: { recipients: keys?.sealedTo ?? null },
			});
		throw new LifeboatError('BACKUP_DAMAGED', `the sealed file is damaged before byte ${source.bytes}`, {
			hint: 'use another backup; this one cannot be trusted',
			data: { offset: source.bytes },
			cause: error,
		});
	}
}

/** Which identity opens a backup, for people. */
function wantedOf(keys: Keys | null): string {
	const sealedTo = keys?.sealedTo ?? [];
	if (sealedTo.length === 0) return 'the identity of a recipient that it is sealed to; its manifest names them';
	return `the identity of ${sealedTo.join(', or of ')}`;
}

/** A stream whose start can be looked at, and whose own failure is told from what a reader makes of it. */
class Source {
	bytes = 0;
	limitBytes = Number.POSITIVE_INFINITY;
	failure: { readonly error: unknown } | null = null;
	readonly #iterator: AsyncIterator<Uint8Array>;
	#peeked: Buffer = Buffer.alloc(0);

	constructor(source: AsyncIterable<Uint8Array>) {
		this.#iterator = source[Symbol.asyncIterator]();
	}

	/** The first `count` bytes, or as many as there are. */
	async peek(count: number): Promise<Buffer> {
		while (this.#peeked.length < count) {
			const chunk = await this.#next();
			if (chunk === null) break;
			this.#peeked = Buffer.concat([this.#peeked, chunk]);
		}
		return this.#peeked.subarray(0, count);
	}

	/** Everything, what was peeked at included. */
	async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
		if (this.#peeked.length > 0) yield this.#peeked;
		for (let chunk = await this.#next(); chunk !== null; chunk = await this.#next()) yield chunk;
	}

	async close(): Promise<void> {
		await this.#iterator.return?.();
	}

	async #next(): Promise<Uint8Array | null> {
		try {
			const { done, value } = await this.#iterator.next();
			if (done) return null;
			this.bytes += value.byteLength;
			if (this.bytes > this.limitBytes) throw new Error('a head without end');
			return value;
		} catch (error) {
			if (this.bytes <= this.limitBytes) this.failure ??= { error };
			throw error;
		}
	}
}

function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
	// Node's own, which the types of the browser's lack.
	return (ReadableStream as unknown as { from(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> }).from(
		body,
	);
}
