import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificate';

/** A way into a server, on a free port of 127.0.0.1. */
export interface Front {
	readonly port: number;
	close(): Promise<void>;
}

/** Speaks TLS on behalf of the plain server at `port`. */
export function startTlsFront(port: number, { cert, key }: Certificate): Promise<Front> {
	return start(
		(accept) => createTlsServer({ cert, key }, accept),
		port,
		(from, to) => void from.pipe(to),
	);
}

/** What passes a wire in one direction. */
export type Direction = 'asked' | 'answered';

/** Hands bytes on to `port` and back, and calls `passing` with each piece, which it may change, and where it begins. */
export function startWire(
	port: number,
	passing: (piece: Buffer, direction: Direction, start: number) => void,
): Promise<Front> {
	const passed = { asked: 0, answered: 0 };
	return start(createServer, port, (from, to, direction) => {
		from.on('data', (piece) => {
			passing(piece, direction, passed[direction]);
			passed[direction] += piece.length;
			to.write(piece);
		});
		from.on('end', () => to.end());
	});
}

async function start(
	listen: (accept: (socket: Socket) => void) => Server,
	port: number,
	join: (from: Socket, to: Socket, direction: Direction) => void,
): Promise<Front> {
	const open = new Set<Socket>();
	const server = listen((near) => {
		const far = connect(port, '127.0.0.1');
		for (const [socket, other] of [
			[near, far],
			[far, near],
		] as const) {
			open.add(socket);
			socket.on('error', () => other.destroy());
			socket.on('close', () => {
				open.delete(socket);
				other.destroy();
			});
		}
		join(near, far, 'asked');
		join(far, near, 'answered');
	});
	// A handshake that fails is the other side's to tell.
	server.on('tlsClientError', () => {});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		async close() {
			for (const socket of open) socket.destroy();
			await new Promise<void>((done) => server.close(() => done()));
		},
	};
}
