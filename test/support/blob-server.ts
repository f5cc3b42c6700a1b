import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import {
	type BlobFault,
	type BlobOperation,
	BlobRefusal,
	drain,
	FaultQueue,
	strikeBefore,
	strikeRead,
} from './blob-faults';
import { type BlobObject, BlobObjects, type WriteConditions } from './blob-objects';

export interface BlobServerOptions {
	readonly storeId?: string;
	/** The read-write token; its fourth piece must be `storeId`. */
	readonly token?: string;
	/** A second token that is let in when the request names the store: what OIDC does. */
	readonly oidcToken?: string;
	/** What the store is; private by default. */
	readonly access?: 'public' | 'private';
	/** Refuses every request with this code. */
	readonly refuseAll?: 'store_suspended' | 'store_not_found';
	/** Objects in a page of a list at most. */
	readonly pageObjects?: number;
	/** Its clock; the system's by default. */
	readonly now?: () => Date;
}

interface Call {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly url: URL;
	readonly fault: BlobFault | undefined;
}

const API = '/api/blob';
const READS = '/reads/';

/** Starts a private Vercel Blob store on 127.0.0.1, whose content is in a temporary folder until `close()`. */
export async function startBlobServer(options: BlobServerOptions = {}): Promise<BlobServer> {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-blob-'));
	const server = new BlobServer(folder, options);
	await server.listen();
	return server;
}

/** Speaks what `@vercel/blob` 2.8 speaks: its API below `/api/blob`, and reads below `/reads/<store>.<access>/`. */
export class BlobServer {
	readonly storeId: string;
	readonly token: string;
	/** Requests so far, those that a fault struck included. */
	readonly requests: Record<BlobOperation, number> = {
		put: 0,
		create: 0,
		part: 0,
		complete: 0,
		get: 0,
		head: 0,
		list: 0,
		delete: 0,
		copy: 0,
	};
	/** Reads that did not ask past the CDN's cache. */
	cachedReads = 0;
	/** Bytes of uploads that were answered with success. */
	acknowledgedBytes = 0;
	/** The most parts that were being uploaded at once. */
	mostPartsAtOnce = 0;
	/** Sizes of the parts that were uploaded, in order of their arrival. */
	readonly partBytes: number[] = [];

	readonly #options: BlobServerOptions;
	readonly #store: BlobObjects;
	readonly #faults = new FaultQueue();
	readonly #http: Server;
	#partsNow = 0;
	#before: NodeJS.ProcessEnv | undefined;

	constructor(folder: string, options: BlobServerOptions) {
		this.#options = options;
		this.storeId = options.storeId ?? 'teststore0000000';
		this.token = options.token ?? `vercel_blob_rw_${this.storeId}_notAsecret`;
		this.#store = new BlobObjects(folder, options.now ?? (() => new Date()));
		this.#http = createServer((request, response) => void this.#serve(request, response));
	}

