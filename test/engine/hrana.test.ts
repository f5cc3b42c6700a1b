import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { JSON_TEXT } from '../../lib/engine/libsql/hrana/json-encoding';
import { field, fieldsOf } from '../../lib/engine/libsql/hrana/protobuf';
import { PROTOBUF } from '../../lib/engine/libsql/hrana/protobuf-encoding';
import { openStream, Stream } from '../../lib/engine/libsql/hrana/stream';
import { askerOf } from '../../lib/engine/libsql/identity-fetch';
import { NotOfProtocol } from '../../lib/engine/libsql/not-of-protocol';
import { Fixtures } from '../support/fixtures';

const VALUES = `SELECT NULL, 0, -1, 9223372036854775807, -9223372036854775808, 4.5, -1e300, '', 'ä€😀', x'', x'00ff', 'a' || char(0)`;
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

const serverOf = (url: string) => ({ url, authToken: undefined, ask: askerOf(undefined) });
const steps = (...sqls: string[]) => sqls.map((sql) => ({ sql, args: [] }));

describe('a stream of a real server', () => {
	const fixtures = new Fixtures();
	let url: string;
	beforeAll(async () => {
		({ url } = await fixtures.sqld());
	});
	afterAll(() => fixtures.close());

	it.each([
		['protobuf', PROTOBUF],
		['JSON', JSON_TEXT],
	])('gives values of every kind, in %s', async (_, encoding) => {
		const stream = new Stream(serverOf(url), encoding);
		const [[row], bound] = (await stream.run([...steps(VALUES), { sql: 'SELECT ?, ?', args: ['x', 'ü'] }])) as [
			unknown[][],
			unknown[][],
		];
		const text = 'ä€😀';
		const expected = [null, 0n, -1n, MOST, LEAST, 4.5, -1e300, '', text, Buffer.alloc(0), Buffer.from([0, 255]), 'a\0'];
		expect(row).toEqual(expected);
		expect(bound).toEqual([['x', 'ü']]);
		stream.close();
	});

	it.each([
		['protobuf', PROTOBUF],
		['JSON', JSON_TEXT],
	])('keeps a transaction, fails as its first failing step does, and lives on, in %s', async (_, encoding) => {
		const stream = new Stream(serverOf(url), encoding);
		await stream.run(steps('BEGIN', 'CREATE TABLE kept(a)', 'INSERT INTO kept VALUES (1), (2)'));
		const failing = stream.run(steps('SELECT 1', 'SELECT * FROM nothing', 'DELETE FROM kept'));
		await expect(failing).rejects.toMatchObject({ code: expect.any(String), message: /no such table/ });
		expect(await stream.run(steps('SELECT count(*) FROM kept'))).toEqual([[[2n]]]);
		expect(await stream.run(steps('ROLLBACK'), { closes: true })).toEqual([[]]);
		await expect(stream.run(steps('SELECT 1'))).rejects.toMatchObject({ code: 'HRANA_CLOSED_ERROR' });
	});

	it('answers requests in their order, many made at once', async () => {
		const stream = await openStream(serverOf(url));
		expect(stream.encoding).toBe(PROTOBUF);
		const answers = Array.from({ length: 20 }, (_, nth) =>
			stream.run(steps(`SELECT ${nth}, zeroblob(${nth % 3 === 0 ? 2_000_000 : 10})`)),
		);
		for (const [nth, answer] of answers.entries()) expect((await answer)[0]?.[0]?.[0]).toBe(BigInt(nth));
		stream.close();
	});
});

