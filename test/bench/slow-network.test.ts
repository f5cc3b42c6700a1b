import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { startNetwork } from './network';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

it.each([
	{ rttMs: 0, bytesPerSecond: 0 },
	{ rttMs: 30, bytesPerSecond: 0 },
	{ rttMs: 5, bytesPerSecond: 25_000_000 },
])('passes every byte in order both ways, and counts them: %o', async (slowness) => {
	const bytes = createHash('shake256', { outputLength: 3_000_000 }).update('bytes').digest();
	// Answers when it has heard the end: half of a connection outlives the other.
	const server = createServer({ allowHalfOpen: true }, (socket) => {
		const heard: Buffer[] = [];
		socket.on('data', (chunk) => heard.push(chunk));
		socket.on('end', () => socket.end(Buffer.concat([...heard, ...heard])));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => void server.close());
	const network = await startNetwork(slowness);
	onTestFinished(() => network.close());
	const near = await network.aim(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	const client = connect({ port: Number(new URL(near).port), host: '127.0.0.1', allowHalfOpen: true });
	client.end(Buffer.concat([Buffer.from('POST /'), bytes]));
	const answer = await buffer(client);
	expect(answer.length).toBe(2 * (bytes.length + 6));
	expect(sha256(answer.subarray(6, 6 + bytes.length))).toBe(sha256(bytes));
	expect(await network.passed()).toEqual({ asked: bytes.length + 6, answered: answer.length, requests: 1 });
});
