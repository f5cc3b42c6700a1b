import { createServer } from 'node:net';

/** Below the ports that systems give out: nobody takes one while its server is down. */
const FIRST_PORT = 16_000;
const PORTS_A_WORKER = 2_000;
let lastPort = process.pid % PORTS_A_WORKER;

/** A port of this test worker's own. */
export async function freePort(): Promise<number> {
	const worker = Number(process.env.VITEST_POOL_ID ?? 0) % 7;
	for (let nth = 0; nth < PORTS_A_WORKER; nth++) {
		lastPort = (lastPort + 1) % PORTS_A_WORKER;
		const port = FIRST_PORT + worker * PORTS_A_WORKER + lastPort;
		if (await isFree(port)) return port;
	}
	throw new Error('no port is free');
}

function isFree(port: number): Promise<boolean> {
	return new Promise((done) => {
		const server = createServer().once('error', () => done(false));
		server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
	});
}