describe('a stream', () => {
	const servers: Server[] = [];
	afterEach(() => {
		for (const server of servers.splice(0)) {
			server.close();
			server.closeAllConnections();
		}
	});

	async function serverThat(answers: (nth: number, request: IncomingMessage, response: ServerResponse) => unknown) {
		let nth = 0;
		const server = createServer((request, response) => void answers(nth++, request, response));
		servers.push(server);
		await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
		return serverOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	}

	/** An answer to one step without rows: the next baton, then the result, which has `padding` bytes more. */
	const answerOf = (baton: string, padding = 0) => {
		const batch = field(1, [field(1, [field(2, [])]), field(9, [Buffer.alloc(padding)])]);
		return Buffer.concat([field(1, baton), field(3, [field(1, [field(3, [batch])])])]);
	};

	it('sends the next request when the head of an answer has come, and the rest has not', async () => {
		const batons: string[] = [];
		let endFirst = () => {};
		const server = await serverThat(async (nth, request, response) => {
			const body = await buffer(request);
			for (const [number, value] of fieldsOf(body)) if (number === 1) batons.push(String(value));
			const answer = answerOf(`baton ${nth}`, nth === 0 ? 100_000 : 0);
			response.writeHead(200, { 'content-length': answer.length });
			if (nth > 0) return response.end(answer, endFirst);
			// Its second half comes after the second request: a stream that waits for it waits for ever.
			endFirst = () => response.end(answer.subarray(60_000));
			response.write(answer.subarray(0, 60_000));
		});
		const stream = new Stream(server, PROTOBUF);
		const done: number[] = [];
		await Promise.all([1, 2].map((nth) => stream.run(steps('SELECT 1')).then(() => done.push(nth))));
		expect(batons).toEqual(['baton 0']);
		expect(done.sort()).toEqual([1, 2]);
	});

	it('goes where an answer says, and is closed by one without a baton', async () => {
		const paths: (string | undefined)[] = [];
		const server = await serverThat(async (nth, request, response) => {
			paths.push(request.url);
			await buffer(request);
			const elsewhere = field(2, `http://${request.headers.host}/elsewhere/`);
			const result = field(3, [field(1, [field(3, [field(1, [])])])]);
			const places = [[field(1, 'b'), elsewhere], [field(1, 'c')], []];
			response.end(Buffer.concat([...(places[nth] ?? []), result]));
		});
		const stream = new Stream(server, PROTOBUF);
		for (let nth = 0; nth < 3; nth++)
			await expect(stream.run(steps('SELECT 1'))).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
		const elsewhere = '/elsewhere/v3-protobuf/pipeline';
		expect(paths).toEqual(['/v3-protobuf/pipeline', elsewhere, elsewhere]);
		await expect(stream.run(steps('SELECT 1'))).rejects.toMatchObject({ code: 'HRANA_CLOSED_ERROR' });
	});

	it('is closed by a failure, with which all fails that was asked behind it', async () => {
		let requests = 0;
		const server = await serverThat((_, __, response) => {
			requests++;
			response.writeHead(500).end();
		});
		const stream = new Stream(server, PROTOBUF);
		const [first, second] = [stream.run(steps('SELECT 1')), stream.run(steps('SELECT 2'))];
		await expect(first).rejects.toMatchObject({ status: 500 });
		await expect(second).rejects.toMatchObject({ status: 500 });
		expect(requests).toBe(1);
	});

	it('asks nothing of a server when it is closed before its first use', async () => {
		let requests = 0;
		const server = await serverThat((_, __, response) => {
			requests++;
			response.end();
		});
		const stream = await openStream(server);
		stream.close();
		await stream.server.ask({ url: server.url, method: 'GET', headers: new Headers(), body: [] });
		expect(requests).toBe(2);
	});

	it('takes no half of an answer for a whole one, wherever it is cut', () => {
		const asking = { baton: null, steps: steps('SELECT 1'), closes: false };
		const rows = Buffer.concat([
			field(1, [field(1, 'column')]),
			field(2, [field(1, [field(4, 'a value of some length')])]),
		]);
		const batch = [field(1, [field(2, [rows])])];
		const whole = Buffer.concat([field(1, 'b'), field(3, [field(1, [field(3, [field(1, batch)])])])]);
		const { outcomes } = PROTOBUF.decode(whole, asking);
		expect(outcomes).toEqual([{ rows: [['a value of some length']] }]);
		for (let length = 0; length < whole.length; length++)
			expect(() => PROTOBUF.decode(whole.subarray(0, length), asking), `${length} bytes`).toThrow(NotOfProtocol);
	});

	it.each([
		['nothing', ''],
		['another text', '<html>'],
		['null', 'null'],
		['no results', '{"baton":"b"}'],
		['results of nothing', '{"baton":"b","results":[{}]}'],
		[
			'a row that is none',
			'{"results":[{"response":{"result":{"step_results":[{"cols":[],"rows":[7]}],"step_errors":[]}}}]}',
		],
		[
			'a value of no kind',
			'{"results":[{"response":{"result":{"step_results":[{"cols":[1],"rows":[[{}]]}],"step_errors":[]}}}]}',
		],
		[
			'a real that is none',
			'{"results":[{"response":{"result":{"step_results":[{"cols":[1],"rows":[[{"type":"float","value":null}]]}],"step_errors":[]}}}]}',
		],
	])('refuses JSON of %s', (_, body) => {
		const asking = { baton: null, steps: steps('SELECT 1'), closes: false };
		expect(() => JSON_TEXT.decode(Buffer.from(body), asking)).toThrow(NotOfProtocol);
	});
});
