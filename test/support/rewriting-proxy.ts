import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A proxy in front of a real server. */
export interface RewritingProxy {
	readonly url: string;
	close(): Promise<void>;
}

/**
 * Hands requests on to the server at `target`, the SQL in them rewritten: the server's own answers are then those of
 * an engine that lacks a function, or computes it otherwise.
 */
export async function startRewritingProxy(target: string, rewrite: (sql: string) => string): Promise<RewritingProxy> {
	const server = createServer(async (request, response) => {
		// As a server that speaks version 2 of the protocol alone, which is JSON.
		if (request.method === 'GET') return void response.writeHead(404).end();
		const body = await text(request);
		const answer = await fetch(new URL(request.url ?? '/', target), {
			method: request.method,
			headers: { 'content-type': request.headers['content-type'] ?? '', 'accept-encoding': 'identity' },
			body: body === '' ? undefined : JSON.stringify(rewritten(JSON.parse(body), rewrite)),
		});
		response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
		response.end(Buffer.from(await answer.arrayBuffer()));
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () =>
			new Promise<void>((done) => {
				server.close(() => done());
				server.closeAllConnections();
			}),
	};
}

/** Every `sql` of a request of the Hrana protocol, as JSON, replaced. */
function rewritten(value: unknown, rewrite: (sql: string) => string): unknown {
	if (Array.isArray(value)) return value.map((item) => rewritten(item, rewrite));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => [
			key,
			key === 'sql' && typeof item === 'string' ? rewrite(item) : rewritten(item, rewrite),
		]),
	);
}
