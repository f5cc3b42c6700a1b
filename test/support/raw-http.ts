import { connect } from 'node:net';
import { recordOutput } from './secrets';

/** Longest wait for an answer to end, in ms: machines are busy. */
const LIMIT_MS = 20_000;

export interface RawAnswer {
	/** 0: the connection was closed without one. */
	readonly status: number;
	/** Names in lower case; of several of a name, the last. */
	readonly headers: ReadonlyMap<string, string>;
	/** What follows the headers, put together if it came in chunks. */
	readonly text: string;
}

/**
 * Sends bytes to a server as they are, and reads the answer until the server closes the connection. Throws when that
 * takes too long: the server hangs.
 *
 * @param patienceMs after this time the connection's own half is ended, as what was sent may be no whole request
 */
export async function sendRaw(url: string, bytes: string, patienceMs = LIMIT_MS): Promise<RawAnswer> {
	const { hostname, port } = new URL(url);
	const chunks: Buffer[] = [];
	await new Promise<void>((done, fail) => {
		const socket = connect(Number(port), hostname);
		const patience = setTimeout(() => socket.end(), patienceMs);
		const timer = setTimeout(() => {
			socket.destroy();
			fail(new Error(`no end of an answer within ${LIMIT_MS} ms to ${JSON.stringify(bytes.slice(0, 500))}`));
		}, LIMIT_MS);
		socket.on('data', (chunk) => void chunks.push(chunk));
		// A server that has refused a request resets what is still being sent: what came before that is its answer.
		socket.on('error', () => {});
		socket.on('close', () => {
			clearTimeout(patience);
			clearTimeout(timer);
			done();
		});
		socket.write(bytes, 'latin1');
	});
	const all = Buffer.concat(chunks).toString('latin1');
	recordOutput('a raw answer', all);
	const answer = all.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
	const end = answer.indexOf('\r\n\r\n');
	const [first = '', ...lines] = answer.slice(0, end).split('\r\n');
	const pairs = lines.map((line): [string, string] => {
		const colon = line.indexOf(':');
		return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
	});
	const headers = new Map(pairs);
	const body = answer.slice(end + 4);
	const text = headers.get('transfer-encoding') === 'chunked' ? joined(body) : body;
	return { status: Number(first.split(' ')[1] ?? 0), headers, text };
}

function joined(chunked: string): string {
	let text = '';
	for (let rest = chunked; ; ) {
		const at = rest.indexOf('\r\n') + 2;
		const length = Number.parseInt(rest, 16);
		if (!(length > 0)) return text;
		text += rest.slice(at, at + length);
		rest = rest.slice(at + length + 2);
	}
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
