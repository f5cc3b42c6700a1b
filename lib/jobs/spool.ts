import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { openScratchFolder, type ScratchFolder } from './scratch';

/** Bytes read at once. */
const READ_BYTES = 256 * 1024;

/**
 * Keeps a stream that passes through in a file of the scratch folder: a backup that is sealed on its way to the store
 * cannot be read again here, and is proven by what it was before.
 */
export class Spool {
	bytes = 0;
	sha256 = '';
	/** What keeping it has failed with; the stream goes on. */
	failure: unknown = null;
	#file: FileHandle | null = null;

	private constructor(readonly folder: ScratchFolder) {}

	/** @throws LifeboatError `SCRATCH_FULL` as `openScratchFolder` does */
	static async open(scratchDir: string): Promise<Spool> {
		return new Spool(await openScratchFolder(scratchDir, 0));
	}

	/** Passes a stream through, and keeps it in the place of one before. */
	async *keep(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
		await this.#file?.close();
		this.#file = await open(this.folder.path, 'w+', 0o600);
		this.failure = null;
		this.bytes = 0;
		const hash = createHash('sha256');
		for await (const chunk of body) {
			hash.update(chunk);
			await this.#write(chunk);
			yield chunk;
		}
		this.sha256 = hash.digest('hex');
	}

	/** What was kept, from its beginning. */
	read(signal?: AbortSignal): AsyncIterable<Uint8Array> {
		return createReadStream(this.folder.path, { highWaterMark: READ_BYTES, signal });
	}

	/** Removes it. */
	async close(): Promise<void> {
		await this.#file?.close();
		await this.folder.close();
	}

	async #write(chunk: Uint8Array): Promise<void> {
		if (this.failure !== null) return;
		try {
			for (let done = 0; done < chunk.byteLength; )
				done += (await (this.#file as FileHandle).write(chunk, done, chunk.byteLength - done)).bytesWritten;
			this.bytes += chunk.byteLength;
		} catch (error) {
			this.failure = error;
			// Its room is wanted by others.
			await this.#file?.truncate(0).catch(() => {});
		}
	}
}
