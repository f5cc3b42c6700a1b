/**
 * A slow network in front of a server, in a process of its own: what passes is delayed by half of a round trip, and by
 * a line of so many bytes a second in each direction. Delay takes nothing off the bandwidth. Started by network.ts.
 *
 *   slow-network.ts RTT_MS BYTES_PER_SECOND(0: no limit)
 */
import { connect, createServer, type Socket } from 'node:net';

/** How much of a connection is on its way at the most, in bytes: beyond it the sender waits, as for a TCP window. */
const WINDOW_BYTES = 32 * 1024 * 1024;

/** What the other process says: where to go from now on, counting from nothing; or to tell what has passed. */
export type Order = { readonly aim: number } | 'tell';
/** What has passed since it was aimed. */
export interface Passed {
	readonly asked: number;
	readonly answered: number;
	/** Of HTTP: chunks that begin like one. */
	readonly requests: number;
}
export type Told = { readonly port: number } | Passed;

const [rttMs = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number);
const lines = { asked: { freeMs: 0 }, answered: { freeMs: 0 } };
let passed = { asked: 0, answered: 0, requests: 0 };
let target = 0;

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
	const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
	for (const [socket, other] of [
		[near, far],
		[far, near],
	] as const) {
		socket.on('error', () => other.destroy());
		socket.on('close', (hadError) => hadError && other.destroy());
	}
	// The handshake of a connection takes a round trip before the first byte.
	passOn(near, far, 'asked', performance.now() + rttMs);
	passOn(far, near, 'answered', 0);
});

function passOn(from: Socket, to: Socket, direction: 'asked' | 'answered', openMs: number): void {
	const line = lines[direction];
	/** In the order in which it came; null: the end. */
	const queue: { readonly dueMs: number; readonly chunk: Buffer | null }[] = [];
	let onTheWay = 0;
	let timer: NodeJS.Timeout | null = null;
	const enter = (chunk: Buffer | null) => {
		line.freeMs = Math.max(performance.now(), openMs, line.freeMs);
		if (bytesPerSecond > 0) line.freeMs += ((chunk?.length ?? 0) / bytesPerSecond) * 1000;
		queue.push({ dueMs: line.freeMs + rttMs / 2, chunk });
		onTheWay += chunk?.length ?? 0;
		if (onTheWay + to.writableLength > WINDOW_BYTES) from.pause();
		deliver();
	};
	const deliver = () => {
		for (let next = queue[0]; next && next.dueMs <= performance.now(); next = queue[0]) {
			queue.shift();
			onTheWay -= next.chunk?.length ?? 0;
			if (next.chunk) to.write(next.chunk);
			else to.end();
		}
		if (from.isPaused() && onTheWay + to.writableLength < WINDOW_BYTES / 2) from.resume();
		if (!timer && queue[0]) {
			timer = setTimeout(() => {
				timer = null;
				deliver();
			}, queue[0].dueMs - performance.now());
		}
	};
	from.on('data', (chunk: Buffer) => {
		passed[direction] += chunk.length;
		if (direction === 'asked' && /^(GET|POST) \//.test(chunk.toString('latin1', 0, 6))) passed.requests++;
		enter(chunk);
	});
	from.on('end', () => enter(null));
	to.on('drain', deliver);
	to.on('close', () => {
		if (timer) clearTimeout(timer);
		// Closed in order, it may be while the other direction is still on its way.
		if (!to.writableFinished) from.destroy();
	});
}

process.on('message', (order: Order) => {
	if (order === 'tell') return void process.send?.(passed);
	target = order.aim;
	passed = { asked: 0, answered: 0, requests: 0 };
	process.send?.({ port: (server.address() as { port: number }).port });
});
// The benchmark is gone, however it ended.
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.('listening'));