	get #access(): 'public' | 'private' {
		return this.#options.access ?? 'private';
	}

	/** The origin, `http://127.0.0.1:<port>`. */
	get url(): string {
		return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
	}

	/** Variables for another process that is to use this store. */
	get env(): Record<string, string> {
		return {
			VERCEL_BLOB_API_URL: this.url + API,
			LIFEBOAT_TEST_BLOB_READS: this.url,
			NODE_OPTIONS: `--import=${new URL('redirect-blob-reads.mjs', import.meta.url).href}`,
			BLOB_READ_WRITE_TOKEN: this.token,
		};
	}

	/** Objects that are visible, in order of their names. */
	get objects(): readonly BlobObject[] {
		return this.#store.page('', false, Number.POSITIVE_INFINITY, undefined).blobs;
	}

	async listen(): Promise<void> {
		this.#http.listen(0, '127.0.0.1');
		await once(this.#http, 'listening');
	}

	/** Makes the SDK in this process use this store, until `close()`. */
	async connect(): Promise<void> {
		this.#before ??= { ...process.env };
		process.env.VERCEL_BLOB_API_URL = this.env.VERCEL_BLOB_API_URL;
		process.env.LIFEBOAT_TEST_BLOB_READS = this.env.LIFEBOAT_TEST_BLOB_READS;
		// @ts-expect-error plain JavaScript, as it is preloaded by Node without tsx
		await import('./redirect-blob-reads.mjs');
	}

	fault(fault: BlobFault): void {
		this.#faults.add(fault);
	}

	/** Holds the next such request until `release` is called; `reached` resolves when it has come. */
	hold(on: BlobOperation, name?: RegExp): { readonly reached: Promise<void>; release(): void } {
		let release = () => {};
		const until = new Promise<void>((resolve) => {
			release = resolve;
		});
		const reached = new Promise<void>((resolve) => {
			this.fault({ on, name, kind: 'hold', until, reached: resolve });
		});
		return { reached, release };
	}

	/** Puts an object there, over whatever has the name, as if it had been uploaded at `uploadedAt`. */
	async place(pathname: string, content: string | Buffer, uploadedAt = this.#store.now()): Promise<void> {
		const piece = await this.#store.receive(Readable.from([Buffer.from(content)]));
		const conditions = { allowOverwrite: true, ifMatch: undefined };
		const object = this.#store.publish(pathname, [piece], 'application/octet-stream', conditions);
		this.#store.objects.set(pathname, { ...object, uploadedAt });
	}

	/** Forgets all objects, but those of these names. */
	clear(...kept: readonly string[]): void {
		for (const { pathname } of this.objects) if (!kept.includes(pathname)) this.#store.objects.delete(pathname);
	}

	/** The whole content of an object. */
	async contentOf(pathname: string): Promise<Buffer> {
		const chunks: Buffer[] = [];
		for await (const chunk of this.#store.read(this.#find(pathname))) chunks.push(chunk);
		return Buffer.concat(chunks);
	}

	clearFaults(): void {
		this.#faults.clear();
	}

	/** Ends all connections and deletes the content. */
	async close(): Promise<void> {
		if (this.#before) {
			for (const name of ['VERCEL_BLOB_API_URL', 'LIFEBOAT_TEST_BLOB_READS']) {
				if (this.#before[name] === undefined) delete process.env[name];
				else process.env[name] = this.#before[name];
			}
		}
		this.#http.closeAllConnections();
		await new Promise((resolve) => this.#http.close(resolve));
		await rm(this.#store.folder, { recursive: true, force: true });
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		try {
			const url = new URL(request.url ?? '/', this.url);
			const operation = operationOf(request, url);
			this.requests[operation] += 1;
			const fault = this.#faults.next(operation, decodeURIComponent(url.searchParams.get('pathname') ?? url.pathname));
			if (fault && (await strikeBefore(fault, request))) return;
			const call = { request, response, url, fault };
			if (operation === 'get') return await this.#read(call);
			this.#authorize(request);
			const answer = await this.#answer(operation, call);
			if (fault?.kind === 'after') throw new BlobRefusal(500, 'internal_server_error', 'done, but not said');
			send(response, 200, answer);
		} catch (error) {
			if (response.destroyed) return;
			if (!(error instanceof BlobRefusal)) return send(response, 500, { error: { message: String(error) } });
			if (!request.readableEnded) await drain(request).catch(() => {});
			const { code, message } = error;
			send(response, error.status, code === undefined ? {} : { error: { code, message } }, error.headers);
		}
	}

	async #answer(operation: Exclude<BlobOperation, 'get'>, call: Call): Promise<unknown> {
		const { request, url } = call;
		switch (operation) {
			case 'put':
				return this.#put(call);
			case 'copy':
				return this.#copy(call);
			case 'create': {
				this.#store.check(pathnameOf(call), conditionsOf(request));
				return { key: pathnameOf(call), uploadId: this.#store.createUpload(pathnameOf(call)) };
			}
			case 'part':
				return this.#part(call);
			case 'complete': {
				const id = header(request, 'x-mpu-upload-id');
				const pieces = this.#store.piecesOf(id, pathnameOf(call), JSON.parse(await text(request)));
				const type = request.headers['x-content-type']?.toString() ?? 'application/octet-stream';
				const object = this.#store.publish(pathnameOf(call), pieces, type, conditionsOf(request));
				this.#store.uploads.delete(id);
				return this.#written(object);
			}
			case 'head':
				return this.#described(this.#find(url.searchParams.get('url') ?? ''));
			case 'list': {
				const asked = Number(url.searchParams.get('limit') ?? 1000);
				const page = this.#store.page(
					url.searchParams.get('prefix') ?? '',
					url.searchParams.get('mode') === 'folded',
					Math.min(asked, this.#options.pageObjects ?? 1000),
					url.searchParams.get('cursor') ?? undefined,
				);
				return { ...page, blobs: page.blobs.map((object) => this.#described(object)) };
			}
			case 'delete': {
				const { urls } = JSON.parse(await text(request)) as { urls: string[] };
				for (const name of urls) this.#store.objects.delete(this.#pathname(name));
				return null;
			}
		}
	}

	async #put(call: Call): Promise<unknown> {
		const { request, url } = call;
		const asked = header(request, 'x-vercel-blob-access');
		if (asked !== this.#access)
			throw new BlobRefusal(400, 'bad_request', `Cannot use ${asked} access on a ${this.#access} store`);
		const suffix = request.headers['x-add-random-suffix'] === '1' ? `-${Math.random().toString(36).slice(2)}` : '';
		const piece = await this.#store.receive(request);
		const pathname = (url.searchParams.get('pathname') ?? '') + suffix;
		const type = request.headers['x-content-type']?.toString() ?? 'application/octet-stream';
		const object = this.#store.publish(pathname, [piece], type, conditionsOf(request));
		this.acknowledgedBytes += piece.bytes;
		return this.#written(object);
	}

	async #part(call: Call): Promise<unknown> {
		const { request } = call;
		this.#partsNow += 1;
		this.mostPartsAtOnce = Math.max(this.mostPartsAtOnce, this.#partsNow);
		try {
			const upload = this.#store.upload(header(request, 'x-mpu-upload-id'), pathnameOf(call));
			const piece = await this.#store.receive(request);
			upload.parts.set(Number(header(request, 'x-mpu-part-number')), piece);
			this.partBytes.push(piece.bytes);
			this.acknowledgedBytes += piece.bytes;
			return { etag: `"${piece.md5}"` };
		} finally {
			this.#partsNow -= 1;
		}
	}

	async #copy(call: Call): Promise<unknown> {
		const from = this.#find(call.url.searchParams.get('fromUrl') ?? '');
		const pieces = await this.#store.copy(from);
		return this.#written(this.#store.publish(pathnameOf(call), pieces, from.contentType, conditionsOf(call.request)));
	}

	async #read({ request, response, url, fault }: Call): Promise<void> {
		const [host, ...rest] = url.pathname.slice(READS.length).split('/');
		const isPublic = this.#access === 'public';
		if (!isPublic && request.headers.authorization === undefined) return send(response, 401, 'Unauthorized');
		const isLetIn = isPublic || this.#isLetIn(request, true);
		if (this.#options.refuseAll || host !== `${this.storeId}.${this.#access}` || !isLetIn) {
			return send(response, 403, 'Forbidden');
		}
		const present = this.#store.objects.get(decodeURIComponent(rest.join('/')));
		const fresh = url.searchParams.get('cache') === '0' || (isPublic && url.searchParams.has('v'));
		if (!fresh) this.cachedReads += 1;
		const object = fresh ? present : (present?.cached ?? present);
		if (!object) return send(response, 404, 'Not Found');
		const headers = {
			etag: object.etag,
			'last-modified': object.uploadedAt.toUTCString(),
			'content-type': object.contentType,
			'cache-control': 'private, no-cache',
		};
		if (request.headers['if-none-match'] === object.etag) {
			response.writeHead(304, headers).end();
			return;
		}
		// Without a length, an end that comes too early looks like any other.
		const length: Record<string, number> = fault?.kind === 'short' ? {} : { 'content-length': object.size };
		response.writeHead(200, { ...headers, ...length });
		const broken = fault?.kind === 'cut' || fault?.kind === 'stall' || fault?.kind === 'short';
		const sound = this.#store.read(object, broken ? Math.floor(object.size / 2) : object.size);
		const content = fault?.kind === 'corrupt' ? corrupted(sound, Math.floor(object.size / 2)) : sound;
		// A reader that goes away in the midst of it is no failure of the server's.
		await pipeline(Readable.from(content), response, { end: false }).catch(() => response.destroy());
		if (!strikeRead(fault, response)) response.end();
	}

	#authorize(request: IncomingMessage): void {
		if (!this.#isLetIn(request, request.headers['x-vercel-blob-store-id'] === this.storeId)) {
			throw new BlobRefusal(403, 'forbidden', 'Access denied');
		}
		if (this.#options.refuseAll) throw new BlobRefusal(403, this.#options.refuseAll, 'This store is not available');
	}

	#isLetIn(request: IncomingMessage, namesStore: boolean): boolean {
		const { authorization } = request.headers;
		if (authorization === `Bearer ${this.token}`) return true;
		const { oidcToken } = this.#options;
		return oidcToken !== undefined && namesStore && authorization === `Bearer ${oidcToken}`;
	}

	#find(urlOrPathname: string): BlobObject {
		const found = this.#store.objects.get(this.#pathname(urlOrPathname));
		if (found) return found;
		throw new BlobRefusal(404, 'not_found', 'The requested blob does not exist');
	}

	#pathname(urlOrPathname: string): string {
		if (!/^https?:/.test(urlOrPathname)) return urlOrPathname;
		return decodeURIComponent(new URL(urlOrPathname).pathname.slice(1));
	}

	#written({ pathname, contentType, etag }: BlobObject) {
		const path = pathname.split('/').map(encodeURIComponent).join('/');
		const url = `https://${this.storeId}.${this.#access}.blob.vercel-storage.com/${path}`;
		const contentDisposition = `inline; filename="${pathname.split('/').at(-1)}"`;
		return { url, downloadUrl: `${url}?download=1`, pathname, contentType, contentDisposition, etag };
	}

	#described(object: BlobObject) {
		const { size, uploadedAt } = object;
		return { ...this.#written(object), size, uploadedAt, cacheControl: `${this.#access}, max-age=2592000` };
	}
}

