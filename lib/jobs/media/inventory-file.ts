import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { InventorySink } from '../../backup/media/inventory';
import { hasCode, LifeboatError } from '../../core/errors';
import { openScratchFolder, type ScratchFolder } from '../scratch';

/** Bytes read at once. */
const READ_BYTES = 256 * 1024;

/**
 * Keeps an inventory in a file of the scratch folder until the dump is done. An inventory can be made again from the
 * backup: what keeping it fails with is noted, and hinders no backup.
 */
export class InventoryFile implements InventorySink {
	/** Why it could not be kept; null: it was. */
	failure: string | null = null;
	#folder: ScratchFolder | null = null;
	#file: FileHandle | null = null;

	private constructor() {}

	static async open(scratchDir: string): Promise<InventoryFile> {
		const made = new InventoryFile();
		try {
			made.#folder = await openScratchFolder(scratchDir, 0);
			made.#file = await open(made.#folder.path, 'a+', 0o600);
		} catch (error) {
			made.#note(error);
		}
		return made;
	}

	async clear(): Promise<void> {
		await this.#try((file) => file.truncate(0));
	}

	async write(chunk: Uint8Array): Promise<void> {
		await this.#try((file) => file.appendFile(chunk));
	}

	/** What was kept, from its beginning. */
	read(signal?: AbortSignal): AsyncIterable<Uint8Array> {
		if (this.#folder === null) throw new TypeError('nothing was kept');
		return createReadStream(this.#folder.path, { highWaterMark: READ_BYTES, signal });
	}

	/** Removes it. */
	async close(): Promise<void> {
		await this.#file?.close();
		await this.#folder?.close();
	}

	async #try(act: (file: FileHandle) => Promise<void>): Promise<void> {
		if (this.failure !== null || this.#file === null) return;
		try {
			await act(this.#file);
		} catch (error) {
			this.#note(error);
			// Its room is wanted by others.
			await this.#file.truncate(0).catch(() => {});
		}
	}

	#note(error: unknown): void {
		const { code } = error as { code?: unknown };
		if (!hasCode(error, 'SCRATCH_FULL') && (error instanceof LifeboatError || typeof code !== 'string')) throw error;
		this.failure = `the scratch folder did not take it (${String(code)})`;
	}
}
