import { connect } from 'node:net';
import { recordOutput } from './secrets';

/** Longest wait for an answer to end, in ms: machines are busy. */
const LIMIT_MS = 20_000;

export interface RawAnswer {
	/** 0: the connection was closed without one. */
	readonly status: number;
	/** Names in lower case; of several of a name, the last. */
	readonly headers: ReadonlyMap<string, string>;
	/** What follows the headers, as it came. */
	readonly text: string;
}

/**
 * Sends bytes to a server as they are, ends the connection's own half, and reads the answer to its end. Throws when
 * that takes too long: the server hangs.
 */
export async function sendRaw(url: string, bytes: string | Buffer): Promise<RawAnswer> {
	const { hostname, port } = new URL(url);
	const chunks: Buffer[] = [];
	await new Promise<void>((done, fail) => {
		const socket = connect(Number(port), hostname);
		const timer = setTimeout(() => {
			socket.destroy();
			fail(new Error(`no end of an answer within ${LIMIT_MS} ms to ${JSON.stringify(String(bytes).slice(0, 500))}`));
		}, LIMIT_MS);
		socket.on('data', (chunk) => void chunks.push(chunk));
		// A server that has refused a request resets what is still being sent: what came before that is its answer.
		socket.on('error', () => {});
		socket.on('close', () => {
			clearTimeout(timer);
			done();
		});
		socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
	});
	const answer = Buffer.concat(chunks).toString('latin1');
	recordOutput('a raw answer', answer);
	const end = answer.indexOf('\r\n\r\n');
	const [first = '', ...lines] = answer.slice(0, end).split('\r\n');
	const pairs = lines.map((line): [string, string] => {
		const colon = line.indexOf(':');
		return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
	});
	return { status: Number(first.split(' ')[1] ?? 0), headers: new Map(pairs), text: answer.slice(end + 4) };
}

/** The bytes of a request. Characters are bytes: nothing is encoded, nothing is checked. */
export function rawRequest(
	method: string,
	target: string,
	headers: readonly (readonly [name: string, value: string])[] = [],
	body = '',
): string {
	const lines = [['host', 'localhost'], ['connection', 'close'], ...headers].map(
		([name, value]) => `${name}: ${value}\r\n`,
	);
	return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
