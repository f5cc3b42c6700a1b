import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request as it came. */
export interface Heard {
	readonly method: string;
	/** With its query. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

/** How a request is answered: by this status; not at all; by ending the connection. */
export type Manner = number | 'hang' | 'cut';

/** A server of somebody who is told things. */
export interface Listener {
	readonly url: string;
	/** In order of their coming. */
	readonly heard: Heard[];
	/** How the request is answered; 200 unless it is set otherwise. */
	manner: (heard: Heard) => Manner;
	close(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1, until the test ends. */
export async function givenListener(): Promise<Listener> {
	const heard: Heard[] = [];
	const server = createServer(async (request, response) => {
		const { method = '', url: path = '', headers } = request;
		const one = { method, path, headers, body: await text(request) };
		heard.push(one);
		const manner = listener.manner(one);
		if (manner === 'hang') return;
		if (manner === 'cut') request.socket.destroy();
		else response.writeHead(manner, manner >= 300 && manner < 400 ? { location: '/elsewhere' } : {}).end('ok');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as { port: number };
	const listener: Listener = {
		url: `http://127.0.0.1:${port}`,
		heard,
		manner: () => 200,
		close: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
	onTestFinished(() => listener.close());
	return listener;
}
