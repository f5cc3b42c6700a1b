import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BlobRefusal } from './blob-faults';

const MIN_PART_BYTES = 5 * 1024 * 1024;

/** Content on disk, in one file or several that follow on one another. */
interface Piece {
	readonly file: string;
	readonly bytes: number;
	readonly md5: string;
}

export interface BlobObject {
	readonly pathname: string;
	readonly pieces: readonly Piece[];
	readonly size: number;
	readonly etag: string;
	readonly contentType: string;
	readonly uploadedAt: Date;
	/** What the CDN still has, for whoever does not ask past it. */
	readonly cached?: BlobObject;
}

export interface WriteConditions {
	readonly allowOverwrite: boolean;
	readonly ifMatch: string | undefined;
}

interface Upload {
	readonly pathname: string;
	readonly parts: Map<number, Piece>;
}

/** The objects and unfinished uploads of a blob server: the rules of the store, without HTTP. */
export class BlobObjects {
	readonly objects = new Map<string, BlobObject>();
	readonly uploads = new Map<string, Upload>();
	#files = 0;

	constructor(
		readonly folder: string,
		readonly now: () => Date,
	) {}

	/** Brings a request's body to the disk. Nothing of it is visible. */
	async receive(body: Readable): Promise<Piece> {
		const file = this.#newFile();
		const hash = createHash('md5');
		let bytes = 0;
		const count = async function* (source: AsyncIterable<Buffer>) {
			for await (const chunk of source) {
				hash.update(chunk);
				bytes += chunk.byteLength;
				yield chunk;
			}
		};
		await pipeline(body, count, createWriteStream(file));
		return { file, bytes, md5: hash.digest('hex') };
	}

	/** Throws unless an object may be written. Checked early and again by `publish`, as the answer may change. */
	check(pathname: string, { allowOverwrite, ifMatch }: WriteConditions): void {
		const present = this.objects.get(pathname);
		if (ifMatch !== undefined && present?.etag !== ifMatch) {
			throw new BlobRefusal(412, 'precondition_failed', 'ETag mismatch');
		}
		if (present && !allowOverwrite) {
			const hint = 'use `allowOverwrite: true` if you want to overwrite it';
			throw new BlobRefusal(400, 'bad_request', `This blob already exists, ${hint}.`);
		}
	}

	publish(pathname: string, pieces: readonly Piece[], contentType: string, conditions: WriteConditions): BlobObject {
		this.check(pathname, conditions);
		const size = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
		const [only] = pieces;
		const joined = createHash('md5').update(pieces.map(({ md5 }) => md5).join());
		const etag = only && pieces.length === 1 ? `"${only.md5}"` : `"${joined.digest('hex')}-${pieces.length}"`;
		const { cached: _, ...present } = this.objects.get(pathname) ?? {};
		const cached = 'etag' in present ? (present as BlobObject) : undefined;
		const object = { pathname, pieces, size, etag, contentType, uploadedAt: this.now(), cached };
		this.objects.set(pathname, object);
		return object;
	}

	async copy(from: BlobObject): Promise<Piece[]> {
		return Promise.all(
			from.pieces.map(async (piece) => {
				const file = this.#newFile();
				await copyFile(piece.file, file);
				return { ...piece, file };
			}),
		);
	}

	createUpload(pathname: string): string {
		const id = randomBytes(8).toString('hex');
		this.uploads.set(id, { pathname, parts: new Map() });
		return id;
	}

	upload(id: string, pathname: string): Upload {
		const upload = this.uploads.get(id);
		if (upload?.pathname === pathname) return upload;
		throw new BlobRefusal(404, 'not_found', 'The specified upload does not exist');
	}

	/** The pieces of an upload, if the listed parts are ones that a store puts together. */
	piecesOf(id: string, pathname: string, listed: readonly { partNumber: number; etag: string }[]): Piece[] {
		const { parts } = this.upload(id, pathname);
		const pieces = listed.map(({ partNumber, etag }, index) => {
			const piece = parts.get(partNumber);
			if (partNumber !== index + 1) throw new BlobRefusal(400, 'bad_request', 'parts are not in order');
			if (!piece || etag !== `"${piece.md5}"`) throw new BlobRefusal(400, 'bad_request', 'no such part');
			return piece;
		});
		const [first] = pieces;
		if (!first) throw new BlobRefusal(400, 'bad_request', 'no parts');
		for (const { bytes } of pieces.slice(0, -1)) {
			if (bytes < MIN_PART_BYTES) throw new BlobRefusal(400, 'bad_request', 'a part is too small');
			if (bytes !== first.bytes) throw new BlobRefusal(400, 'bad_request', 'parts are not of one size');
		}
		if ((pieces.at(-1)?.bytes ?? 0) > first.bytes) throw new BlobRefusal(400, 'bad_request', 'the last part is larger');
		return pieces;
	}

	/** A page of names in order, with what comes after the cursor. */
	page(prefix: string, folded: boolean, limit: number, cursor: string | undefined) {
		const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString();
		const entries = new Map<string, BlobObject | null>();
		for (const [name, object] of [...this.objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
			if (!name.startsWith(prefix)) continue;
			const slash = folded ? name.indexOf('/', prefix.length) : -1;
			if (slash === -1) entries.set(name, object);
			else entries.set(name.slice(0, slash + 1), null);
		}
		const rest = [...entries].filter(([name]) => name > after);
		const page = rest.slice(0, limit);
		const last = page.at(-1)?.[0];
		const hasMore = rest.length > page.length && last !== undefined;
		return {
			blobs: page.flatMap(([, object]) => (object ? [object] : [])),
			folders: page.flatMap(([name, object]) => (object ? [] : [name])),
			hasMore,
			cursor: hasMore ? Buffer.from(last).toString('base64url') : undefined,
		};
	}

	/** The content of an object from its start, up to `limit` bytes. */
	async *read(object: BlobObject, limit = object.size): AsyncGenerator<Buffer, void> {
		let left = limit;
		for (const { file, bytes } of object.pieces) {
			if (left === 0) return;
			if (bytes === 0) continue;
			const end = Math.min(bytes, left) - 1;
			left -= end + 1;
			yield* createReadStream(file, { end });
		}
	}

	#newFile(): string {
		this.#files += 1;
		return join(this.folder, String(this.#files));
	}
}
