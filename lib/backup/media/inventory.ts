import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LifeboatError } from '../../core/errors';
import type { MediaTable } from '../../core/media-table';
import type { TableOpen } from '../../format/records';
import { unseal } from '../../format/seal';
import { type FoundTable, MediaReader, type MediaRow, type MediaRowText } from './media-rows';

const compress = promisify(gzip);

/** As backups are compressed: the database has to wait for it. */
const COMPRESSION = { level: 1, memLevel: 9 } as const;
/** A gzip member takes about so many bytes. */
const MEMBER_BYTES = 512 * 1024;
/** The longest line that is read, in characters: a row of a megabyte, escaped. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** Sees the rows of a dump on their way into it. */
export interface DumpTap {
	/** A dump begins, perhaps anew. */
	begin(): Promise<void>;
	open(table: Omit<TableOpen, 'kind'>): void;
	/** Row lines; a row may be spread over several calls. */
	rows(bytes: Uint8Array): Promise<void>;
	/** The dump was read to its end. */
	end(): Promise<void>;
}

/** Where an inventory is kept while it is made. */
export interface InventorySink {
	/** Forgets what it was given. */
	clear(): Promise<void>;
	write(chunk: Uint8Array): Promise<void>;
}

/**
 * Makes the media inventory of a dump from the rows that go into it, so that both are of one moment: gzip of JSON lines,
 * `{"table","url","pathname","row"}`. Holds half a megabyte.
 */
export class InventoryTap implements DumpTap {
	#reader: MediaReader;
	/** Lines that are not in a member yet: as bytes, for text lies about for longer. */
	readonly #lines = Buffer.alloc(MEMBER_BYTES);
	#filled = 0;

	constructor(
		readonly wanted: readonly MediaTable[],
		readonly sink: InventorySink,
	) {
		this.#reader = new MediaReader(wanted);
	}

	/** The tables that were asked for and are there. */
	get found(): readonly FoundTable[] {
		return this.#reader.found;
	}

	async begin(): Promise<void> {
		this.#reader = new MediaReader(this.wanted);
		this.#filled = 0;
		await this.sink.clear();
	}

	open(table: Omit<TableOpen, 'kind'>): void {
		this.#reader.open(table);
	}

	async rows(bytes: Uint8Array): Promise<void> {
		for (const row of this.#reader.texts(bytes)) {
			const line = lineOf(row);
			// No character takes more bytes.
			if (this.#filled + 3 * line.length > MEMBER_BYTES) await this.#flush();
			if (3 * line.length > MEMBER_BYTES) await this.#write(Buffer.from(line));
			else this.#filled += this.#lines.write(line, this.#filled);
		}
	}

	async end(): Promise<void> {
		await this.#flush();
	}

	async #flush(): Promise<void> {
		await this.#write(this.#lines.subarray(0, this.#filled));
		this.#filled = 0;
	}

	/** As a member of its own; one without lines is a gzip file all the same. */
	async #write(bytes: Buffer): Promise<void> {
		await this.sink.write(await compress(bytes, COMPRESSION));
	}
}

function lineOf({ table, url, pathname, more }: MediaRowText): string {
	return `{"table":${table},"url":${url},"pathname":${pathname},"row":${more}}\n`;
}

/**
 * Reads an inventory, opened already if it was sealed.
 *
 * @throws LifeboatError `BACKUP_DAMAGED` for what is no inventory
 */
export async function* readInventory(body: AsyncIterable<Uint8Array>): AsyncGenerator<MediaRow, void, undefined> {
	let rest = '';
	const decoder = new TextDecoder();
	for await (const chunk of unseal(body)) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
		rest = lines.pop() ?? '';
		if (rest.length > LONGEST_LINE) throw damaged('a line without end');
		for (const line of lines) yield parseLine(line);
	}
	if (rest !== '') throw damaged('it ends within a line');
}

function parseLine(line: string): MediaRow {
	let parsed: unknown;
	try {
		parsed = JSON.parse(line);
	} catch (error) {
		throw damaged('a line that is not JSON', error);
	}
	const { table, url, pathname } = (parsed ?? {}) as Record<string, unknown>;
	const isText = (value: unknown): value is string | null => value === null || typeof value === 'string';
	if (typeof table !== 'string' || !isText(url) || !isText(pathname)) throw damaged('a line of another kind');
	return { table, url, pathname };
}

function damaged(why: string, cause?: unknown): LifeboatError {
	return new LifeboatError('BACKUP_DAMAGED', `the media inventory cannot be read: ${why}`, {
		hint: 'use that of another backup, or say --database',
		cause,
	});
}