/** Turns the lowest bit of the byte at `at`. */
async function* corrupted(content: AsyncIterable<Buffer>, at: number): AsyncGenerator<Buffer> {
	let offset = 0;
	for await (const chunk of content) {
		const inChunk = at - offset;
		offset += chunk.length;
		if (inChunk >= 0 && inChunk < chunk.length) chunk[inChunk] = (chunk[inChunk] as number) ^ 1;
		yield chunk;
	}
}

function operationOf(request: IncomingMessage, url: URL): BlobOperation {
	const path = url.pathname.startsWith(API) ? url.pathname.slice(API.length).replace(/\/$/, '') : url.pathname;
	if (url.pathname.startsWith(READS) && request.method === 'GET') return 'get';
	if (path === '' && request.method === 'PUT') return url.searchParams.has('fromUrl') ? 'copy' : 'put';
	if (path === '' && request.method === 'GET') return url.searchParams.has('url') ? 'head' : 'list';
	if (path === '/delete' && request.method === 'POST') return 'delete';
	const action = request.headers['x-mpu-action'];
	if (path === '/mpu' && action === 'create') return 'create';
	if (path === '/mpu' && action === 'upload') return 'part';
	if (path === '/mpu' && action === 'complete') return 'complete';
	throw new BlobRefusal(404, 'not_found', `nothing here: ${request.method} ${url.pathname}`);
}

function pathnameOf({ url }: Call): string {
	return url.searchParams.get('pathname') ?? '';
}

function conditionsOf(request: IncomingMessage): WriteConditions {
	const ifMatch = request.headers['x-if-match']?.toString();
	return { allowOverwrite: request.headers['x-allow-overwrite'] === '1', ifMatch };
}

function header(request: IncomingMessage, name: string): string {
	const value = request.headers[name];
	if (typeof value === 'string') return value;
	throw new BlobRefusal(400, 'bad_request', `the header ${name} is missing`);
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
	const json = typeof body === 'string' ? body : JSON.stringify(body);
	const type = typeof body === 'string' ? 'text/plain' : 'application/json';
	response.writeHead(status, { ...headers, 'content-type': type, 'content-length': Buffer.byteLength(json) });
	response.end(json);
}
