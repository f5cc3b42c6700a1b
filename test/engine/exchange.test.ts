import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { exchange, NoAnswer } from '../../lib/engine/libsql/exchange';
import { NotOfProtocol } from '../../lib/engine/libsql/not-of-protocol';

const servers: Server[] = [];

/** A server that answers any request with these bytes, and does then what it is told with the connection. */
async function answering(bytes: string | Buffer, then: (socket: Socket) => void = () => {}): Promise<string> {
	const server = createServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', () => socket.write(bytes, () => then(socket)));
	});
	servers.push(server);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const ask = async (url: string) => {
	const asked = { url, method: 'POST', headers: new Headers(), body: [Buffer.from('x')] };
	const { status, body } = await exchange(asked, new AbortController().signal);
	return [status, Buffer.from(body).toString()];
};

describe('an exchange', () => {
	afterEach(() => {
		for (const server of servers.splice(0)) server.close();
	});

	it('takes an answer whole, its length told or not', async () => {
		expect(await ask(await answering('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole'))).toEqual([200, 'whole']);
		const chunks = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nwho\r\n2\r\nle\r\n0\r\n\r\n';
		expect(await ask(await answering(chunks))).toEqual([200, 'whole']);
		expect(await ask(await answering('HTTP/1.1 204 No Content\r\n\r\n'))).toEqual([204, '']);
		const toItsEnd = await answering('HTTP/1.1 200 OK\r\n\r\nwhole', (socket) => socket.end());
		expect(await ask(toItsEnd)).toEqual([200, 'whole']);
	});

	it('decodes what something between has encoded unasked', async () => {
		const body = gzipSync('whole');
		const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`;
		expect(await ask(await answering(Buffer.concat([Buffer.from(head), body])))).toEqual([200, 'whole']);
		const torn = await answering(Buffer.concat([Buffer.from(head), Buffer.alloc(body.length, 7)]));
		await expect(ask(torn)).rejects.toBeInstanceOf(NotOfProtocol);
		const odd = await answering('HTTP/1.1 200 OK\r\ncontent-encoding: zstd-9\r\ncontent-length: 1\r\n\r\nx');
		await expect(ask(odd)).rejects.toBeInstanceOf(NotOfProtocol);
	});

	it.each<[string, string, ((socket: Socket) => void)?]>([
		['is cut before its answer', '', (socket) => socket.resetAndDestroy()],
		['is ended before its answer', '', (socket) => socket.end()],
		[
			'is cut within its answer',
			'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf',
			(socket) => socket.resetAndDestroy(),
		],
		['is ended within its answer', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', (socket) => socket.end()],
		['gets garbage', 'SSH-2.0-OpenSSH\r\n'],
	])('that %s has no answer', async (_, bytes, then) => {
		await expect(ask(await answering(bytes, then))).rejects.toBeInstanceOf(NoAnswer);
	});

	it('that is to change its protocol has none', async () => {
		const url = await answering('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
		await expect(ask(url)).rejects.toBeInstanceOf(NotOfProtocol);
	});

	it('says why there is none', async () => {
		await expect(ask('http://127.0.0.1:1/')).rejects.toMatchObject({ message: 'ECONNREFUSED' });
		const plain = (await answering('HTTP/1.1 400 Bad Request\r\n\r\n')).replace('http:', 'https:');
		await expect(ask(plain)).rejects.toBeInstanceOf(NoAnswer);
	});
});
